"""The layers of two models in the order of their first use, as they are paired.

A layer of a class of the user's own is taken array by array, since nothing is known of it. Layers of one model that
together are a single one of the other are joined.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backends.capture.calls import Pass
from backends.capture.training import Layer
from backends.contract import Array
from backends.layouts.catalogue import joint_layouts, layouts_of_link, layouts_of_module
from backends.layouts.layout import JointLayout
from backends.layouts.transformations import LayoutError
from harness.capturing.guarded import GuardedTraining

Arrays = Mapping[str, Array]


@dataclass(frozen=True, eq=False)
class Side:
    """A layer of one model."""

    framework: str
    layer: Layer
    is_single: bool = False
    """Whether it is one array of a layer that nothing is known of."""
    joint: JointLayout | None = None
    """Of links that were joined: how they are one module."""


def sides(
    left: GuardedTraining, right: GuardedTraining, passes: tuple[Pass, Pass], arrays: tuple[Arrays, Arrays]
) -> tuple[list[Side], list[Side]]:
    """The layers of both models; those that are not used come last, in the model's order.

    Of code with named arrays each is a layer, and so is each weight of the other model's then.
    """
    mine, theirs = (
        _in_order_of_use(_layers(model, other), captured)
        for model, other, captured in ((left, right, passes[0]), (right, left, passes[1]))
    )
    _join(mine, theirs, arrays)
    _join(theirs, mine, arrays[::-1])
    return mine, theirs


def _layers(model: GuardedTraining, other: GuardedTraining) -> list[Side]:
    found: list[Side] = []
    for layer in model.layers():
        if "numpy" in (model.framework, other.framework):
            found += _one_by_one(model.framework, Layer(layer.path, layer.kind, layer.weights))
        elif model.framework != other.framework and not has_layout(layer.kind):
            found += _one_by_one(model.framework, layer)
        else:
            found.append(Side(model.framework, layer))
    return found


def has_layout(kind: str) -> bool:
    """Whether it is known how layers of a kind hold their arrays, in either framework."""
    if joint_layouts(kind):
        return True
    for layouts_of in (layouts_of_link, layouts_of_module):
        try:
            return bool(layouts_of(kind))
        except LayoutError:
            continue
    return False


def _one_by_one(framework: str, layer: Layer) -> list[Side]:
    weights = [Layer(full, "", {name: full}) for name, full in layer.weights.items()]
    buffers = [Layer(full, "", {}, {name: full}) for name, full in layer.buffers.items()]
    return [Side(framework, each, is_single=True) for each in (*weights, *buffers)]


def _in_order_of_use(layers: Sequence[Side], captured: Pass) -> list[Side]:
    """By the first use of one of their weights."""
    order = {name: position for position, name in enumerate(captured.weights)}
    last = len(order)
    return sorted(
        layers, key=lambda side: min((order.get(name, last) for name in side.layer.weights.values()), default=last)
    )


def _join(links: list[Side], modules: Sequence[Side], arrays: tuple[Arrays, Arrays]) -> None:
    """Put neighbouring links that together are one of the modules in one place; of several such, the nearest.

    Nothing happens unless these are the links and the modules, in this order.
    """
    for position, module in enumerate(modules):
        groups = [
            (start, layout)
            for layout in joint_layouts(module.layer.kind)
            for start in range(len(links) - layout.links + 1)
            if _is_made_of(module, links[start : start + layout.links], layout, arrays)
        ]
        if groups:
            start, layout = min(groups, key=lambda group: abs(group[0] - position))
            links[start : start + layout.links] = [_joined(links[start : start + layout.links], layout)]


def _is_made_of(module: Side, links: Sequence[Side], layout: JointLayout, arrays: tuple[Arrays, Arrays]) -> bool:
    """Whether links have just the arrays that a module needs."""
    if any(link.layer.kind != layout.link for link in links):
        return False
    joined = _joined(links, layout).layer.weights
    try:
        made = layout.to_torch({name: arrays[0][full] for name, full in joined.items()})
    except (LayoutError, KeyError):  # of links that were joined before; KeyError: a parameter without a shape yet
        return False
    there = {name: arrays[1][full].shape for name, full in module.layer.weights.items()}
    return {name: array.shape for name, array in made.items()} == there


def _joined(links: Sequence[Side], layout: JointLayout) -> Side:
    weights = {f"{place}/{name}": full for place, link in enumerate(links) for name, full in link.layer.weights.items()}
    path = ", ".join(link.layer.path for link in links)
    return Side(links[0].framework, Layer(path, layout.link, weights), joint=layout)
