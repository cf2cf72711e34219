"""Which weights of one model are which of the other: by kind, shape and the order of first use.

Chainer keeps no order of registration, and twins such as a mean and a variance of one shape can't be told by their
names. The order in which a model uses its layers is the same in a faithful port.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from backends.capture.calls import Pass
from backends.capture.training import Layer
from backends.contract import Array
from backends.layouts.catalogue import layouts_of_link, layouts_of_module
from backends.layouts.layout import Layout
from backends.layouts.transformations import LayoutError, Transformation
from harness.capturing.guarded import GuardedTraining
from harness.comparing.document.outcome import pair_name
from harness.comparing.pairing.layers import Side, sides

Arrays = Mapping[str, Array]
Transform = Callable[[Arrays], Array]
Convert = Callable[[Arrays], dict[str, Array]]


@dataclass(frozen=True, eq=False)
class Pair:
    """A weight or buffer of the right model, and those of the left one that it is made of: mostly a single one."""

    left: tuple[str, ...]
    right: str
    of: Transform
    """The right array from the left model's arrays by name."""
    gradient_of: Transform
    """The right array's gradient from those of all of `left`."""
    is_transposed: bool = False
    is_surplus: bool = False
    """Whether the right array starts as zeros whatever the left ones are: PyTorch's second bias, where Chainer has one.

    Both are trained, so together they move twice as far, unless the second one is frozen.
    """

    @property
    def name(self) -> str:
        """What results call it."""
        return pair_name(", ".join(self.left), self.right)


@dataclass
class Pairing:
    """All pairs of two models, and what fits nothing."""

    weights: list[Pair] = field(default_factory=list)
    buffers: list[Pair] = field(default_factory=list)
    only_left: list[str] = field(default_factory=list)
    """Weights and buffers that fit nothing on the other side."""
    only_right: list[str] = field(default_factory=list)


def pair_models(left: GuardedTraining, right: GuardedTraining, passes: tuple[Pass, Pass]) -> Pairing:
    """Pair the weights and buffers of two models, given a pass of each, from which the order of use is read.

    Code with named arrays has no layers, so the other model's weights are then taken one by one.
    """
    pairing = Pairing()
    arrays = (left.arrays(), right.arrays())
    mine, waiting = sides(left, right, passes, arrays)
    for side in mine:
        fits = ((other, _fit(side, other, arrays)) for other in waiting)
        other, pairs = next(((other, pairs) for other, pairs in fits if pairs), (None, []))
        if other is not None:
            waiting.remove(other)
        _add(pairing, side.layer, None if other is None else other.layer, pairs)
    for side in waiting:
        pairing.only_right += side.layer.names
    return pairing


def _fit(left: Side, right: Side, arrays: tuple[Arrays, Arrays]) -> list[Pair]:
    """Pairs of the arrays of two layers; none unless the largest weight of both is in one.

    Then the layers are the same, and what else they have may be missing on one side, such as a bias.
    """
    names = [{**side.layer.weights, **side.layer.buffers} for side in (left, right)]
    here = {name: full for name, full in names[0].items() if full in arrays[0]}
    there = {name: full for name, full in names[1].items() if full in arrays[1]}
    found = [
        pair
        for pair in _pairs(left, right, here, there, arrays)
        if pair.of(arrays[0]).shape == arrays[1][pair.right].shape
    ]
    lefts, rights = (
        {*side.layer.weights.values()} & each.keys() for side, each in zip((left, right), arrays, strict=True)
    )
    if not lefts and not rights:
        return found if len(found) == len(here) == len(there) else []
    if not lefts or not rights:
        return []
    most, most_other = (
        max(each[name].size for name in weights) for weights, each in ((lefts, arrays[0]), (rights, arrays[1]))
    )
    is_same = any(
        arrays[1][pair.right].size == most_other and (len(pair.left) > 1 or arrays[0][pair.left[0]].size == most)
        for pair in found
    )
    return found if is_same else []


