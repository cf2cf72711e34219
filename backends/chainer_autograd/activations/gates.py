"""Gates: units that others switch on and off, element by element."""

from backends.chainer_autograd.framework import F, Variable


def glu(x: Variable, *, axis: int = -1) -> Variable:
    """y = a·sigmoid(b), where a and b are the two halves of x along an axis.  x (…, 2H) → y (…, H)."""
    a, b = F.split_axis(x, 2, axis % x.ndim)
    return a * F.sigmoid(b)


def swiglu(x: Variable, w_gate: Variable, w_up: Variable, w_down: Variable) -> Variable:
    """y = (swish(x·w_gate)·(x·w_up))·w_down.  x (…, D), w_gate, w_up (D, H), w_down (H, E) → y (…, E)."""
    gate = F.matmul(x, w_gate)
    return F.matmul(gate * F.sigmoid(gate) * F.matmul(x, w_up), w_down)
