"""Several links that together are one module, such as those of attention: as one layer, to be paired as one."""

from collections.abc import Iterable, Sequence
from itertools import permutations

from backends.checkpoints.layers import LayerArrays
from backends.layouts.catalogue import joint_layouts_of
from backends.layouts.layout import JointLayout
from harness.errors import InputError, did_you_mean


def join(layers: Sequence[LayerArrays]) -> LayerArrays:
    """One layer of several, whose arrays are named by their places: `0/W`, `0/b`, `1/W`."""
    path = ",".join(layer.path for layer in layers)
    keys = {f"{place}/{name}": key for place, layer in enumerate(layers) for name, key in layer.keys.items()}
    return LayerArrays(path, keys, joint_layouts_of(len(layers)), order=None)


def joined_as_said(layers: Sequence[LayerArrays], said: Iterable[str], where: str) -> list[LayerArrays]:
    """The layers, with one for each list of paths that was said, such as `q,k,v,out`, in the place of those.

    A path may also be the name of a weight, of a layer of the user's own class. Raises InputError if it is neither.
    """
    left = list(layers)
    for names in said:
        if "," in names:
            left.append(join([_taken(name.strip(), left, where) for name in names.split(",")]))
    return left


def _taken(path: str, layers: list[LayerArrays], where: str) -> LayerArrays:
    """The layer of this path or the weight of this name, taken away from the list."""
    for layer in layers:
        if layer.path == path:
            layers.remove(layer)
            return layer
        for name, key in layer.keys.items():
            if key == path:
                layers.remove(layer)
                rest = {other: key for other, key in layer.keys.items() if other != name}
                if rest:
                    layers.append(LayerArrays(layer.path, rest, order=layer.order))
                return LayerArrays(path, {"W": key}, order=None)
    known = [name for layer in layers for name in (layer.path, *layer.keys.values())]
    raise InputError(f"--map: {where} has no layer {path!r}{did_you_mean(path, known)}")


def is_joint(layer: LayerArrays) -> bool:
    """Whether a layer is one that several links of the other side make up."""
    return any(isinstance(layout, JointLayout) for layout in layer.layouts)


def orders_below(path: tuple[str, ...], layers: Sequence[tuple[tuple[str, ...], LayerArrays]]) -> list[LayerArrays]:
    """The layers directly below a path, joined in each order; nothing if no module has so many links."""
    below = [layer for steps, layer in layers if steps[:-1] == path]
    if not 2 <= len(below) <= 4:
        return []
    return [join(order) for order in permutations(below)]
