"""What happens to the arrays of a layer on their way: copied, transposed, reshaped, as a whole or not at all.

A transformation reads the arrays of one side by their names in the layer and returns those of the other. It is given
its own arrays only, and never none. It always returns copies, contiguous and of the dtype that came in.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Arrays = Mapping[str, Array]


class LayoutError(ValueError):
    """Arrays that don't fit the layer they are said to be of, or a layer without a counterpart."""


class Transformation(ABC):
    """The arrays of a link, the arrays of a module, and how to get from one to the other."""

    link_names: tuple[str, ...]
    module_names: tuple[str, ...]
    optional: bool = False
    """Whether a layer may have none of these arrays."""
    may_lack: frozenset[str] = frozenset()
    """The arrays that may be missing on their own."""

    @abstractmethod
    def to_module(self, arrays: Arrays) -> dict[str, Array]:
        """The module's arrays. Raises LayoutError on a shape that the link can't have."""

    @abstractmethod
    def to_link(self, arrays: Arrays) -> dict[str, Array]:
        """The link's arrays. Raises LayoutError on a shape that the module can't have, or the link can't hold."""

    def sources(self, made: str) -> tuple[str, ...]:
        """The arrays of one side that an array of the other side is made of: of a link's name, the module's."""
        if made in self.module_names:
            position, names = self.module_names.index(made), self.link_names
        else:
            position, names = self.link_names.index(made), self.module_names
        return names[position : position + 1] if len(self.link_names) == len(self.module_names) else names

    def gradients_to_module(self, gradients: Arrays) -> dict[str, Array]:
        """The module's gradients, for a link's of the same loss."""
        return self.to_module(gradients)

    def gradients_to_link(self, gradients: Arrays) -> dict[str, Array]:
        """The link's gradients, for a module's of the same loss."""
        return self.to_link(gradients)


class Transposed(Transformation):
    """One array whose axes stand in another order: `order` says which axis of the link's each of the module's is."""

    def __init__(self, link: str, module: str, order: tuple[int, ...], *, optional: bool = False) -> None:
        self.link_names = (link,)
        self.module_names = (module,)
        self.order = order
        self.optional = optional

    def to_module(self, arrays: Arrays) -> dict[str, Array]:
        """The array with its axes in the module's order."""
        ((name, array),) = arrays.items()
        check_axes(name, array, len(self.order))
        return {self.module_names[0]: contiguous(array.transpose(self.order))}

    def to_link(self, arrays: Arrays) -> dict[str, Array]:
        """The array with its axes in the link's order."""
        ((name, array),) = arrays.items()
        check_axes(name, array, len(self.order))
        return {self.link_names[0]: contiguous(array.transpose(np.argsort(self.order)))}


class Same(Transposed):
    """One array that both hold with the same axes, so many of them."""

    def __init__(self, link: str, module: str, axes: int, *, optional: bool = False) -> None:
        super().__init__(link, module, tuple(range(axes)), optional=optional)


def contiguous(array: Array) -> Array:
    """A copy in C order."""
    return np.array(array, order="C", copy=True)


def check_axes(name: str, array: Array, axes: int) -> None:
    """Raise LayoutError unless an array has so many axes."""
    if array.ndim != axes:
        raise LayoutError(f"{name} has shape {array.shape}, not {axes} {'axis' if axes == 1 else 'axes'}")


def check_same_shape(names: tuple[str, ...], arrays: Arrays) -> None:
    """Raise LayoutError unless all arrays of these names have one shape."""
    shapes = {name: arrays[name].shape for name in names}
    if len(set(shapes.values())) > 1:
        listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise LayoutError(f"these have one shape in a layer, not several: {listed}")
