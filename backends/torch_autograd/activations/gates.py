"""Gates: units that others switch on and off, element by element."""

import torch.nn.functional as F
from torch import Tensor


def glu(x: Tensor, *, axis: int = -1) -> Tensor:
    """y = a·sigmoid(b), where a and b are the two halves of x along an axis.  x (…, 2H) → y (…, H)."""
    return F.glu(x, dim=axis)


def swiglu(x: Tensor, w_gate: Tensor, w_up: Tensor, w_down: Tensor) -> Tensor:
    """y = (swish(x·w_gate)·(x·w_up))·w_down.  x (…, D), w_gate, w_up (D, H), w_down (H, E) → y (…, E)."""
    return (F.silu(x @ w_gate) * (x @ w_up)) @ w_down
