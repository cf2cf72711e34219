"""Finds what a run uses of its backends' normalisations, and takes them back where a run is to go without them."""

from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any

from backends.contract import Program
from backends.normalisation import Normalisation
from harness.recording.loading import LoadedBackend
from harness.results import Normalised


def used_normalisations(backends: Sequence[LoadedBackend], program: Program, *, as_is: bool) -> list[Normalised]:
    """What each backend does otherwise than its framework in the ops and rules of a program, in the program's order.

    With `as_is` those are marked that the framework's own function stands in for.
    """
    return [
        Normalised(
            backend=backend.name,
            op=op,
            how=normalisation.how,
            differences=list(normalisation.differences),
            as_it_comes=as_is and normalisation.as_it_comes is not None,
        )
        for backend in backends
        for op, normalisation in _used(backend, program)
    ]


def as_it_comes(backend: LoadedBackend) -> LoadedBackend:
    """The same backend with its framework's own functions where it has normalised ones."""
    own = {id(n.function): n.as_it_comes for n in _normalisations(backend) if n.as_it_comes is not None}
    module = ModuleType(backend.name)
    vars(module).update({name: own.get(id(value), value) for name, value in vars(backend.module).items()})
    return LoadedBackend(backend.name, module)


def _used(backend: LoadedBackend, program: Program) -> Iterator[tuple[str, Normalisation]]:
    by_function: dict[Callable[..., Any], Normalisation] = {n.function: n for n in _normalisations(backend)}
    for op in dict.fromkeys([*(call.op for call in program.calls), *(rule.op for rule in program.rules)]):
        normalisation = by_function.get(getattr(backend.module, op))
        calls = [call for call in program.calls if call.op == op]
        if normalisation is not None and (
            not calls
            or any(normalisation.matters(call.settings, [program.shapes[x] for x in call.inputs]) for call in calls)
        ):
            yield op, normalisation


def _normalisations(backend: LoadedBackend) -> Sequence[Normalisation]:
    return getattr(backend.module, "NORMALISATIONS", ())
