"""Each layout's link and module, made alike, with an input and how each is called."""

from collections.abc import Callable
from typing import Any

import torch

from backends.compatibility.chainer import import_chainer

chainer = import_chainer()
F, L = chainer.functions, chainer.links
nn = torch.nn

IMAGES = (2, 4, 7, 6)
STEPS = (5, 3, 4)


def run_last(layer: Any, x: Any) -> Any:
    """The outputs of nn.LSTM and its like, for steps in the first axis."""
    return layer(x)[0]


def in_steps(link: Any, x: Any) -> Any:
    """A link with a state, one step after the other."""
    link.reset_state()
    return F.stack([link(step) for step in x], axis=0)


def in_stateless_steps(link: Any, x: Any) -> Any:
    c = h = None
    outputs = []
    for step in x:
        c, h = link(c, h, step)
        outputs.append(h)
    return F.stack(outputs, axis=0)


def in_cell_steps(cell: Any, x: torch.Tensor) -> torch.Tensor:
    state = None
    outputs = []
    for step in x:
        state = cell(step, state)
        outputs.append(state[0])
    return torch.stack(outputs)


def of_sequences(link: Any, x: Any) -> Any:
    """Chainer's n-step RNNs take one sequence per example; here they are equally long."""
    sequences = [x[:, example] for example in range(x.shape[1])]
    nothing = [None] * (2 if "LSTM" in type(link).__name__ else 1)
    *_, outputs = link(*nothing, sequences)
    return F.stack(outputs, axis=1)


def call(layer: Any, x: Any) -> Any:
    return layer(x)


def twice(layer: Any, x: Any) -> Any:
    return layer(x, 2 * x)


