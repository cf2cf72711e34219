"""Recurrent layers: in which order the gates stand, and how many biases there are.

Chainer's LSTM keeps the gates a, i, f, o of each unit side by side and has one bias. PyTorch keeps the blocks i, f, g,
o of all units (its g is Chainer's a) and adds two biases.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from backends.layouts.layout import Layout
from backends.layouts.transformations import (
    Array,
    Arrays,
    LayoutError,
    Transformation,
    check_axes,
    check_same_shape,
    contiguous,
)

INPUT_FORGET_CELL_OUTPUT = (1, 2, 0, 3)
"""Which of Chainer's gates a, i, f, o each of PyTorch's blocks i, f, g, o is."""


def _names_of_layer(suffix: str) -> tuple[str, str, str, str]:
    """What PyTorch calls the arrays of a cell (no suffix), or of a layer in one direction (`_l0`, `_l0_reverse`)."""
    return f"weight_ih{suffix}", f"weight_hh{suffix}", f"bias_ih{suffix}", f"bias_hh{suffix}"


class InterleavedGates(Transformation):
    """The weights of a Chainer LSTM as one layer of an nn.LSTM or as an nn.LSTMCell."""

    def __init__(self, suffix: str) -> None:
        self.link_names = ("upward/W", "upward/b", "lateral/W")
        self.module_names = names = _names_of_layer(suffix)
        self.may_lack = frozenset(names[2:])

    def to_module(self, arrays: Arrays) -> dict[str, Array]:
        """The gates as blocks; bias_hh is zero."""
        gradients = self.gradients_to_module(arrays)
        *_, bias_hh = self.module_names
        return gradients | {bias_hh: np.zeros_like(gradients[bias_hh])}

    def to_link(self, arrays: Arrays) -> dict[str, Array]:
        """The gates of each unit side by side; b is the sum of both biases, or zero if there are none."""
        weight_ih, _, bias_ih, bias_hh = self.module_names
        if (bias_ih in arrays) != (bias_hh in arrays):
            raise LayoutError(f"{bias_ih} and {bias_hh} come together or not at all")
        weight = arrays[weight_ih]
        bias = arrays[bias_ih] + arrays[bias_hh] if bias_ih in arrays else np.zeros(weight.shape[:1], weight.dtype)
        return self.gradients_to_link({**arrays, bias_ih: bias})

    def sources(self, made: str) -> tuple[str, ...]:
        """Chainer's bias for either of PyTorch's, and both of these for it; else the one matrix."""
        weight_ih, weight_hh, bias_ih, bias_hh = self.module_names
        upward, bias, lateral = self.link_names
        one_to_one = {upward: weight_ih, lateral: weight_hh, weight_ih: upward, weight_hh: lateral}
        if made in one_to_one:
            return (one_to_one[made],)
        return (bias_ih, bias_hh) if made == bias else (bias,)

    def gradients_to_module(self, gradients: Arrays) -> dict[str, Array]:
        """The gates as blocks; both biases have the gradient of their sum."""
        weight_ih, weight_hh, bias_ih, bias_hh = self.module_names
        names = {"upward/W": (weight_ih,), "lateral/W": (weight_hh,), "upward/b": (bias_ih, bias_hh)}
        return {name: _to_blocks(link, gradients[link]) for link in gradients for name in names[link]}

    def gradients_to_link(self, gradients: Arrays) -> dict[str, Array]:
        """The gates of each unit side by side; b has the gradient of bias_ih, which is that of bias_hh too."""
        weight_ih, weight_hh, bias_ih, _ = self.module_names
        names = {weight_ih: "upward/W", weight_hh: "lateral/W", bias_ih: "upward/b"}
        return {names[name]: _to_units(name, gradients[name]) for name in gradients if name in names}


def _to_blocks(name: str, rows: Array) -> Array:
    """From the four gates of each unit to four blocks of all units."""
    _check_gates(name, rows)
    units = rows.reshape(-1, 4, *rows.shape[1:]).swapaxes(0, 1)
    return contiguous(units[list(INPUT_FORGET_CELL_OUTPUT)].reshape(rows.shape))


def _to_units(name: str, rows: Array) -> Array:
    """From four blocks of all units to the four gates of each unit."""
    _check_gates(name, rows)
    blocks = rows.reshape(4, -1, *rows.shape[1:])
    return contiguous(blocks[np.argsort(INPUT_FORGET_CELL_OUTPUT)].swapaxes(0, 1).reshape(rows.shape))


def _check_gates(name: str, rows: Array) -> None:
    check_axes(name, rows, 1 if name.endswith("/b") or name.startswith("bias") else 2)
    if len(rows) % 4:
        raise LayoutError(f"{name} has {len(rows)} rows, which are not those of four gates")


class SeparateGates(Transformation):
    """One layer in one direction of Chainer's n-step RNNs, which keep each gate's matrix and bias apart."""

    def __init__(self, gates: int, index: int, suffix: str) -> None:
        self.gates = gates
        self.groups = [
            tuple(f"{index}/{letter}{start + gate}" for gate in range(gates)) for letter in "wb" for start in (0, gates)
        ]
        """Chainer's names of each of the module's four arrays."""
        self.link_names = tuple(name for group in self.groups for name in group)
        self.module_names = names = _names_of_layer(suffix)
        self.may_lack = frozenset(names[2:])

    def sources(self, made: str) -> tuple[str, ...]:
        """The gates' arrays for the joined one, and that for each of them."""
        if made in self.module_names:
            return self.groups[self.module_names.index(made)]
        return tuple(name for name, group in zip(self.module_names, self.groups, strict=True) if made in group)

    def to_module(self, arrays: Arrays) -> dict[str, Array]:
        """The gates one below the other."""
        joined: dict[str, Array] = {}
        for name, group in zip(self.module_names, self.groups, strict=True):
            present = [link for link in group if link in arrays]
            if not present:
                continue
            if len(present) < len(group):
                missing = ", ".join(link for link in group if link not in arrays)
                raise LayoutError(f"{missing} is missing beside {', '.join(present)}")
            check_same_shape(group, arrays)
            joined[name] = contiguous(np.concatenate([arrays[link] for link in group]))
        return joined

    def to_link(self, arrays: Arrays) -> dict[str, Array]:
        """The gates apart; missing biases are zero."""
        weight_ih, _, *biases = self.module_names
        weight = arrays[weight_ih]
        zeros = {name: np.zeros(weight.shape[:1], weight.dtype) for name in biases}
        return self.gradients_to_link({**zeros, **arrays})

    def gradients_to_link(self, gradients: Arrays) -> dict[str, Array]:
        """The gates apart, of what is there."""
        apart: dict[str, Array] = {}
        for name, group in zip(self.module_names, self.groups, strict=True):
            if name not in gradients:
                continue
            if len(gradients[name]) % self.gates:
                raise LayoutError(f"{name} has {len(gradients[name])} rows, which are not those of {self.gates} gates")
            blocks = np.split(gradients[name], self.gates)
            apart |= {link: contiguous(block) for link, block in zip(group, blocks, strict=True)}
        return apart


