"""The tensors that an update computes: what each is called in results, and where a Step holds it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from backends.contract.step import Step

Array = np.ndarray[Any, np.dtype[Any]]
Phase = Literal["forward", "loss", "backward", "state", "update"]
"""The part of an update that computes a tensor."""

NodeKind = Literal[
    "value", "loss", "gradient", "clipped", "scheduled", "decayed", "state", "weight", "average", "buffer"
]
PHASES: Mapping[NodeKind, Phase] = {
    "value": "forward",
    "loss": "loss",
    "gradient": "backward",
    "clipped": "update",
    "scheduled": "update",
    "decayed": "update",
    "state": "state",
    "weight": "update",
    "average": "update",
    "buffer": "state",
}


@dataclass(frozen=True)
class Node:
    """A tensor that an update computes. Its text is the tensor's name in results, such as `grad_w1` or `v_w1`."""

    kind: NodeKind
    of: str
    """The program's tensor that this is or belongs to: `w1` for `grad_w1`.

    Of a setting that a schedule changes, the first weight of the group that has its own value; empty for the value that
    all others share.
    """
    op: str
    """The op or the rule that computes it."""
    call: str | None = None
    """The first output of the call that computes it; for a gradient, of the call whose backward completes it.

    None if a rule computes it, or none does.
    """
    slot: str = ""
    """For state: the optimizer's name for it, such as `v`. Of what a schedule changes: the setting, such as `lr`."""

    def __str__(self) -> str:
        match self.kind:
            case "gradient":
                return gradient_name(self.of)
            case "clipped":
                return clipped_name(self.of)
            case "decayed":
                return decayed_name(self.of)
            case "average":
                return average_name(self.of)
            case "state":
                return f"{self.slot}_{self.of}"
            case "scheduled":
                return f"{self.slot}_{self.of}" if self.of else self.slot
        return self.of

    @property
    def phase(self) -> Phase:
        """The part of an update that computes it."""
        return PHASES[self.kind]

    @property
    def is_kept(self) -> bool:
        """Whether the next update starts from it: an optimizer's state, a weight, its average or a buffer."""
        return self.kind in ("state", "weight", "average", "buffer")

    def read(self, step: "Step") -> Array | None:
        """This tensor in a Step; None if the backend did not yield it."""
        match self.kind:
            case "value":
                return step.values.get(self.of)
            case "loss":
                return np.asarray(step.loss)
            case "gradient":
                return step.grads[self.of] if self.of in step.grads else step.value_grads.get(self.of)
            case "clipped":
                return step.clipped.get(self.of)
            case "decayed":
                return step.decayed.get(self.of)
            case "scheduled":
                value = step.scheduled.get(str(self))
                return None if value is None else np.asarray(value)
            case "weight":
                return step.weights.get(self.of)
        return step.state.get(str(self))


def gradient_name(tensor: str) -> str:
    """What results call the gradient of the loss with respect to a tensor."""
    return f"grad_{tensor}"


def clipped_name(weight: str) -> str:
    """What results call the clipped gradient of a weight."""
    return f"clipped_{gradient_name(weight)}"


def decayed_name(weight: str) -> str:
    """What results call the gradient of a weight after its decay, as the optimizer receives it."""
    return f"decayed_{gradient_name(weight)}"


def average_name(weight: str) -> str:
    """What results call the average of a weight over the updates."""
    return f"average_{weight}"
