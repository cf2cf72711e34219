"""The initial values of new layers, drawn as Chainer draws them: from NumPy's generator, with a fixed seed."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from backends.compatibility.chainer import import_chainer
from backends.contract import Array
from backends.differences.difference import Code, difference

chainer = import_chainer()
L = chainer.links


def no_inputs(random: np.random.RandomState) -> tuple[Array, ...]:
    """Nothing: the values come from the layer itself."""
    return ()


@difference(
    "default",
    chainer="chainer.links.Linear(in_size, out_size=None, initialW=None): normal, deviation 1/√in_size (LeCunNormal)",
    torch="torch.nn.Linear(in_features, out_features): uniform in ±1/√in_features (kaiming_uniform with a=√5)",
)
def initial_weights() -> Code:
    """New weights are normal in Chainer and uniform in PyTorch, with a deviation smaller by a factor √3."""

    def in_chainer() -> Any:
        return L.Linear(50, 40).W

    def naive() -> Tensor:
        return nn.Linear(50, 40).weight

    def normalised() -> Tensor:
        linear = nn.Linear(50, 40)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(np.random.normal(0, 50**-0.5, (40, 50))))
        return linear.weight

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=no_inputs)


@difference(
    "default",
    chainer="chainer.links.Convolution2D(in_channels, out_channels, ksize=None, initial_bias=None): 0",
    torch="torch.nn.Conv2d(in_channels, out_channels, kernel_size, bias=True): uniform in ±1/√(inputs of a unit)",
)
def initial_bias() -> Code:
    """New biases are 0 in Chainer and random in PyTorch, in linear and in convolution layers."""

    def in_chainer() -> Any:
        return L.Linear(5, 4).b, L.Convolution2D(3, 4, 2).b

    def naive() -> Any:
        return nn.Linear(5, 4).bias, nn.Conv2d(3, 4, 2).bias

    def normalised() -> Any:
        layers = nn.Linear(5, 4), nn.Conv2d(3, 4, 2)
        return [nn.init.constant_(layer.bias, 0) for layer in layers if layer.bias is not None]

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=no_inputs)


@difference(
    "default",
    chainer="chainer.links.LSTM(in_size, out_size=None, bias_init=None, forget_bias_init=None): 1 for f, else 0",
    torch="torch.nn.LSTMCell(input_size, hidden_size, bias=True): two biases, both uniform in ±1/√hidden_size",
)
def lstm_forget_bias() -> Code:
    """A new LSTM's forget gate has bias 1 and the others 0 in Chainer; all are random in PyTorch."""

    def in_chainer() -> Any:
        gates = L.LSTM(3, 2).upward.b.reshape(2, 4)
        return gates[:, 1], gates[:, 2], gates[:, 0], gates[:, 3]

    def naive() -> tuple[Tensor, ...]:
        cell = nn.LSTMCell(3, 2)
        return torch.split(cell.bias_ih + cell.bias_hh, 2)

    def normalised() -> tuple[Tensor, ...]:
        cell = nn.LSTMCell(3, 2)
        with torch.no_grad():
            cell.bias_ih.zero_()[2:4] = 1
            cell.bias_hh.zero_()
        return torch.split(cell.bias_ih + cell.bias_hh, 2)

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=no_inputs)


@difference(
    "default",
    chainer="chainer.initializers.Orthogonal(scale=1.1)",
    torch="torch.nn.init.orthogonal_(tensor, gain=1)",
)
def orthogonal_scale() -> Code:
    """Orthogonal weights are scaled by 1.1 in Chainer: W·Wᵀ is 1.21 times the identity."""

    def in_chainer() -> Any:
        w = L.Linear(5, 3, initialW=chainer.initializers.Orthogonal()).W
        return chainer.functions.matmul(w, w, transb=True)

    def naive() -> Tensor:
        w = nn.init.orthogonal_(nn.Linear(5, 3).weight)
        return w @ w.T

    def normalised() -> Tensor:
        w = nn.init.orthogonal_(nn.Linear(5, 3).weight, gain=1.1)
        return w @ w.T

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=no_inputs)


@difference(
    "default",
    chainer="chainer.initializers.Uniform(scale=0.05): in ±scale",
    torch="torch.nn.init.uniform_(tensor, a=0.0, b=1.0)",
)
def uniform_range() -> Code:
    """Uniform draws from −0.05 to 0.05 in Chainer; uniform_ draws from 0 to 1 in PyTorch."""

    def in_chainer() -> Any:
        return L.Linear(5, 3, initialW=chainer.initializers.Uniform()).W

    def naive() -> Tensor:
        return nn.init.uniform_(nn.Linear(5, 3).weight)

    def normalised() -> Tensor:
        weight = nn.init.uniform_(nn.Linear(5, 3).weight, -0.05, 0.05)
        # That is the distribution; these are the numbers that Chainer draws from it.
        return weight.detach().copy_(torch.from_numpy(np.random.uniform(-0.05, 0.05, (3, 5))))

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=no_inputs)