@dataclass(frozen=True)
class StackedLayout(Layout):
    """An n-step RNN of Chainer's and a whole nn.LSTM, nn.GRU or nn.RNN, of as many layers as the names say."""

    gates: int = 1
    directions: int = 1

    def of_link(self, names: Iterable[str]) -> tuple[Transformation, ...]:
        """One transformation for each of Chainer's children, `0`, `1`, …"""
        indices = {int(name.split("/")[0]) for name in names if name.split("/")[0].isdigit()}
        layers = -(-(max(indices) + 1) // self.directions) if indices else 1
        return self._of_layers(layers)

    def of_module(self, names: Iterable[str]) -> tuple[Transformation, ...]:
        """One transformation for each `weight_ih_l0`, `weight_ih_l0_reverse`, …"""
        prefix = "weight_ih_l"
        layers = {name.removeprefix(prefix).removesuffix("_reverse") for name in names if name.startswith(prefix)}
        return self._of_layers(max((int(layer) + 1 for layer in layers if layer.isdigit()), default=1))

    def _of_layers(self, layers: int) -> tuple[Transformation, ...]:
        return tuple(
            SeparateGates(self.gates, layer * self.directions + direction, f"_l{layer}{'_reverse' * direction}")
            for layer in range(layers)
            for direction in range(self.directions)
        )


_ONE_BIAS_TO_TWO = "b becomes bias_ih, and bias_hh is 0: trained, the two together move twice as far as b in a step"
_TWO_BIASES_TO_ONE = "b is bias_ih + bias_hh, rounded once: trained, it moves half as far as the two together in a step"


def _lstm(link: str, module: str, suffix: str) -> Layout:
    return Layout(link, module, (InterleavedGates(suffix),), (_ONE_BIAS_TO_TWO,), (_TWO_BIASES_TO_ONE,))


def layer_of_lstm(link: str, layer: int) -> Layout:
    """One link as one layer of an nn.LSTM: of `LSTM` or `StatelessLSTM` there is one a layer."""
    return _lstm(link, "LSTM", f"_l{layer}")


LAYOUTS = (
    layer_of_lstm("LSTM", 0),
    _lstm("LSTM", "LSTMCell", ""),
    _lstm("StatelessLSTM", "LSTMCell", ""),
    layer_of_lstm("StatelessLSTM", 0),
    *(
        StackedLayout(f"NStep{'Bi' * (directions - 1)}{kind}", module, (), gates=gates, directions=directions)
        for kind, module, gates in (
            ("LSTM", "LSTM", 4),
            ("GRU", "GRU", 3),
            ("RNNTanh", "RNN", 1),
            ("RNNReLU", "RNN", 1),
        )
        for directions in (1, 2)
    ),
)
