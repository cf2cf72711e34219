"""All layouts, found by the link or by the module."""

from collections.abc import Collection
from typing import Literal

from backends.layouts.attention import JOINT_LAYOUTS, joined_links
from backends.layouts.convolution import LAYOUTS as CONVOLUTION
from backends.layouts.dense import LAYOUTS as DENSE
from backends.layouts.layout import JointLayout, Layout
from backends.layouts.normalisation import LAYOUTS as NORMALISATION
from backends.layouts.recurrent import LAYOUTS as RECURRENT
from backends.layouts.transformations import Array, Arrays, LayoutError
from backends.layouts.without_counterpart import COMPOSED, WITHOUT_COUNTERPART

LAYOUTS: tuple[Layout, ...] = (*DENSE, *CONVOLUTION, *NORMALISATION, *RECURRENT)


def layouts_of_link(link: str | type) -> tuple[Layout, ...]:
    """The layouts of a link, the usual module first. Raises LayoutError if it has none, with the reason.

    Of a class, the nearest base that is a link of Chainer's counts.
    """
    kind = _kind(link, {layout.link for layout in LAYOUTS} | WITHOUT_COUNTERPART.keys() | COMPOSED.keys())
    found = tuple(layout for layout in LAYOUTS if layout.link == kind)
    if found:
        return found
    if kind in WITHOUT_COUNTERPART:
        raise LayoutError(f"Chainer's {kind} has no counterpart: {WITHOUT_COUNTERPART[kind]}")
    if kind in COMPOSED:
        raise LayoutError(f"Chainer's {kind} has no arrays of its own; it is made of {COMPOSED[kind]}")
    raise LayoutError(f"no layout of a link {kind!r} is known")


def layouts_of_module(module: str | type) -> tuple[Layout, ...]:
    """The layouts of a module, the usual link first. Raises LayoutError if it has none."""
    kind = _kind(module, {layout.module for layout in LAYOUTS})
    found = tuple(layout for layout in LAYOUTS if layout.module == kind)
    if not found:
        raise LayoutError(f"no layout of a module {kind!r} is known")
    return found


def joint_layouts(module: str | type) -> tuple[JointLayout, ...]:
    """The layouts of a module that takes several links; none for most modules."""
    kind = _kind(module, {layout.module for layout in JOINT_LAYOUTS})
    return tuple(layout for layout in JOINT_LAYOUTS if layout.module == kind)


def joint_layouts_of(links: int) -> tuple[JointLayout, ...]:
    """The layouts of so many links, in the order of their use: those of attention, and one matrix of all their rows."""
    return (*(layout for layout in JOINT_LAYOUTS if layout.links == links), joined_links(links))


def to_torch(link: str | type, arrays: Arrays, module: str | type | None = None) -> dict[str, Array]:
    """The arrays of a module from those of a link, as copies of the same dtype.

    Without `module`, it is the usual one that takes them: for an LSTM, one layer of an nn.LSTM. Raises LayoutError if
    there is no such pair, or the arrays are not those of the link.
    """
    layouts = layouts_of_link(link)
    return _first([layout for layout in layouts if _is(layout.module, module)], layouts, arrays, "to_torch")


def to_chainer(module: str | type, arrays: Arrays, link: str | type | None = None) -> dict[str, Array]:
    """The arrays of a link from those of a module, as copies of the same dtype. Raises LayoutError as `to_torch`."""
    layouts = layouts_of_module(module)
    return _first([layout for layout in layouts if _is(layout.link, link)], layouts, arrays, "to_chainer")


def _first(
    chosen: list[Layout], layouts: tuple[Layout, ...], arrays: Arrays, direction: Literal["to_torch", "to_chainer"]
) -> dict[str, Array]:
    """What the first layout that takes the arrays makes of them."""
    if not chosen:
        pairs = ", ".join(f"{layout.link} and {layout.module}" for layout in layouts)
        raise LayoutError(f"these two are no counterparts; known are {pairs}")
    problems = []
    for layout in chosen:
        try:
            return layout.to_torch(arrays) if direction == "to_torch" else layout.to_chainer(arrays)
        except LayoutError as error:
            problems.append(error)
    raise problems[0]


def _is(kind: str, wanted: str | type | None) -> bool:
    return wanted is None or kind == _kind(wanted, {kind})


def _kind(layer: str | type, known: Collection[str]) -> str:
    """The name of a layer: of a class, that of the framework's known class which it is or is derived from."""
    if isinstance(layer, str):
        return layer
    for base in layer.__mro__:
        if base.__module__.split(".")[0] in ("chainer", "torch") and base.__name__ in known:
            return base.__name__
    return f"{layer.__module__}.{layer.__qualname__}"
