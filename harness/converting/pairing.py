"""Which layer of a file is which of a model: by what was said, by path, by kind and shape, by number.

A file says neither of which class a layer is nor in which order the layers are used. Where several layers would fit
and nothing but their order could tell them apart, only numbers in their names count as an order.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from backends.checkpoints.layers import LayerArrays, Model, numbers_in
from backends.checkpoints.models import LiveModel
from backends.layouts.layout import JointLayout, Layout
from backends.layouts.transformations import Array, LayoutError
from harness.converting.joining import is_joint, joined_as_said, orders_below
from harness.errors import InputError, did_you_mean


@dataclass(frozen=True)
class Pair:
    """A layer of the file, the layer of the model that takes its arrays, and how."""

    source: LayerArrays
    target: LayerArrays
    layout: Layout


@dataclass
class Pairing:
    """All pairs, and what is left."""

    pairs: list[Pair] = field(default_factory=list)
    copied: dict[str, str] = field(default_factory=dict)
    """Arrays that belong to no known layer, by name: those of the file as those of the model, unchanged."""
    sources: list[LayerArrays] = field(default_factory=list)
    """Layers of the file that fit nothing."""
    targets: list[LayerArrays] = field(default_factory=list)
    """Layers of the model that nothing fits."""
    ambiguous: list[tuple[list[LayerArrays], list[LayerArrays]]] = field(default_factory=list)
    """Layers of which each could be each."""
    parted: dict[str, LayerArrays] = field(default_factory=dict)
    """Layers that several of the other side make up, where nothing says which these are, by what would say it."""


_Fits = list[tuple[LayerArrays, list[LayerArrays]]]
"""Each layer of the file with the layers of the model that it fits."""


_LINKS = "QUERY,KEY,VALUE,OUTPUT"


class Fitting:
    """Whether the arrays of a file's layer, converted, have the names and shapes of a model's layer."""

    def __init__(
        self, model: LiveModel, shapes: Mapping[str, tuple[int, ...] | None], arrays: Mapping[str, Array]
    ) -> None:
        self._model = model
        self._shapes = shapes
        self._arrays = arrays
        self._known: dict[tuple[Layout, object], dict[str, tuple[int, ...]] | None] = {}

    def layout(self, source: LayerArrays, target: LayerArrays) -> Layout | None:
        """The first layout by which one fits the other; None if none does."""
        if source.refusal or target.refusal:
            return None
        modules = {layout.module for layout in target.layouts}
        joint = [one for one in source.layouts if isinstance(one, JointLayout) and one.module in modules]
        for layout in (*target.layouts, *joint):
            converted = self._converted_shapes(layout, source)
            if converted is not None and converted.keys() == target.keys.keys():
                wanted = {name: self._shapes[key] for name, key in target.keys.items()}
                if all(wanted[name] in (None, shape) for name, shape in converted.items()):
                    return layout
        return None

    def _converted_shapes(self, layout: Layout, source: LayerArrays) -> dict[str, tuple[int, ...]] | None:
        shapes = tuple((name, self._arrays[key].shape) for name, key in source.keys.items())
        known = (layout, shapes)
        if known not in self._known:
            zeros = {name: np.broadcast_to(np.zeros((), np.uint8), shape) for name, shape in shapes}
            try:
                self._known[known] = {name: a.shape for name, a in self._model.convert(layout, zeros).items()}
            except LayoutError:
                self._known[known] = None
        return self._known[known]


def pair_layers(
    sources: Sequence[LayerArrays],
    model: LiveModel,
    described: Model,
    arrays: Mapping[str, Array],
    said: Mapping[str, str],
) -> Pairing:
    """Pair a file's layers with a model's.

    `said` are pairs of paths that the user has named. Raises InputError if one of them doesn't exist or doesn't fit.
    """
    fitting = Fitting(model, described.shapes, arrays)
    starts = (_common_start(sources), _common_start(described.layers))
    sources = joined_as_said(sources, said, "the file")
    targets: Sequence[LayerArrays] = joined_as_said(described.layers, said.values(), "the model")
    sources, targets = _joined_by_path(sources, targets, fitting, starts)
    wholes = {f"{layer.path}={_LINKS}": layer for layer in sources if layer.parts and is_joint(layer)}
    wholes |= {f"{_LINKS}={layer.path}": layer for layer in targets if layer.parts and is_joint(layer)}
    sources, targets = _as_fine_as_needed(sources, targets, fitting)
    pairing = Pairing(sources=list(sources), targets=list(targets))
    pairing.parted = {said: layer for said, layer in wholes.items() if layer not in sources and layer not in targets}
    for path, other in said.items():
        source, target = _named(path, sources, "the file"), _named(other, targets, "the model")
        layout = fitting.layout(source, target)
        if layout is None:
            raise InputError(f"{path} can't be {other}: {_unlike(source, target, arrays, described)}")
        _take(pairing, source, target, layout)
    _by_path(pairing, fitting, starts)
    _by_shape(pairing, fitting)
    _copy_the_rest(pairing, described, arrays, starts)
    return pairing


def _joined_by_path(
    sources: Sequence[LayerArrays], targets: Sequence[LayerArrays], fitting: Fitting, starts: tuple[int, int]
) -> tuple[list[LayerArrays], list[LayerArrays]]:
    """The layers, with those directly below the path of one that they make up joined, if they fit in one order only."""
    sides = (list(sources), list(targets))
    for own, other in ((0, 1), (1, 0)):
        for whole in [layer for layer in sides[own] if layer.parts and is_joint(layer)]:
            others = [(layer.steps[starts[other] :], layer) for layer in sides[other]]
            fitting_orders = [
                joined
                for joined in orders_below(whole.steps[starts[own] :], others)
                if (fitting.layout(joined, whole) if own else fitting.layout(whole, joined))
            ]
            if len(fitting_orders) == 1:
                taken = set(fitting_orders[0].keys.values())
                left = [layer for layer in sides[other] if taken.isdisjoint(layer.keys.values())]
                sides[other][:] = [*left, fitting_orders[0]]
    return sides


def _as_fine_as_needed(
    sources: Sequence[LayerArrays], targets: Sequence[LayerArrays], fitting: Fitting
) -> tuple[list[LayerArrays], list[LayerArrays]]:
    """Layers of several parts stay whole where the other side has a whole that fits, and are parted else."""
    fine_sources: list[LayerArrays] = []
    fine_targets: list[LayerArrays] = []
    for source in sources:
        is_whole = any(fitting.layout(source, target) for target in targets)
        fine_sources += [source] if is_whole or not source.parts else source.parts
    for target in targets:
        is_whole = any(fitting.layout(source, target) for source in sources)
        fine_targets += [target] if is_whole or not target.parts else target.parts
    return fine_sources, fine_targets


def _named(path: str, layers: Iterable[LayerArrays], where: str) -> LayerArrays:
    by_path = {layer.path: layer for layer in layers}
    if path not in by_path:
        raise InputError(f"--map: {where} has no layer {path!r}{did_you_mean(path, by_path)}")
    return by_path[path]


def _unlike(source: LayerArrays, target: LayerArrays, arrays: Mapping[str, Array], described: Model) -> str:
    if source.refusal or target.refusal:
        return source.refusal or target.refusal
    has = ", ".join(f"{name} {arrays[key].shape}" for name, key in source.keys.items())
    wants = ", ".join(f"{name} {described.shapes[key]}" for name, key in target.keys.items())
    return f"the one has {has}, and the other {wants}"


def _take(pairing: Pairing, source: LayerArrays, target: LayerArrays, layout: Layout) -> None:
    for layer, left, where in ((source, pairing.sources, "the file"), (target, pairing.targets, "the model")):
        if layer not in left:
            raise InputError(f"--map names {layer.path} of {where} twice")
    pairing.sources.remove(source)
    pairing.targets.remove(target)
    pairing.pairs.append(Pair(source, target, layout))


def _by_path(pairing: Pairing, fitting: Fitting, starts: tuple[int, int]) -> None:
    """Pair layers of the same path. A number is a position, which counts only where both sides have the same ones.

    Where a position is another one than the path says, as in Chainer's Sequential, it counts not at all.
    """
    sources = {layer.steps[starts[0] :]: layer for layer in pairing.sources}
    targets = {layer.steps[starts[1] :]: layer for layer in pairing.targets}
    siblings, other_siblings = _siblings(sources), _siblings(targets)
    for path, source in sources.items():
        target = targets.get(path)
        if target is None or (siblings.get(path[:-1]) != other_siblings.get(path[:-1])):
            continue
        if any(layer.order != numbers_in(layer.path) for layer in (source, target)):
            continue
        layout = fitting.layout(source, target)
        if layout is not None:
            _take(pairing, source, target, layout)


def _common_start(layers: Sequence[LayerArrays]) -> int:
    """How many steps the paths of all layers begin with alike, such as the `predictor` of a classifier."""
    paths = [_steps(key) for layer in layers for key in layer.keys.values()]
    start = 0
    while len(layers) > 1 and all(len(path) > start + 1 and path[start] == paths[0][start] for path in paths):
        start += 1
    return start


def _steps(key: str) -> tuple[str, ...]:
    return tuple(re.split(r"[/.]", key))


def _siblings(layers: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], set[str]]:
    """The numbers that are the last step of a path, for each path up to them."""
    numbers: dict[tuple[str, ...], set[str]] = {}
    for path in layers:
        if path and path[-1].isdigit():
            numbers.setdefault(path[:-1], set()).add(path[-1])
    return numbers


def _by_shape(pairing: Pairing, fitting: Fitting) -> None:
    """Pair layers that can only be each other, and those that fit several by the numbers in their names."""
    while True:
        fits = [(one, [other for other in pairing.targets if fitting.layout(one, other)]) for one in pairing.sources]
        pairs = _forced(fits) or _numbered(fits)
        if not pairs:
            break
        for source, target in pairs:
            layout = fitting.layout(source, target)
            assert layout is not None
            _take(pairing, source, target, layout)
    for source, candidates in fits:
        if candidates and not any(source in sources for sources, _ in pairing.ambiguous):
            alike = [one for one, others in fits if any(other in candidates for other in others)]
            pairing.ambiguous.append((alike, candidates))


def _forced(fits: _Fits) -> list[tuple[LayerArrays, LayerArrays]]:
    """One pair of layers of which one has no other choice, and no other layer has only this one; or nothing."""
    targets = _unique(candidate for _, candidates in fits for candidate in candidates)
    sources_of = [(target, [source for source, candidates in fits if target in candidates]) for target in targets]
    for choices, is_source in ((fits, True), (sources_of, False)):
        single = [(one, others[0]) for one, others in choices if len(others) == 1]
        for one, other in single:
            if sum(wanted is other for _, wanted in single) == 1:
                return [(one, other) if is_source else (other, one)]
    return []


def _numbered(fits: _Fits) -> list[tuple[LayerArrays, LayerArrays]]:
    """All pairs of layers that fit the same ones and nothing else does, if their numbers order them; or nothing."""
    for _, candidates in fits:
        sources = [source for source, others in fits if others == candidates]
        touching = [source for source, others in fits if any(other in candidates for other in others)]
        if candidates and len(touching) == len(sources) and (pairs := _in_order(sources, candidates)):
            return pairs
    return []


def _unique(layers: Iterable[LayerArrays]) -> list[LayerArrays]:
    unique: list[LayerArrays] = []
    for layer in layers:
        if layer not in unique:
            unique.append(layer)
    return unique


def _in_order(sources: Sequence[LayerArrays], targets: Sequence[LayerArrays]) -> list[tuple[LayerArrays, LayerArrays]]:
    """The layers one by one, if there are as many, and on either side they differ only in their numbers."""
    alike = all(len({re.sub(r"\d+", "#", layer.path) for layer in layers}) == 1 for layers in (sources, targets))
    orders = [[layer.order for layer in layers if layer.order] for layers in (sources, targets)]
    is_known = all(len(set(order)) == len(sources) for order in orders)
    if len(sources) != len(targets) or not alike or not is_known:
        return []
    return list(zip(sorted(sources, key=_order), sorted(targets, key=_order), strict=True))


def _order(layer: LayerArrays) -> tuple[int, ...]:
    return layer.order or ()


def _copy_the_rest(pairing: Pairing, described: Model, arrays: Mapping[str, Array], starts: tuple[int, int]) -> None:
    """Pair arrays of layers of a user's own classes: those of the same name and shape."""
    own = [one for one in pairing.targets if not one.layouts and not one.refusal]
    by_steps = {_steps(key)[starts[1] :]: key for layer in own for key in layer.keys.values()}
    for source in list(pairing.sources):
        found = {key: by_steps.get(_steps(key)[starts[0] :], "") for key in source.keys.values()}
        if all(target and described.shapes[target] in (None, arrays[key].shape) for key, target in found.items()):
            pairing.copied |= found
            pairing.sources.remove(source)
    taken = set(pairing.copied.values())
    pairing.targets = [layer for layer in pairing.targets if not taken.issuperset(layer.keys.values())]
