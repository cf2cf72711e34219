"""What is done with a weight beside its optimizer: its decay, and its average over the updates."""

from backends.contract import Array


def weight_decay(w: Array, grad_w: Array, *, rate: float) -> Array:
    """∂L/∂w + rate·w: the gradient of the loss with rate/2·‖w‖² added to it (Krogh & Hertz 1992)."""
    return grad_w + rate * w


def weight_average(average: Array, w: Array, *, share: float) -> Array:
    """average ← share·average + (1 − share)·w, with the new w; it starts at the first w (Polyak & Juditsky 1992)."""
    return share * average + (1 - share) * w
