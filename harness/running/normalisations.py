"""Finds what a run uses of its backends' normalisations, and takes them back where a run is to go without them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
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


def as_it_comes(backend: LoadedBackend, program: Program) -> LoadedBackend:
    """The same backend with its framework's own functions where the program uses normalised ones."""
    own = {op: n.as_it_comes for op, n in _used(backend, program) if n.as_it_comes is not None}
    module = ModuleType(backend.name)
    vars(module).update(vars(backend.module) | own)
    return LoadedBackend(backend.name, module)


def _used(backend: LoadedBackend, program: Program) -> Iterator[tuple[str, Normalisation]]:
    by_function: dict[Callable[..., Any], Normalisation] = {
        n.function: n for n in getattr(backend.module, "NORMALISATIONS", ())
    }
    called: dict[str, list[tuple[Mapping[str, Any], list[tuple[int, ...]]]]] = {}
    for call in program.calls:
        called.setdefault(call.op, []).append((call.settings, [program.shapes[name] for name in call.inputs]))
    for rule in program.rules:
        called.setdefault(rule.op, []).append((rule.given_settings, []))
    for op, calls in called.items():
        normalisation = by_function.get(getattr(backend.module, op))
        if normalisation is not None and any(normalisation.matters(*call) for call in calls):
            yield op, normalisation
