"""Functions of torch.nn.functional that are others while a model is watched."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.nn.functional as nnF
from torch import Tensor

l1_loss_of_pytorch: Any = nnF.l1_loss


@contextmanager
def exchanged(**functions: Callable[..., Any]) -> Iterator[None]:
    """Let functions of torch.nn.functional be others within."""
    before = {name: getattr(nnF, name) for name in functions}
    for name, function in functions.items():
        setattr(nnF, name, function)
    try:
        yield
    finally:
        for name, function in before.items():
            setattr(nnF, name, function)


def l1_loss(
    input: Tensor,  # noqa: A002 that is PyTorch's name
    target: Tensor,
    size_average: bool | None = None,
    reduce: bool | None = None,
    reduction: str = "mean",
    weight: Tensor | None = None,
) -> Any:
    """PyTorch's, with its weights written out: where functions are watched, PyTorch leaves them out."""
    if weight is None or size_average is not None or reduce is not None:
        return l1_loss_of_pytorch(input, target, size_average, reduce, reduction, weight)
    each = torch.abs(input - target) * weight
    match reduction:
        case "none":
            return each
        case "sum":
            return torch.sum(each)
    return torch.sum(each) / torch.sum(weight)
