"""The arrays of a file as those of a model, with what was paired, what was left out and what has to be said."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from backends.checkpoints.checkpoint import Checkpoint
from backends.checkpoints.layers import LayerArrays, layers_of_chainer, layers_of_torch
from backends.checkpoints.models import LiveModel
from backends.contract import Array
from backends.layouts.transformations import LayoutError
from harness.converting.pairing import Pair, Pairing, pair_layers
from harness.errors import InputError


@dataclass(frozen=True)
class Conversion:
    """What comes out of it."""

    arrays: Mapping[str, Array]
    """In the order of the model's own."""
    pairs: tuple[Pair, ...]
    """Which layer of the file became which of the model."""
    copied: Mapping[str, str]
    """Arrays of layers of the user's own classes, by their names in the file and in the model."""
    notes: tuple[str, ...]
    """What else differs once the weights are copied."""
    left_out: tuple[str, ...]
    """Arrays of the file that the model has no place for."""
    missing: tuple[str, ...]
    """Arrays of the model that the file has nothing for."""


def convert(
    checkpoint: Checkpoint,
    model: LiveModel,
    said: Mapping[str, str],
    *,
    original: LiveModel | None = None,
    allow_missing: bool = False,
) -> Conversion:
    """Convert a file's arrays for a model of the other framework.

    `said` pairs layers by their paths; `original`, the model that the file is of, knows their order. Raises InputError
    where layers can't be told apart, and, unless `allow_missing`, where any array of the file or the model is left.
    """
    if checkpoint.framework == model.framework:
        raise InputError("the file and the model are of the same framework: there is nothing to convert")
    for key, array in checkpoint.arrays.items():
        if array.dtype.kind == "c":
            raise InputError(f"the file's {key} is {array.dtype}; only real numbers are converted")
    layers = {"chainer": layers_of_chainer, "torch": layers_of_torch}[checkpoint.framework](checkpoint.arrays)
    if original is not None:
        orders = {layer.path: layer.order for layer in original.described().layers}
        layers = [replace(layer, order=orders.get(layer.path, layer.order)) for layer in layers]
    described = model.described()
    if not checkpoint.arrays and not described.shapes:
        raise InputError("neither the file nor the model holds any weights")
    pairing = pair_layers(layers, model, described, checkpoint.arrays, said)
    shapes = {key: array.shape for key, array in checkpoint.arrays.items()}
    left_out = [
        *_listed(pairing.sources, shapes),
        *(f"{key}, which holds no numbers: it never had a value, or is no weight" for key in checkpoint.empty),
    ]
    missing = _listed(pairing.targets, described.shapes)
    if pairing.ambiguous or ((left_out or missing) and not allow_missing):
        raise InputError(_refusal(pairing, left_out, missing))
    arrays: dict[str, Array] = {}
    notes: list[str] = []
    order = {key: position for position, key in enumerate(described.shapes)}
    pairs = sorted(pairing.pairs, key=lambda pair: min(order[key] for key in pair.target.keys.values()))
    for pair in pairs:
        try:
            converted = model.convert(
                pair.layout, {name: checkpoint.arrays[key] for name, key in pair.source.keys.items()}
            )
        except LayoutError as error:
            raise InputError(f"{pair.source.path}: {error}") from error
        arrays |= {pair.target.keys[name]: array for name, array in converted.items()}
        if len(pair.source.keys) != len(pair.target.keys):
            notes += [f"{pair.target.path}: {note}" for note in model.notes(pair.layout)]
    for key, target in pairing.copied.items():
        arrays[target] = checkpoint.arrays[key]
        notes.append(f"{target}: copied as it is: its layer is of a class of your own")
    for key, first in model.shared().items():
        if key in arrays and first in arrays and not np.array_equal(arrays[key], arrays[first], equal_nan=True):
            raise InputError(f"{first} and {key} are one weight in the model, and two that differ in the file")
    return Conversion(
        {key: arrays[key] for key in described.shapes if key in arrays},
        tuple(pairs),
        pairing.copied,
        tuple(notes),
        tuple(left_out),
        tuple(missing),
    )


def _listed(layers: list[LayerArrays], shapes: Mapping[str, tuple[int, ...] | None]) -> list[str]:
    """All arrays of these layers with their shapes, and why a layer has no counterpart."""
    listed = []
    for layer in layers:
        for key in layer.keys.values():
            shape = shapes[key]
            listed.append(f"{key} {'of no shape yet' if shape is None else shape}")
        if layer.refusal:
            listed[-1] += f" ({layer.refusal})"
    return listed


def _refusal(pairing: Pairing, left_out: list[str], missing: list[str]) -> str:
    lines = ["the file and the model don't fit each other:"]
    parts = [part for layer in pairing.parted.values() for part in layer.parts]
    for sources, targets in pairing.ambiguous:
        if all(layer in parts for layer in sources) or all(layer in parts for layer in targets):
            continue
        these, those = ([layer.path for layer in layers] for layers in (sources, targets))
        advice = f"say which is which, as --map {these[0]}={those[0]}"
        if any(layer.order is None for layer in sources):
            advice += ", or name the original model with --check: a Sequential doesn't number its links in order"
        lines.append(f"  {', '.join(these)} could be any of {', '.join(those)}: {advice}")
    lines += [
        f"  several links make up {whole.path}: name them in order, as --map {said}"
        for said, whole in pairing.parted.items()
    ]
    unsure = {layer.path for both in pairing.ambiguous for layers in both for layer in layers}
    for where, entries, layers in (
        ("file", left_out, pairing.sources),
        ("model", missing, pairing.targets),
    ):
        told = [key for layer in layers if layer.path in unsure for key in layer.keys.values()]
        rest = [entry for entry in entries if not any(entry.startswith(f"{key} ") for key in told)]
        if rest:
            lines += [f"  only in the {where}:", *(f"    {entry}" for entry in rest)]
    if left_out or missing:
        lines.append("  pair layers by hand with --map OLD=NEW, or leave out what fits nothing with --allow-missing")
    return "\n".join(lines)
