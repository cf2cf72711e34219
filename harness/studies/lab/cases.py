"""What each op is tried on: odd shapes, other settings, a batch of one, ties and zeros, large values, an offset."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, islice, pairwise
from typing import Any

import numpy as np

from backends import numpy_manual
from backends.contract import Array
from backends.deferred import computed, of_given
from backends.numpy_manual.kinks import KINKS
from backends.op_inputs import gradients_above, inputs_of, with_gradient

ODD, SETTINGS, ONE, TIES, LARGE, OFFSET = (
    "odd shapes",
    "other settings",
    "a batch of one",
    "ties and exact zeros",
    "large values",
    "far from zero",
)
DRAWS = 60
"""From so many random inputs of an op the cases are chosen."""
LARGEST = 400
"""The most elements of an input."""
SIZES = (1000.0, 30.0, 10.0)
"""How many times the usual inputs the large ones are, the first for which nothing overflows."""
EVERY = 3
"""Every third element is put at a kink, or made equal to another input's."""
BESIDE = 2.0**-24
"""How far beside a kink the elements next to it are put, at least: float32 has to tell them from the kink."""
MOST_SETTINGS = 6
"""The most cases with other settings."""
FAR = 100.0
"""What is added to the usual inputs to bring them far from zero."""


@dataclass(frozen=True)
class Case:
    """One call of an op, with the gradients that arrive at its outputs."""

    name: str
    inputs: tuple[Array, ...]
    """Floats as float64, of which every dtype of a run makes its own; labels as integers."""
    settings: Mapping[str, Any]
    above: tuple[Array, ...]

    def of_dtype(self, dtype: str) -> "Case":
        """The same with arrays of its own in a dtype."""
        inputs, above = (
            tuple(np.array(array, dtype if array.dtype.kind == "f" else array.dtype) for array in arrays)
            for arrays in (self.inputs, self.above)
        )
        return Case(self.name, inputs, dict(self.settings), above)


@cache
def cases_of(op: str) -> tuple[Case, ...]:
    """The cases that an op is tried on, always the same. Raises LookupError for an op that has no inputs."""
    draws = [inputs_of(op, np.random.RandomState(seed)) for seed in range(DRAWS)]
    small = [(inputs, settings) for inputs, settings in draws if max(x.size for x in inputs) <= LARGEST]
    drawn = sorted(small, key=lambda each: _oddness(each[0]), reverse=True)
    odd = drawn[0]
    found = [
        _case(op, ODD, *odd),
        *(_case(op, SETTINGS, *each) for each in _of_other_forms(drawn)),
        _first(_case(op, ONE, *each) for each in drawn if _is_one_example(each[0])),
        _first(_case(op, TIES, each, odd[1]) for each in _with_ties(op, *odd)),
        _first(
            _case(op, LARGE, _changed(op, odd[0], lambda x, size=size: size * x), odd[1])  # type: ignore[misc]
            for size in SIZES
        ),
        _case(op, OFFSET, _changed(op, odd[0], lambda x: x + FAR), odd[1]),
    ]
    return tuple(case for case in found if case is not None)


def _of_other_forms(
    drawn: Sequence[tuple[list[Array], dict[str, Any]]],
) -> Iterator[tuple[list[Array], dict[str, Any]]]:
    """Calls that have what the first one and those before have not, the most of it first."""
    seen = _form(*drawn[0])
    for _ in range(MOST_SETTINGS):
        most = max(drawn, key=lambda each: len(_form(*each) - seen))
        if not _form(*most) - seen:
            return
        seen |= _form(*most)
        yield most


def _first(candidates: Iterator[Case | None]) -> Case | None:
    """The first of some candidates that is a case."""
    return next((case for case in islice(candidates, DRAWS) if case is not None), None)


def _case(op: str, name: str, inputs: Sequence[Array], settings: Mapping[str, Any]) -> Case | None:
    """The case, or None where the op has no finite result or no finite gradient in float32."""
    function = getattr(numpy_manual, op)
    single = [x.astype(np.float32) if x.dtype.kind == "f" else x for x in inputs]
    exact = tuple(np.asarray(x, np.float64 if x.dtype.kind == "f" else x.dtype) for x in single)
    try:
        with np.errstate(all="ignore"):
            result, backward = function(*single, **settings)
            outputs = result if isinstance(result, tuple) else (result,)
            above = gradients_above(op, outputs, np.random.RandomState(1), "float32")
            gradients = [computed(each) for each in of_given(backward(*above), len(inputs))]
    except ValueError:  # the op refuses such inputs
        return None
    arrays = [*outputs, *(each for each in gradients if each is not None)]
    if not all(np.isfinite(array).all() for array in arrays):
        return None
    return Case(name, exact, settings, tuple(np.asarray(each, np.float64) for each in above))


def _oddness(inputs: Sequence[Array]) -> tuple[int, int, int, int]:
    """How well shapes tell axes apart: no axis of length 1, many inputs, many different lengths, many elements."""
    lengths = [length for x in inputs for length in x.shape]
    return -lengths.count(1) - 2 * lengths.count(0), len(inputs), len(set(lengths)), inputs[0].size


def _form(inputs: Sequence[Array], settings: Mapping[str, Any]) -> frozenset[Any]:
    """What makes two calls different ones, apart from their numbers: settings, and how many inputs of which kind.

    Of two settings, also which of them are on, such as a padding and whether it counts, and beside which others.
    """
    kinds = "".join(x.dtype.kind for x in inputs)
    given = {(name, "given" if _is_number(value) else value) for name, value in settings.items()}
    switches = [(name, bool(np.any(value))) for name, value in settings.items() if isinstance(value, int | tuple)]
    pairs = {(frozenset(settings), *pair) for pair in combinations(switches, 2)}
    return frozenset({("inputs", kinds), *given, *pairs})


def _is_number(value: Any) -> bool:
    """Whether a setting is a real number, or several."""
    return isinstance(value, float) or (isinstance(value, tuple) and any(isinstance(each, float) for each in value))


def _is_one_example(inputs: Sequence[Array]) -> bool:
    first = inputs[0].shape
    return len(first) > 1 and first[0] == 1 and max(first) > 1


def _with_ties(op: str, inputs: Sequence[Array], settings: Mapping[str, Any]) -> Iterator[list[Array]]:
    """Inputs with equal elements, exact zeros and elements at the op's kinks; then without the zeros."""
    kinks = [float(settings[at]) if isinstance(at, str) else at for at in KINKS.get(op, ())]
    first = _changed(op, inputs, lambda x: np.clip(np.round(x), -1, 1))
    for number, kink in enumerate(kinks):
        first[0].flat[number::EVERY] = kink
        first[0].flat[number + EVERY :: 2 * EVERY] = kink + max(BESIDE, 2 * float(np.spacing(np.float32(abs(kink)))))
    alike = [x for x, has_it in zip(first, with_gradient(op, first), strict=True) if has_it]
    for one, other in pairwise(alike):
        if one.shape == other.shape:
            other.flat[::EVERY] = one.flat[::EVERY]
    yield first
    yield [np.where(x == 0, 0.5, x) if x.dtype.kind == "f" else x for x in first]


def _changed(op: str, inputs: Sequence[Array], change: Callable[[Array], Array]) -> list[Array]:
    """The inputs that have a gradient changed, the others as they are; all of them arrays of their own."""
    return [
        np.array(change(x)) if has_it else np.array(x)
        for x, has_it in zip(inputs, with_gradient(op, inputs), strict=True)
    ]
