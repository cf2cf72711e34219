"""LSTM and GRU: the order of the weights, and which formula is meant."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from backends.compatibility.chainer import import_chainer
from backends.contract import Array
from backends.differences.difference import Code, difference

chainer = import_chainer()
F, L = chainer.functions, chainer.links
Variable = Any  # Chainer has no types


@difference(
    "layer",
    chainer="chainer.functions.lstm(c_prev, x): rows a, i, f, o of unit 1, then those of unit 2",
    torch="torch.nn.LSTMCell(input_size, hidden_size): rows i of all units, then f, then g (which is a), then o",
)
def lstm_gate_order() -> Code:
    """An LSTM's weights are ordered by unit, gates a, i, f, o, in Chainer, and by gate, i, f, g, o, in PyTorch."""

    def in_chainer(x: Variable, h: Variable, c: Variable, w: Variable, u: Variable) -> Variable:
        return F.lstm(c, F.linear(x, w) + F.linear(h, u))

    def naive(x: Tensor, h: Tensor, c: Tensor, w: Tensor, u: Tensor) -> tuple[Tensor, Tensor]:
        weights = {"weight_ih": w, "weight_hh": u}
        h, c = torch.func.functional_call(nn.LSTMCell(3, 2, bias=False), weights, (x, (h, c)))
        return c, h

    def normalised(x: Tensor, h: Tensor, c: Tensor, w: Tensor, u: Tensor) -> tuple[Tensor, Tensor]:
        def by_gate(w: Tensor) -> Tensor:
            a, i, f, o = w[0::4], w[1::4], w[2::4], w[3::4]
            return torch.cat((i, f, a, o))

        weights = {"weight_ih": by_gate(w), "weight_hh": by_gate(u)}
        h, c = torch.func.functional_call(nn.LSTMCell(3, 2, bias=False), weights, (x, (h, c)))
        return c, h

    return Code(
        in_chainer=in_chainer,
        naive=naive,
        normalised=normalised,
        inputs=lambda random: (
            random.randn(4, 3),
            random.randn(4, 2),
            random.randn(4, 2),
            random.randn(8, 3),
            random.randn(8, 2),
        ),
    )


def _gru_inputs(random: np.random.RandomState) -> tuple[Array, ...]:
    """An input, a state, and the weights of gates r, z and the candidate: from the input, and from the state."""
    return random.randn(4, 3), random.randn(4, 2), random.randn(3, 2, 3), random.randn(3, 2, 2)


@difference(
    "layer",
    chainer="chainer.links.StatelessGRU(in_size, out_size): tanh(W·x + U·(r·h)), and z is the share of the new state",
    torch="torch.nn.GRUCell(input_size, hidden_size): tanh(W·x + r·(U·h)), and z is the share of the old state",
    also=("chainer.links.GRU", "chainer.links.StatefulGRU"),
)
def gru_reset_gate() -> Code:
    """Chainer's GRU resets the state before U, and its z is 1 − PyTorch's z; NStepGRU has PyTorch's formula."""

    def in_chainer(x: Variable, h: Variable, w: Variable, u: Variable) -> Variable:
        gru = L.StatelessGRU(3, 2)
        for link, weight in zip((gru.W_r, gru.W_z, gru.W), w, strict=True):
            link.W = weight
        for link, weight in zip((gru.U_r, gru.U_z, gru.U), u, strict=True):
            link.W = weight
        return gru(h, x)

    def naive(x: Tensor, h: Tensor, w: Tensor, u: Tensor) -> Any:
        weights = {"weight_ih": w.flatten(0, 1), "weight_hh": u.flatten(0, 1)}
        return torch.func.functional_call(nn.GRUCell(3, 2, bias=False), weights, (x, h))

    def normalised(x: Tensor, h: Tensor, w: Tensor, u: Tensor) -> Tensor:
        r = torch.sigmoid(x @ w[0].T + h @ u[0].T)
        z = torch.sigmoid(x @ w[1].T + h @ u[1].T)
        new = torch.tanh(x @ w[2].T + (r * h) @ u[2].T)
        return z * new + (1 - z) * h

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=_gru_inputs)
