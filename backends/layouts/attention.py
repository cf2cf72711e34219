"""Attention: Chainer has no link for it, so its matrices are links of their own, in the order of their use."""

import numpy as np

from backends.layouts.layout import JointLayout
from backends.layouts.transformations import (
    Array,
    Arrays,
    LayoutError,
    Same,
    Transformation,
    check_same_shape,
    contiguous,
)


class JoinedRows(Transformation):
    """Arrays of one shape, which the module holds one below the other."""

    optional = True

    def __init__(self, link_names: tuple[str, ...], module: str) -> None:
        self.link_names = link_names
        self.module_names = (module,)

    def sources(self, made: str) -> tuple[str, ...]:
        """All of the links' arrays for the module's, and that for each of them."""
        return self.link_names if made in self.module_names else self.module_names

    def to_module(self, arrays: Arrays) -> dict[str, Array]:
        """One below the other. Raises LayoutError if one is missing, or has another shape."""
        missing = [name for name in self.link_names if name not in arrays]
        if missing:
            raise LayoutError(f"{', '.join(missing)} is missing beside {', '.join(arrays)}")
        check_same_shape(self.link_names, arrays)
        return {self.module_names[0]: contiguous(np.concatenate([arrays[name] for name in self.link_names]))}

    def to_link(self, arrays: Arrays) -> dict[str, Array]:
        """Each for itself. Raises LayoutError if the rows are not those of so many arrays."""
        ((name, joined),) = arrays.items()
        if len(joined) % len(self.link_names):
            raise LayoutError(f"{name} has {len(joined)} rows, which are not those of {len(self.link_names)} links")
        parts = np.split(joined, len(self.link_names))
        return {link: contiguous(part) for link, part in zip(self.link_names, parts, strict=True)}


_BIASES = JoinedRows(("0/b", "1/b", "2/b"), "in_proj_bias")
_OUTPUT = (Same("3/W", "out_proj.weight", 2), Same("3/b", "out_proj.bias", 1, optional=True))
_OF_ONE_WIDTH = (JoinedRows(("0/W", "1/W", "2/W"), "in_proj_weight"), _BIASES, *_OUTPUT)
_OF_SEVERAL_WIDTHS = (
    *(Same(f"{index}/W", f"{letter}_proj_weight", 2) for index, letter in enumerate("qkv")),
    _BIASES,
    *_OUTPUT,
)
_IN_ONE_LINK = (
    Same("0/W", "in_proj_weight", 2),
    Same("0/b", "in_proj_bias", 1, optional=True),
    Same("1/W", "out_proj.weight", 2),
    Same("1/b", "out_proj.bias", 1, optional=True),
)


def joined_links(links: int) -> JointLayout:
    """Several links as one nn.Linear that computes all of their outputs, one after the other."""
    names = [tuple(f"{place}/{name}" for place in range(links)) for name in "Wb"]
    return JointLayout("Linear", "Linear", (JoinedRows(names[0], "weight"), JoinedRows(names[1], "bias")), links=links)


JOINT_LAYOUTS = (
    JointLayout("Linear", "MultiheadAttention", _OF_ONE_WIDTH, links=4),
    JointLayout("Linear", "MultiheadAttention", _OF_SEVERAL_WIDTHS, links=4),
    JointLayout("Linear", "MultiheadAttention", _IN_ONE_LINK, links=2),
)
"""Query, key, value and output as links, or the first three in one."""
