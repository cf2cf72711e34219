"""Layers of matrices, and those that look rows up."""

import numpy as np

from backends.layouts.layout import Layout
from backends.layouts.transformations import (
    Array,
    Arrays,
    LayoutError,
    Same,
    Transformation,
    Transposed,
    check_axes,
    contiguous,
)


class OnlyZero(Transformation):
    """Terms that the link adds and the module hasn't: they must be zero, and where they are, nothing is lost."""

    module_names = ()
    optional = True

    def __init__(self, *link_names: str) -> None:
        self.link_names = link_names
        self.may_lack = frozenset(link_names)

    def to_module(self, arrays: Arrays) -> dict[str, Array]:
        """Nothing. Raises LayoutError if a term isn't zero."""
        for name, array in arrays.items():
            if not np.all(array == 0):
                raise LayoutError(f"{name} is not zero, and the module has no such term")
        return {}

    def to_link(self, arrays: Arrays) -> dict[str, Array]:
        """Nothing: a link made with nobias=True has no such terms."""
        return {}

    def gradients_to_module(self, gradients: Arrays) -> dict[str, Array]:
        """Nothing: the module has no such term."""
        return {}


class Slope(Transformation):
    """PReLU's slope: Chainer's single one has no axis, PyTorch's has one of length 1."""

    link_names = ("W",)
    module_names = ("weight",)

    def to_module(self, arrays: Arrays) -> dict[str, Array]:
        """The slopes, one or one a channel. Raises LayoutError if there is one an element."""
        if arrays["W"].ndim > 1:
            raise LayoutError(f"W has shape {arrays['W'].shape}; nn.PReLU has one slope, or one a channel")
        return {"weight": contiguous(np.atleast_1d(arrays["W"]))}

    def to_link(self, arrays: Arrays) -> dict[str, Array]:
        """The slopes; a single one without an axis."""
        check_axes("weight", arrays["weight"], 1)
        slopes = arrays["weight"]
        return {"W": contiguous(slopes.reshape(()) if len(slopes) == 1 else slopes)}


LAYOUTS = (
    Layout("Linear", "Linear", (Same("W", "weight", 2), Same("b", "bias", 1, optional=True))),
    Layout("EmbedID", "Embedding", (Same("W", "weight", 2),)),
    Layout(
        "Bilinear",
        "Bilinear",
        (Transposed("W", "weight", (2, 0, 1)), Same("b", "bias", 1, optional=True), OnlyZero("V1", "V2")),
        notes_to_chainer=(
            "V1 and V2 are left out: nn.Bilinear has no linear terms, and Chainer's bias comes with them",
        ),
    ),
    Layout("PReLU", "PReLU", (Slope(),)),
)
