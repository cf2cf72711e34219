"""Which weights of one model are which of the other: by kind, shape and the order of first use.

Chainer keeps no order of registration, and twins such as a mean and a variance of one shape can't be told by their
names. The order in which a model uses its layers is the same in a faithful port.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from backends.capture.calls import Pass
from backends.capture.training import Layer
from backends.contract import Array
from harness.comparing.guarded import GuardedTraining
from harness.comparing.mates import Form, unchanged

NAMES: Mapping[str, str] = {
    "W": "weight",
    "b": "bias",
    "gamma": "weight",
    "beta": "bias",
    "avg_mean": "running_mean",
    "avg_var": "running_var",
    "N": "num_batches_tracked",
}
"""Chainer's names of arrays, and PyTorch's of those that mean the same."""


@dataclass(frozen=True, eq=False)
class Pair:
    """A weight or buffer of the left model and its counterpart."""

    left: str
    right: str
    form: Form
    """Brings the left array into the layout of the right one."""
    is_transposed: bool = False


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
    arrays = [{**model.buffers(), **model.weights()} for model in (left, right)]
    layers = [_in_order_of_use(model.layers(), captured) for model, captured in zip((left, right), passes, strict=True)]
    if "numpy" in (left.framework, right.framework):
        layers = [_one_by_one(each, captured) for each, captured in zip(layers, passes, strict=True)]
    mine, waiting = layers
    for layer in mine:
        fits = ((other, _fit(layer, other, *arrays)) for other in waiting)
        other, pairs = next(((other, pairs) for other, pairs in fits if pairs), (None, []))
        if other is not None:
            waiting.remove(other)
        _add(pairing, layer, other, pairs)
    for layer in waiting:
        pairing.only_right += [*layer.weights.values(), *layer.buffers.values()]
    return pairing


def _in_order_of_use(layers: Sequence[Layer], captured: Pass) -> list[Layer]:
    """Layers by the first use of one of their weights; those that are not used come last, in the model's order."""
    order = {name: position for position, name in enumerate(captured.weights)}
    return sorted(
        layers,
        key=lambda layer: min((order.get(name, len(order)) for name in layer.weights.values()), default=len(order)),
    )


def _one_by_one(layers: Sequence[Layer], captured: Pass) -> list[Layer]:
    single = [Layer(full, "", {name: full}) for layer in layers for name, full in layer.weights.items()]
    return _in_order_of_use(single, captured)


def _fit(layer: Layer, other: Layer, arrays: Mapping[str, Array], others: Mapping[str, Array]) -> list[Pair]:
    """Pairs of the arrays of two layers; none unless the largest weight of both has one, and it is the same pair.

    Then the layers are the same, and what else they have may be missing on one side, such as a bias.
    """
    left = {name: full for name, full in layer.weights.items() if full in arrays}
    weights = _matched(left, other.weights, lambda one, two: _form(arrays[one], others[two]))
    if left and other.weights:
        largest = max(arrays[full].size for full in left.values())
        largest_other = max(others[full].size for full in other.weights.values())
        if not any(arrays[one].size == largest == largest_other for one, _, _ in weights):
            return []
    elif left or other.weights:
        return []
    buffers = _matched(layer.buffers, other.buffers, lambda one, two: _form(arrays[one], others[two]))
    return [Pair(one, two, form, form is not unchanged) for one, two, form in [*weights, *buffers]]


def _matched(
    left: Mapping[str, str], right: Mapping[str, str], form_of: Callable[[str, str], Form | None]
) -> list[tuple[str, str, Form]]:
    """Pairs of arrays by their names' meaning, or, where a name means nothing, the only ones that are left."""
    waiting = dict(right)
    pairs = []
    for name, full in left.items():
        wanted = name if name in waiting else NAMES.get(name, "")
        wanted = wanted if wanted in waiting else next(iter(n for n in waiting if NAMES.get(n) == name), "")
        if not wanted and len(left) == len(right) == 1:
            wanted = next(iter(waiting))
        form = form_of(full, waiting[wanted]) if wanted else None
        if form is not None:
            pairs.append((full, waiting.pop(wanted), form))
    return pairs


def _form(array: Array, other: Array) -> Form | None:
    """How an array of the left model gets the shape of one of the right: as it is, or transposed."""
    if array.shape == other.shape:
        return unchanged
    return np.transpose if array.ndim == 2 and array.shape[::-1] == other.shape else None


def _add(pairing: Pairing, layer: Layer, other: Layer | None, pairs: Sequence[Pair]) -> None:
    weights = {*layer.weights.values()}
    pairing.weights += [pair for pair in pairs if pair.left in weights]
    pairing.buffers += [pair for pair in pairs if pair.left not in weights]
    lefts, rights = {pair.left for pair in pairs}, {pair.right for pair in pairs}
    pairing.only_left += [name for name in (*layer.weights.values(), *layer.buffers.values()) if name not in lefts]
    if other is not None:
        theirs = (*other.weights.values(), *other.buffers.values())
        pairing.only_right += [name for name in theirs if name not in rights]
