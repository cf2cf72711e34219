"""A live model's pass in the ops of the scenario language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from backends.capture.calls import LiveCall
from backends.contract import Array, Call

OPAQUE = "opaque"
"""Stands for an op where a call has no translation."""
Role = Literal["data", "weight", "frozen", "buffer"]


@dataclass(frozen=True)
class Leaf:
    """A tensor that the program starts from."""

    role: Role
    arrays: Sequence[Array]
    """One for each pass; of what does not change from pass to pass, the first alone."""
    source: str
    """The model's name of a weight or a buffer; empty for data and constants."""


@dataclass(frozen=True)
class TranslatedCall:
    """A call of an op, and the model's call that it is a part of."""

    call: Call
    live: LiveCall


@dataclass(frozen=True)
class Refusal:
    """A call that has no translation."""

    live: LiveCall
    reason: str

    def __str__(self) -> str:
        return f"{self.live}: {self.reason}"


@dataclass(frozen=True)
class Translated:
    """All calls of a pass that lead to its loss."""

    calls: Sequence[TranslatedCall]
    """A call without a translation is an OPAQUE one."""
    leaves: Mapping[str, Leaf]
    loss: str
    carried: Mapping[str, str]
    """For each buffer that the pass changes, the tensor that is its next value."""
    names: Mapping[int, str]
    """The names of the pass's tensors, by their numbers in it."""
    arrays: Mapping[str, Array]
    """Every tensor of the first pass, as the hand-written ops compute it from what was captured."""
    refusals: Sequence[Refusal]
    used_inside: frozenset[str]
    """The tensors that the model's call which gives them uses, too: what was captured of their gradients is a part."""

    def of_role(self, *roles: Role) -> list[str]:
        """The leaves of a role, in the order of their first use."""
        return [name for name, leaf in self.leaves.items() if leaf.role in roles]
