"""Parameters that are frozen at first: PyTorch computes no gradient of them, and its optimizers leave them out."""

from torch import Tensor


def freeze(parameter: Tensor) -> None:
    """Leave a parameter as it is."""
    parameter.requires_grad_(False)


def thaw(parameter: Tensor) -> None:
    """Train a parameter from now on."""
    parameter.requires_grad_(True)