Forward = Callable[[Any, Any], Any]
CASES: dict[str, tuple[Any, Any, tuple[int, ...], Forward, Forward]] = {
    "Linear": (lambda: L.Linear(4, 3), lambda: nn.Linear(4, 3), (5, 4), call, call),
    "Linear without bias": (
        lambda: L.Linear(4, 3, nobias=True),
        lambda: nn.Linear(4, 3, bias=False),
        (5, 4),
        call,
        call,
    ),
    "Bilinear": (
        lambda: L.Bilinear(4, 4, 3, nobias=True),
        lambda: nn.Bilinear(4, 4, 3, bias=False),
        (5, 4),
        twice,
        twice,
    ),
    "PReLU": (lambda: L.PReLU(), lambda: nn.PReLU(), IMAGES, call, call),
    "PReLU by channel": (lambda: L.PReLU((4,)), lambda: nn.PReLU(4), IMAGES, call, call),
    "Convolution1D": (
        lambda: L.Convolution1D(4, 6, 3, pad=1),
        lambda: nn.Conv1d(4, 6, 3, padding=1),
        (2, 4, 7),
        call,
        call,
    ),
    "Convolution2D": (
        lambda: L.Convolution2D(4, 6, (3, 2), stride=2, groups=2),
        lambda: nn.Conv2d(4, 6, (3, 2), stride=2, groups=2),
        IMAGES,
        call,
        call,
    ),
    "Convolution3D": (lambda: L.Convolution3D(2, 3, 2), lambda: nn.Conv3d(2, 3, 2), (2, 2, 3, 4, 3), call, call),
    "ConvolutionND of 1": (lambda: L.ConvolutionND(1, 4, 6, 3), lambda: nn.Conv1d(4, 6, 3), (2, 4, 7), call, call),
    "ConvolutionND of 2": (lambda: L.ConvolutionND(2, 4, 6, 3), lambda: nn.Conv2d(4, 6, 3), IMAGES, call, call),
    "ConvolutionND of 3": (
        lambda: L.ConvolutionND(3, 2, 3, 2),
        lambda: nn.Conv3d(2, 3, 2),
        (2, 2, 3, 4, 3),
        call,
        call,
    ),
    "DilatedConvolution2D": (
        lambda: L.DilatedConvolution2D(4, 6, 3, dilate=2),
        lambda: nn.Conv2d(4, 6, 3, dilation=2),
        IMAGES,
        call,
        call,
    ),
    "DepthwiseConvolution2D": (
        lambda: L.DepthwiseConvolution2D(4, 3, 2),
        lambda: nn.Conv2d(4, 12, 2, groups=4),
        IMAGES,
        call,
        call,
    ),
    "Deconvolution1D": (lambda: L.Deconvolution1D(4, 6, 3), lambda: nn.ConvTranspose1d(4, 6, 3), (2, 4, 7), call, call),
    "Deconvolution2D": (
        lambda: L.Deconvolution2D(4, 6, 3, stride=2, groups=2),
        lambda: nn.ConvTranspose2d(4, 6, 3, stride=2, groups=2),
        IMAGES,
        call,
        call,
    ),
    "Deconvolution3D": (
        lambda: L.Deconvolution3D(2, 3, 2),
        lambda: nn.ConvTranspose3d(2, 3, 2),
        (2, 2, 3, 4, 3),
        call,
        call,
    ),
    "DeconvolutionND of 1": (
        lambda: L.DeconvolutionND(1, 4, 6, 3),
        lambda: nn.ConvTranspose1d(4, 6, 3),
        (2, 4, 7),
        call,
        call,
    ),
    "DeconvolutionND of 2": (
        lambda: L.DeconvolutionND(2, 4, 6, 3),
        lambda: nn.ConvTranspose2d(4, 6, 3),
        IMAGES,
        call,
        call,
    ),
    "DeconvolutionND of 3": (
        lambda: L.DeconvolutionND(3, 2, 3, 2),
        lambda: nn.ConvTranspose3d(2, 3, 2),
        (2, 2, 3, 4, 3),
        call,
        call,
    ),
    **{
        f"BatchNormalization as {module.__name__}": (
            lambda: L.BatchNormalization(4),
            lambda module=module: module(4, eps=2e-5),
            shape,
            call,
            call,
        )
        for module, shape in ((nn.BatchNorm1d, (6, 4)), (nn.BatchNorm2d, IMAGES), (nn.BatchNorm3d, (2, 4, 3, 2, 2)))
    },
    "BatchNormalization without gamma": (
        lambda: L.BatchNormalization(4, use_gamma=False),
        lambda: nn.BatchNorm2d(4, eps=2e-5),
        IMAGES,
        call,
        call,
    ),
    "BatchNormalization of nothing to train": (
        lambda: L.BatchNormalization(4, use_gamma=False, use_beta=False),
        lambda: nn.BatchNorm2d(4, eps=2e-5, affine=False),
        IMAGES,
        call,
        call,
    ),
    "LayerNormalization": (
        lambda: L.LayerNormalization(4),
        lambda: nn.LayerNorm(4, eps=1e-6),
        (5, 4),
        call,
        call,
    ),
    "GroupNormalization": (
        lambda: L.GroupNormalization(2, 4),
        lambda: nn.GroupNorm(2, 4, eps=1e-5),
        IMAGES,
        call,
        call,
    ),
    "LSTM as LSTM": (lambda: L.LSTM(4, 3), lambda: nn.LSTM(4, 3), STEPS, in_steps, run_last),
    "LSTM as LSTMCell": (lambda: L.LSTM(4, 3), lambda: nn.LSTMCell(4, 3), STEPS, in_steps, in_cell_steps),
    "StatelessLSTM as LSTM": (
        lambda: L.StatelessLSTM(4, 3),
        lambda: nn.LSTM(4, 3),
        STEPS,
        in_stateless_steps,
        run_last,
    ),
    "StatelessLSTM as LSTMCell": (
        lambda: L.StatelessLSTM(4, 3),
        lambda: nn.LSTMCell(4, 3),
        STEPS,
        in_stateless_steps,
        in_cell_steps,
    ),
    **{
        f"{link.__name__} of {layers}": (
            lambda link=link, layers=layers: link(layers, 4, 3, 0.0),
            lambda module=module, layers=layers, settings=settings, both=both: module(
                4, 3, layers, bidirectional=both, **settings
            ),
            STEPS,
            of_sequences,
            run_last,
        )
        for link, module, both, settings in (
            (L.NStepLSTM, nn.LSTM, False, {}),
            (L.NStepBiLSTM, nn.LSTM, True, {}),
            (L.NStepGRU, nn.GRU, False, {}),
            (L.NStepBiGRU, nn.GRU, True, {}),
            (L.NStepRNNTanh, nn.RNN, False, {}),
            (L.NStepBiRNNTanh, nn.RNN, True, {}),
            (L.NStepRNNReLU, nn.RNN, False, {"nonlinearity": "relu"}),
            (L.NStepBiRNNReLU, nn.RNN, True, {"nonlinearity": "relu"}),
        )
        for layers in (1, 2)
    },
}
