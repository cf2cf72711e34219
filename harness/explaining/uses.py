"""The calls that compute a tensor, with the names that reports give to their inputs, and how to run them again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from backends.contract import Array, Node
from backends.deferred import computed as computed_gradient
from harness.certifying.counting import Counting
from harness.certifying.uses import Use
from harness.numerics.written.comparisons import Recorded
from harness.numerics.written.nodes import Input, Setting
from harness.numerics.written.written import Written
from harness.results import Phase

Op = Callable[..., Any]


@dataclass(frozen=True)
class NamedUse:
    """One call of an op or an optimizer's rule that contributes to a tensor."""

    op: Op
    inputs: Sequence[tuple[str, Array]]
    """Names and recorded arrays in the order of the op's parameters; a name may come twice."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    arriving: Sequence[tuple[str, Array]] = ()
    """Backward: names and recorded gradients of the outputs."""
    positions: Sequence[int] = (0,)
    """For a gradient: the positions of its tensor among the inputs. Otherwise: the position among the results."""
    call: str = ""
    """The name of the call: its first output."""
    of_other_groups: Sequence[tuple[str, Mapping[str, Any]]] = ()
    """Of a rule: the settings that differ for other weights, each time with the words that say for which."""
    counting: Counting | None = None
    """Of a schedule or an optimizer: how it counts."""
    starting: Mapping[str, float] = field(default_factory=dict)
    """Of an optimizer at its first step: the inputs that are its state, and the number that each starts at."""
    setting_names: Mapping[str, str] = field(default_factory=dict)
    """What settings are called in messages and where they are written out, if not by their own names."""

    def setting_name(self, name: str) -> str:
        """What a setting is called for people."""
        return self.setting_names.get(name, name)

    @property
    def arrays(self) -> dict[str, Array]:
        """All inputs and arriving gradients by name."""
        return {name: np.asarray(array) for name, array in (*self.inputs, *self.arriving)}

    def with_arrays(self, arrays: Mapping[str, Array]) -> NamedUse:
        """The same call with some of its arrays replaced."""
        return replace(
            self,
            inputs=[(name, arrays.get(name, array)) for name, array in self.inputs],
            arriving=[(name, arrays.get(name, array)) for name, array in self.arriving],
        )


def named_use(node: Node, use: Use, op: Op, position: int) -> NamedUse:
    """A use with its hand-written op. Unless the tensor is a gradient, `position` is its place among the results."""
    positions = [position]
    if node.kind == "gradient":
        positions = [i for i, (name, _) in enumerate(use.inputs) if name == node.of] or [0]
    return NamedUse(
        op,
        use.inputs,
        use.settings,
        use.arriving,
        positions,
        use.call,
        use.of_other_groups,
        counting=use.counting,
        starting=use.starting,
        setting_names=use.setting_names,
    )


def counts(uses: Sequence[NamedUse]) -> dict[int, str]:
    """Counts above 2 of elements, rows, columns … of the input arrays, and what each of them counts."""
    meanings: dict[int, str] = {}
    for name, array in ((name, array) for use in uses for name, array in use.arrays.items()):
        for length in dict.fromkeys(array.shape):
            axes = [axis for axis, other in enumerate(array.shape) if other == length]
            meanings.setdefault(length, _length(name, array.ndim, axes))
        if array.ndim > 1:
            meanings.setdefault(array.size, f"the number of elements of {name}")
        for axis, length in enumerate(array.shape) if array.ndim > 2 and array.size else ():
            meanings.setdefault(array.size // length, f"the number of elements of {name} at each place of axis {axis}")
    return {count: what for count, what in meanings.items() if count > 2}


def _length(name: str, dimensions: int, axes: Sequence[int]) -> str:
    if dimensions == 2:
        return f"the number of {' or '.join(('rows', 'columns')[axis] for axis in axes)} of {name}"
    return f"the length of {name}'s {'axis' if len(axes) == 1 else 'axes'} {', '.join(map(str, axes))}"


def computed(phase: Phase, uses: Sequence[NamedUse]) -> Array:
    """Run the hand-written op in float64 and sum the result over the uses. Raises what the op raises."""

    def in_float64(_: str, array: Array) -> Array:
        return array.astype(np.float64, copy=False) if array.dtype.kind == "f" else array

    result = sum(_results(phase, uses, in_float64, lambda use: dict(use.settings)))
    return np.asarray(result).astype(np.float64, casting="same_kind", copy=False)  # no root of a number below 0


def computed_or_none(phase: Phase, uses: Sequence[NamedUse]) -> Array | None:
    """The same for inputs or settings that were not recorded; None if the op rejects them."""
    try:
        return computed(phase, uses)
    except Exception:
        return None


def written(phase: Phase, uses: Sequence[NamedUse], dtype: str) -> Written:
    """Run the hand-written op on arrays that record their computation, and sum the result over the uses."""
    inputs: dict[tuple[str, int], Written] = {}

    moves_integers = all(np.asarray(array).dtype.kind != "f" for use in uses for _, array in use.inputs)

    def remembered(name: str, array: Array) -> Any:
        if moves_integers:
            array = array.astype(np.float64)
        elif array.dtype.kind != "f":
            return Recorded.of(name, array)
        return inputs.setdefault((name, id(array)), Written(Input(name, array), dtype))

    first, *further = _results(phase, uses, remembered, _named_settings)
    for result in further:
        first = first + result
    return first  # type: ignore[no-any-return]


def _results(
    phase: Phase,
    uses: Sequence[NamedUse],
    take: Callable[[str, Array], Any],
    settings: Callable[[NamedUse], dict[str, Any]],
) -> list[Any]:
    """The result of each use or, in the backward, the gradients that it returns."""
    results: list[Any] = []
    for use in uses:
        result = use.op(*[take(name, np.asarray(array)) for name, array in use.inputs], **settings(use))
        if phase == "backward":
            leaving = result[1](*[take(name, np.asarray(array)) for name, array in use.arriving])
            results += [computed_gradient(leaving[i]) for i in use.positions]
            continue
        outputs = result if phase in ("update", "state") else result[0]
        results.append(outputs[use.positions[0]] if isinstance(outputs, tuple) else outputs)
    return results


def _named_settings(use: NamedUse) -> dict[str, Any]:
    return {
        name: Setting(use.setting_name(name), value, changes=name == "t") if isinstance(value, float) else value
        for name, value in use.settings.items()
    }
