"""Certifies a live model's pass, op by op: from what was captured, within bounds on rounding."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from backends.capture.calls import LiveCall, Pass
from backends.contract import Array, Program, RuleCall, Step
from backends.translating.ties import AT_TIES
from backends.vocabulary import DETACHING
from harness.capturing.translated import OPAQUE, Translated
from harness.certifying.certificate import Certificate, Failure
from harness.certifying.certifier import Certifier
from harness.numerics.bounds.bounds import Unsupported
from harness.recording.loading import LoadedBackend, load_backend
from harness.running.updates import Update

NO_UPDATE = RuleCall("sgd", {"lr": 0.0})
"""A program has an optimizer; that of a live model is compared and not certified."""
FindOp = Callable[[str], Callable[..., Any]]


@dataclass(frozen=True)
class CertifiedPass:
    """What the checks of one pass say."""

    certificate: Certificate
    certified: int
    """How many of the model's calls were certified."""
    opaque: int
    """How many have no translation into ops; no check could say anything of them."""
    failures: list[tuple[LiveCall, Failure]]
    """The first failed check of each op and phase, with the model's call that it belongs to."""


def certify_pass(
    translated: Translated, captured: Pass, framework: str, find_op: FindOp, after: Mapping[str, Array]
) -> CertifiedPass:
    """Check every result, and every gradient that arrived, against the hand-written ops on what was captured.

    after: the model's buffers after the update, by name. All arrays are float64.
    """
    program = _program(translated, captured)

    def find_op_or_refuse(name: str) -> Callable[..., Any]:
        return _refuse if name == OPAQUE else find_op(name)

    certifier = Certifier(_as_it_comes(load_backend(framework)), program, "float64", find_op_or_refuse)
    certifier.observe(_update(translated, captured, after))
    certificate = certifier.seen()
    calls = {id(each.live): each for each in translated.calls}
    lives = {name: each.live for each in translated.calls for name in each.call.outputs}
    failures = [(lives[failure.node.call or program.loss], failure) for failure in certificate.failures.values()]
    opaque = sum(each.call.op == OPAQUE for each in calls.values())
    return CertifiedPass(certificate, len(calls) - opaque, opaque, failures)


def _refuse(*inputs: Any, **settings: Any) -> Any:
    raise Unsupported("the call has no translation")


def _as_it_comes(backend: LoadedBackend) -> LoadedBackend:
    """A framework's backend that may also compute what the framework's own functions do at ties."""
    formulas = {**getattr(backend.module, "FORMULAS", {}), **AT_TIES.get(backend.name, {})}
    return replace(backend, module=SimpleNamespace(**{**vars(backend.module), "FORMULAS": formulas}))


def _program(translated: Translated, captured: Pass) -> Program:
    calls = tuple(each.call for each in translated.calls)
    weights = _weights(translated, captured)
    differentiable = {*weights}
    for call in calls:
        if differentiable & {*call.inputs} and call.op not in DETACHING:
            differentiable.update(name for name in call.outputs if translated.arrays[name].dtype.kind == "f")
    kept = [name for name in translated.of_role("weight", "buffer", "frozen") if name not in weights]
    return Program(
        calls=calls,
        data=tuple(translated.of_role("data")),
        weights=weights,
        loss=translated.loss,
        optimizer=NO_UPDATE,
        shapes={name: array.shape for name, array in translated.arrays.items()},
        differentiable=frozenset(differentiable),
        buffers={name: translated.arrays[name] for name in kept},
        carried={name: translated.carried.get(name, name) for name in kept},
        first_state={name: {} for name in weights},
    )


def _weights(translated: Translated, captured: Pass) -> tuple[str, ...]:
    """The weights that have a gradient; another one, such as that of an older network for targets, is a constant."""
    with_gradient = {*captured.weights.values()} & captured.gradients.keys()
    numbers = {name for number, name in translated.names.items() if number in with_gradient}
    return tuple(name for name in translated.of_role("weight") if name in numbers)


def _update(translated: Translated, captured: Pass, after: Mapping[str, Array]) -> Update:
    """The pass as an update, whose step has what was captured and no more."""
    made = {name for each in translated.calls for name in each.call.outputs}
    numbers: dict[str, int] = {}
    for number, name in translated.names.items():
        numbers.setdefault(name, number)  # what passes a tensor on has its name, and only the tensor its whole gradient
    gradients = {name: captured.gradients[n] for name, n in numbers.items() if n in captured.gradients}
    weights = _weights(translated, captured)
    leaves = {name: translated.arrays[name] for name in translated.leaves}
    return Update(
        number=1,
        data={name: leaves[name] for name in translated.of_role("data")},
        weights={name: leaves[name] for name in weights},
        state={name: leaves[name] for name in translated.of_role("weight", "buffer", "frozen") if name not in weights},
        step=Step(
            loss=captured.arrays[captured.loss],
            weights={},
            grads={name: gradients[name] for name in weights if name in gradients},
            state={
                name: after[leaf.source]
                for name, leaf in translated.leaves.items()
                if leaf.role == "buffer" and leaf.source in after
            },
            values={name: captured.arrays[n] for name, n in numbers.items() if name in made},
            value_grads={name: array for name, array in gradients.items() if name in made - translated.used_inside},
        ),
    )
