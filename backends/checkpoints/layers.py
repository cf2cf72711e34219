"""Arrays that belong to one layer: told from their names in a file, where nothing says of which class the layer is."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from backends.layouts.catalogue import joint_layouts
from backends.layouts.layout import Layout
from backends.layouts.without_counterpart import WITHOUT_COUNTERPART


@dataclass(frozen=True)
class LayerArrays:
    """The arrays of one layer, of a file or of a model, and how they may be converted."""

    path: str
    """As its framework writes it: `predictor/l1` or `predictor.l1`; empty for the model itself."""
    keys: Mapping[str, str]
    """The full names of its arrays, by their names in the layer."""
    layouts: tuple[Layout, ...] = ()
    """Its possible layouts, where its class is known."""
    parts: tuple["LayerArrays", ...] = ()
    """What it is made of, where the other side may have several layers for it."""
    refusal: str = ""
    """Why it has no counterpart, if it has none."""
    order: tuple[int, ...] | None = ()
    """The numbers in its path, by which layers of one shape are in order; None where they may be in another."""

    @property
    def steps(self) -> tuple[str, ...]:
        """Its path, step by step."""
        return tuple(re.split(r"[/.]", self.path)) if self.path else ()


def numbers_in(path: str) -> tuple[int, ...]:
    """All numbers in a path."""
    return tuple(int(number) for number in re.findall(r"\d+", path))


_LSTM = {"upward/W", "upward/b", "lateral/W"}
_OF_NO_COUNTERPART = {
    "StatelessGRU": {"W_r/W", "U_r/W", "W_z/W", "U_z/W", "W/W", "U/W"},
    "StatelessMGU": {"W_f/W", "W_h/W"},
    "StatefulPeepholeLSTM": {*_LSTM, "peep_i/W", "peep_f/W", "peep_o/W"},
}
"""The arrays by which links without a counterpart are known, without their biases."""
_N_STEP = re.compile(r"\d+/[wb]\d+")
_INPUTS = {"in_proj_weight", "q_proj_weight"}
_OUTPUT = "out_proj"
"""What nn.MultiheadAttention calls its weights of the inputs, and the module of the output."""
_RECURRENT = re.compile(r"((?:weight|bias)_(?:ih|hh)_l)(\d+)")


def layers_of_chainer(keys: Iterable[str]) -> list[LayerArrays]:
    """The layers of Chainer's names, such as `l1/W` or `lstm/upward/W`. Children of an LSTM are no layers.

    Positions, such as that of `2/W`, are no order. A ChainList numbers its links in order. A Sequential inserts each
    behind its first link by that link's place among all functions: one that begins with a link saves the others in
    reverse, one that begins with a function does not. A file says neither which of them it is of, nor of functions.
    """
    layers = [_of_chainer(path, names) for path, names in _grouped(sorted(keys))]
    return sorted(layers, key=lambda layer: layer.path)


def _grouped(keys: list[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """The arrays of each layer, by its path; those that make up one link of several are taken together first."""
    left = dict.fromkeys(keys)
    for path in sorted({parent for key in keys for parent in _parents(key)}, key=lambda path: path.count("/")):
        below = {
            key.removeprefix(f"{path}/") if path else key: key for key in left if not path or key.startswith(f"{path}/")
        }
        names = below.keys()
        is_composed = names == _LSTM or (names and all(map(_N_STEP.fullmatch, names))) or _known(names)
        if is_composed:
            yield path, below
            for key in below.values():
                del left[key]
    rest: dict[str, dict[str, str]] = {}
    for key in left:
        path, _, name = key.rpartition("/")
        rest.setdefault(path, {})[name] = key
    yield from rest.items()


def _parents(key: str) -> Iterator[str]:
    steps = key.split("/")[:-1]
    yield from ("/".join(steps[:length]) for length in range(len(steps)))


def _known(names: Iterable[str]) -> str:
    """The link without a counterpart that has arrays of these names; empty if there is none."""
    present = set(names)
    weights = {name for name in present if not name.endswith("/b") or name == "upward/b"}
    return next((link for link, known in _OF_NO_COUNTERPART.items() if weights == known), "")


def _of_chainer(path: str, names: dict[str, str]) -> LayerArrays:
    link = _known(names)
    reason = f"Chainer's {link} has no counterpart: {WITHOUT_COUNTERPART[link]}" if link else ""
    has_positions = any(step.isdigit() for step in path.split("/"))
    return LayerArrays(path, names, refusal=reason, order=None if has_positions else numbers_in(path))


def layers_of_torch(keys: Iterable[str]) -> list[LayerArrays]:
    """The layers of PyTorch's names, such as `fc1.weight` or `lstm.weight_ih_l0`."""
    layers: dict[str, dict[str, str]] = {}
    for key in keys:
        path, _, name = key.rpartition(".")
        layers.setdefault(path, {})[name] = key
    single = [
        LayerArrays(path, names, parts=parts_of_torch(path, names), order=numbers_in(path))
        for path, names in layers.items()
    ]
    return with_attention(single)


def with_attention(layers: list[LayerArrays]) -> list[LayerArrays]:
    """The layers, with each nn.MultiheadAttention and its out_proj as one layer of two parts."""
    by_path = {layer.path: layer for layer in layers}
    whole: dict[str, LayerArrays | None] = {}
    for layer in layers:
        output = by_path.get(f"{layer.path}.{_OUTPUT}" if layer.path else _OUTPUT)
        if output is not None and layer.keys.keys() & _INPUTS:
            keys = {**layer.keys, **{f"{_OUTPUT}.{name}": key for name, key in output.keys.items()}}
            attention = LayerArrays(
                layer.path, keys, joint_layouts("MultiheadAttention"), (layer, output), order=numbers_in(layer.path)
            )
            whole |= {layer.path: attention, output.path: None}
    return [one for layer in layers if (one := whole.get(layer.path, layer)) is not None]


def parts_of_torch(path: str, names: Mapping[str, str], layouts: tuple[Layout, ...] = ()) -> tuple[LayerArrays, ...]:
    """Each layer of a recurrent module in one direction, with its names as if it were the first; else nothing."""
    parts: dict[int, dict[str, str]] = {}
    for name, key in names.items():
        match = _RECURRENT.fullmatch(name)
        if match is None:
            return ()
        parts.setdefault(int(match[2]), {})[f"{match[1]}0"] = key
    if len(parts) < 2:
        return ()
    return tuple(
        LayerArrays(f"{path}[{number}]", part, layouts, order=(*numbers_in(path), number))
        for number, part in sorted(parts.items())
    )


@dataclass(frozen=True)
class Model:
    """What a conversion has to know of a model: its layers and the shapes of all arrays."""

    layers: tuple[LayerArrays, ...]
    shapes: Mapping[str, tuple[int, ...] | None] = field(default_factory=dict)
    """None where the model finds out with its first input."""
