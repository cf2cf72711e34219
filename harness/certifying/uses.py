"""What a bound was computed from: the calls and rules that contribute to a tensor, with their recorded inputs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from backends.contract import Array, Node
from harness.certifying.counting import Counting
from harness.numerics.bounds.bounded import Bounded
from harness.numerics.rounding import Arithmetic

Formulas = Mapping[str, Callable[..., Any]]
"""Hand-written ops and the optimizer's rule, by name."""


NamedArrays = Sequence[tuple[str, Array]]


@dataclass(frozen=True)
class Use:
    """One call that contributes to an expected tensor."""

    op: str
    inputs: NamedArrays
    """One per parameter, under the name that results have for it; a tensor that is passed twice is here twice."""
    settings: Mapping[str, Any]
    arriving: NamedArrays = ()
    """In the backward pass, the gradient of each output."""
    call: str = ""
    """The call by its first output; empty for a rule."""
    of_other_groups: Sequence[tuple[str, Mapping[str, Any]]] = ()
    """Of a rule: the settings that differ for other weights, each time with the words that say for which."""
    counting: Counting | None = None
    """Of a schedule or an optimizer: how it counts."""
    starting: Mapping[str, float] = field(default_factory=dict)
    """Of an optimizer at its first step: the inputs that are its state, and the number that each starts at."""
    setting_names: Mapping[str, str] = field(default_factory=dict)
    """What settings are called in messages, if not by their own names."""

    @property
    def arrays(self) -> list[Array]:
        """Everything that goes in."""
        return [array for _, array in (*self.inputs, *self.arriving)]

    def copy(self) -> "Use":
        """The same with arrays of its own: a backend may write its next step into the recorded ones."""
        inputs, arriving = (
            tuple((name, np.array(array)) for name, array in arrays) for arrays in (self.inputs, self.arriving)
        )
        return replace(self, inputs=inputs, arriving=arriving)


UseMaker = Callable[[], Use]
"""Describes a use when somebody asks: few do, as most tensors are right."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """A tensor that the backend should have recorded, within bounds; the bound is None if an op has none."""

    node: Node
    bound: Bounded | None
    makers: tuple[UseMaker, ...]
    refusal: str = ""
    """Why there is no bound."""

    @property
    def uses(self) -> tuple[Use, ...]:
        """What it is computed from, with the recorded arrays themselves; valid as long as the update is."""
        return tuple(make() for make in self.makers)

    def may_overflow(self, constants: Arithmetic) -> bool:
        """Whether it comes from numbers whose cubes are infinite.

        In a diverging run, different correct formulas of an op overflow at different sizes.
        """
        arrays = (array for use in self.uses for array in use.arrays if array.dtype.kind == "f")
        return any(float(np.max(np.abs(array), initial=0)) > constants.cubable for array in arrays)


CallBounds = tuple[Sequence[Bounded | None], str]
"""The bounds of what one call or rule computes, and why there are none."""


class Leaving(NamedTuple):
    """What one call contributes to a gradient, and why there is no bound; or an empty text."""

    bound: Any
    arriving: Mapping[str, Any]
    """The gradients of the call's outputs."""
    refusal: str
