"""A sample of PyTorch's `op_db` as a call of an op, and what reads its arguments."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from backends.contract import Array

MOST_AXES = 64
"""That a NumPy array may have."""


class Inexpressible(Exception):
    """A sample asks for what the op has no setting for."""


@dataclass(frozen=True)
class Called:
    """A call of an op with a sample's tensors."""

    tensors: Sequence[Tensor]
    settings: Mapping[str, Any] = field(default_factory=dict)
    meant: Callable[..., Any] | None = None
    """What PyTorch's own function gives for the tensors; None to ask the PyTorch backend's op."""

    def arrays(self) -> list[Array]:
        """The tensors as a scenario draws them. Raises Inexpressible for what holds neither floats nor integers."""
        return [_drawn(tensor) for tensor in self.tensors]


Translate = Callable[[Any], Called]


@dataclass(frozen=True)
class Source:
    """The samples of one entry of `op_db`, and what makes calls of them."""

    name: str
    translate: Translate
    variant: str = ""


def _drawn(tensor: Tensor) -> Array:
    array = tensor.detach().to(torch.float64 if tensor.is_floating_point() else tensor.dtype)
    if tensor.ndim > MOST_AXES or array.is_complex() or array.dtype is torch.bool:
        raise Inexpressible(f"{tensor.ndim} axes of {tensor.dtype}")
    return np.array(array.numpy())


def given(sample: Any, *names: str) -> dict[str, Any]:
    """A sample's arguments behind its input, by name."""
    return {**dict(zip(names, sample.args, strict=False)), **sample.kwargs}


def without(arguments: Mapping[str, Any], **defaults: Any) -> None:
    """Raise Inexpressible if one of these arguments has another value than this."""
    for name, default in defaults.items():
        value = arguments.get(name, default)
        if isinstance(value, Tensor) or value != default:
            raise Inexpressible(name)


def reduction(sample: Any) -> dict[str, Any]:
    """How a sample of a loss is reduced, as a setting of the same name; nothing where it does not say."""
    return {name: value for name, value in sample.kwargs.items() if name == "reduction"}


def tensor(value: Any) -> Tensor:
    if not isinstance(value, Tensor):
        raise Inexpressible(f"{value!r} in the place of a tensor")
    return value


def image(x: Tensor) -> Tensor:
    """The same with four axes, the last of them of size 1 where there are fewer."""
    return x.reshape(*x.shape, *[1] * (4 - x.ndim))


def batched(x: Tensor, axes: int = 2) -> Tensor:
    """An image without examples as a batch of one, as a reshape in front of the op makes it."""
    return x if x.ndim != axes + 1 else x[None]


def number(value: Any, axes: int = 2) -> Any:
    """A setting as the ops take it: PyTorch has tuples of one number, too."""
    if isinstance(value, str):
        raise Inexpressible(value)
    if not isinstance(value, tuple | list):
        return value
    return value[0] if axes == 1 or len({*value}) == 1 else tuple(value)


def elementwise(meant: Callable[..., Any] | None, **settings: Any) -> Translate:
    return lambda sample: Called([sample.input], settings, meant)
