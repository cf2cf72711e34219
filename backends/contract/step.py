"""What a backend yields for every update, a Step, and the part of a backend that has a fixed name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from backends.contract.nodes import Array, Phase
from backends.contract.program import Program


class ContractError(Exception):
    """An op or a rule does not fit the contract; the message says which one, where, and what would be right."""


@dataclass(frozen=True)
class Overwriting:
    """An op or a rule that wrote into a tensor that it was given, or that shares memory with one."""

    op: str
    phase: Phase
    call: str | None
    """The first output of the call; None for a rule."""
    tensor: str
    """As results call it: `h`, `grad_h`."""


@dataclass(slots=True)
class Step:
    """What one update did, as NumPy arrays in the run's dtype.

    The arrays may be the backend's own memory: the harness reads them before it asks for the next step.
    """

    loss: Array
    """Shape (), before the update."""
    weights: Mapping[str, Array]
    """After the update."""
    grads: Mapping[str, Array]
    """Of the loss with respect to each weight, before clipping."""
    state: Mapping[str, Array] = field(default_factory=dict)
    """After the update: the optimizer's state, where `v_w1` is state `v` of weight `w1`, `average_w1`, and buffers."""
    clipped: Mapping[str, Array] = field(default_factory=dict)
    """If the program clips: the clipped gradients, as the optimizer received them."""
    scheduled: Mapping[str, float] = field(default_factory=dict)
    """If the program has a schedule: the values at this update of the setting that it changes.

    By their names in results, as in `Program.first_scheduled`: `lr`, and `lr_w1` of a group that has its own.
    """
    decayed: Mapping[str, Array] = field(default_factory=dict)
    """If the program decays: the decayed gradients, unless the framework keeps them inside its optimizer."""
    values: Mapping[str, Array] = field(default_factory=dict)
    """When tracing: the outputs of the program by name, each as it was when it was made."""
    value_grads: Mapping[str, Array] = field(default_factory=dict)
    """When tracing: the loss's gradient with respect to outputs in `Program.with_gradient`, each as it was made."""
    overwritten: Sequence[Overwriting] = ()
    """When tracing: what was written over, in the order in which it happened."""


class Backend(Protocol):
    """The part of a backend module that has a fixed name; ops and rules are looked up by name."""

    def train(
        self,
        ops: Any,
        program: Program,
        weights: Mapping[str, Array],
        batches: Iterable[Mapping[str, Array]],
        *,
        trace: bool = False,
    ) -> Iterator[Step]:
        """Yield one Step per batch, starting from a copy of `weights`."""
        ...