def _pairs(
    left: Side, right: Side, here: Mapping[str, str], there: Mapping[str, str], arrays: tuple[Arrays, Arrays]
) -> Iterable[Pair]:
    """Candidates for the pairs of two layers, by what is known of their kinds."""
    frameworks = (left.framework, right.framework)
    if left.is_single and right.is_single:
        ((_, mine),), ((_, theirs),) = here.items(), there.items()
        yield _single(mine, theirs, is_transposed=arrays[0][mine].shape != arrays[1][theirs].shape)
    elif frameworks[0] == frameworks[1]:
        if left.layer.kind == right.layer.kind:
            yield from (_single(here[name], there[name]) for name in here if name in there)
    else:
        for layout, is_to_torch in _layouts(left, right):
            pairs = list(_by_layout(layout, here, there, arrays[0], is_to_torch=is_to_torch))
            if pairs:
                yield from pairs
                return


def _single(mine: str, theirs: str, *, is_transposed: bool = False) -> Pair:
    def of(arrays: Arrays) -> Array:
        return arrays[mine].T if is_transposed else arrays[mine]

    return Pair((mine,), theirs, of, of, is_transposed)


def _layouts(left: Side, right: Side) -> list[tuple[Layout, bool]]:
    """The layouts of a link and a module, and whether they lead from the left layer to the right one as they are."""
    is_to_torch = left.framework == "chainer"
    link, module = (left, right) if is_to_torch else (right, left)
    if link.joint is not None:
        return [(link.joint, is_to_torch)] if link.joint.module == module.layer.kind else []
    try:
        known = {id(layout) for layout in layouts_of_module(module.layer.kind)}
        return [(layout, is_to_torch) for layout in layouts_of_link(link.layer.kind) if id(layout) in known]
    except LayoutError:
        return []


def _by_layout(
    layout: Layout, here: Mapping[str, str], there: Mapping[str, str], arrays: Arrays, *, is_to_torch: bool
) -> Iterable[Pair]:
    for transformation in layout.of_link(here) if is_to_torch else layout.of_module(here):
        names = transformation.link_names, transformation.module_names
        given, made = names if is_to_torch else names[::-1]
        present = {name: here[name] for name in given if name in here}
        for name in made:
            sources = [here[source] for source in transformation.sources(name) if source in here]
            if sources and name in there:
                convert = _conversions(transformation, is_to_torch=is_to_torch)
                of, gradient_of = (_one_of(each, present, name) for each in convert)
                ones = {full: np.ones_like(arrays[full]) for full in present.values()}
                try:
                    is_surplus = not of(ones).any()
                except LayoutError:  # of another number of axes, for instance
                    continue
                yield Pair(tuple(sources), there[name], of, gradient_of, is_surplus=is_surplus)


def _conversions(transformation: Transformation, *, is_to_torch: bool) -> tuple[Convert, Convert]:
    if is_to_torch:
        return transformation.to_module, transformation.gradients_to_module
    return transformation.to_link, transformation.gradients_to_link


def _one_of(convert: Convert, present: Mapping[str, str], made: str) -> Transform:
    """One of the arrays that a conversion makes, from arrays by their full names, as far as they are there."""
    return lambda arrays: convert({name: arrays[full] for name, full in present.items() if full in arrays})[made]


def _add(pairing: Pairing, layer: Layer, other: Layer | None, pairs: Sequence[Pair]) -> None:
    weights = {*layer.weights.values()}
    pairing.weights += [pair for pair in pairs if weights & {*pair.left}]
    pairing.buffers += [pair for pair in pairs if not weights & {*pair.left}]
    lefts, rights = {name for pair in pairs for name in pair.left}, {pair.right for pair in pairs}
    pairing.only_left += [name for name in layer.names if name not in lefts]
    if other is not None:
        pairing.only_right += [name for name in other.names if name not in rights]
