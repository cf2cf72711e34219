"""Every layer that models are usually made of becomes a scenario that agrees in three backends."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as nnF
from torch import Tensor, nn

from backends.capture.training import Training
from harness.capturing.scenario import scenario_from
from harness.errors import InputError
from harness.recording.loading import load_backend
from harness.run import run_scenario
from lockstep import import_chainer
from scenarios import DTYPES, sgd

chainer: Any = import_chainer()
F, L = chainer.functions, chainer.links
ROWS = np.random.RandomState(3).standard_normal((6, 4))
SIGNALS = np.random.RandomState(4).standard_normal((3, 4, 8))
IMAGES = np.random.RandomState(5).standard_normal((3, 4, 6, 6))
IDS = np.array([[1, 0, 2], [3, 3, 1]])
LABELS = np.array([0, 1, 2, 0, 1, 2])
torch.manual_seed(0)  # the modules below start from the same weights every time


class Attending(nn.Module):
    """Self-attention."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        y, _ = self.attention(x, x, x)
        return y  # type: ignore[no-any-return]


class AttendingToSome(nn.Module):
    """Attention of queries to keys of another width, some of which are padding, with a dropout of what is seen."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, dropout=0.3, kdim=3, vdim=3, batch_first=True)
        self.keys = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        keys = self.keys(x)
        padding = torch.arange(x.shape[1]) >= torch.tensor([[2], [4], [3]])
        y, _ = self.attention(x, keys, keys, key_padding_mask=padding, attn_mask=torch.ones(4, 4).triu(1) > 0)
        return y  # type: ignore[no-any-return]


MODULES: dict[str, tuple[nn.Module, Any]] = {
    "Linear": (nn.Linear(4, 3), ROWS),
    "Conv1d": (nn.Conv1d(4, 3, 3, padding=1), SIGNALS),
    "Conv2d": (nn.Conv2d(4, 6, 3, stride=2, padding=1, groups=2), IMAGES),
    "ConvTranspose2d": (nn.ConvTranspose2d(4, 3, 3, stride=2, padding=1, output_padding=1), IMAGES),
    "BatchNorm1d": (nn.BatchNorm1d(4), ROWS),
    "BatchNorm2d": (nn.BatchNorm2d(4), IMAGES),
    "BatchNorm2d without statistics": (nn.BatchNorm2d(4, track_running_stats=False, affine=False), IMAGES),
    "LayerNorm": (nn.LayerNorm(4), ROWS),
    "GroupNorm": (nn.GroupNorm(2, 4), IMAGES),
    "Embedding": (nn.Embedding(5, 3), IDS),
    "Embedding with padding": (nn.Embedding(5, 3, padding_idx=3), IDS),
    "Hardsigmoid": (nn.Hardsigmoid(), 4 * ROWS),
    "MaxPool1d": (nn.MaxPool1d(3, stride=2, padding=1), SIGNALS),
    "AvgPool1d": (nn.AvgPool1d(3, stride=2, padding=1, count_include_pad=False), SIGNALS),
    "ConstantPad2d": (nn.ConstantPad2d((1, 2, -1, 0), 0.5), IMAGES),
    "Dropout": (nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.4)), ROWS),
    "LSTM": (nn.LSTM(8, 5, num_layers=2), SIGNALS),
    "GRU": (nn.GRU(8, 5, bidirectional=True, batch_first=True), SIGNALS),
    "RNN": (nn.RNN(8, 5), SIGNALS),
    "LSTMCell": (nn.LSTMCell(4, 3), ROWS),
    "GRUCell": (nn.GRUCell(4, 3), ROWS),
    "MultiheadAttention": (Attending(), SIGNALS),
    "MultiheadAttention with padding and dropout": (AttendingToSome(), SIGNALS),
    "MaxPool2d": (nn.MaxPool2d(2), IMAGES),
    "AvgPool2d": (nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False), IMAGES),
    "PReLU": (nn.PReLU(4), ROWS),
    "Flatten": (nn.Flatten(), IMAGES),
    "TransformerEncoderLayer": (nn.TransformerEncoderLayer(8, 2, 16, dropout=0.2, batch_first=True), SIGNALS),
}


class Behind(nn.Module):
    """A layer behind trained scales, so that each has a gradient to pass on."""

    def __init__(self, layer: nn.Module, scales: int) -> None:
        super().__init__()
        self.layer = layer
        self.scale = nn.Parameter(torch.linspace(0.5, 1.5, scales)) if scales else None

    def forward(self, x: Tensor) -> Tensor:
        y = self.layer(x if self.scale is None else x * self.scale)
        y = y[0] if isinstance(y, tuple) else y
        return torch.tanh(y + 0.1).square().mean()


class Packing(nn.Module):
    """A recurrent layer over sequences of several lengths, in any order."""

    def __init__(self, layer: nn.Module, total_length: int | None = None) -> None:
        super().__init__()
        self.layer = layer
        self.total_length = total_length

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        outputs, state = self.layer(packed)
        padded, _ = nn.utils.rnn.pad_packed_sequence(outputs, batch_first=True, total_length=self.total_length)
        last = state[0] if isinstance(state, tuple) else state
        return padded.square().mean() + torch.tanh(last).mean()


RECURRENT = {
    "LSTM": nn.LSTM(8, 5, num_layers=2, bidirectional=True, batch_first=True),
    "GRU": nn.GRU(8, 5, bias=False, batch_first=True),
    "RNN": nn.RNN(8, 5, batch_first=True),
}


def agrees(training: Training, batches: list[Any]) -> None:
    scenario = scenario_from(training, batches, "captured", optimizer=sgd(lr=0.1))
    for dtype in DTYPES:
        result = run_scenario(scenario, [load_backend(name) for name in ("numpy", "chainer", "torch")], dtype=dtype)
        assert result.verdict == "agree", result


@pytest.mark.parametrize("name", MODULES)
def test_modules(name: str) -> None:
    layer, x = MODULES[name]
    model = Behind(layer, x.shape[-1] if x.dtype.kind == "f" else 0).double()
    agrees(Training(model, lambda m, x: m(x)), [(x,), (x * 2 if x.dtype.kind == "f" else x,)])


@pytest.mark.parametrize("name", ["LSTM", "GRU", "RNN"])
def test_recurrent_layers_of_batches_of_several_sizes(name: str) -> None:
    layer: Any = MODULES[name][0]
    model = Behind(layer, 8).double()
    training = Training(model, lambda m, x: m(x if layer.batch_first else x.transpose(0, 1)))
    agrees(training, [(SIGNALS,), (SIGNALS[:2],)])


@pytest.mark.parametrize("name", RECURRENT)
def test_packed_sequences(name: str) -> None:
    lengths = np.array([2, 4, 1])
    model = Packing(RECURRENT[name]).double()
    agrees(Training(model, lambda m, x, n: m(x, n)), [(SIGNALS, lengths), (2 * SIGNALS, lengths)])


@pytest.mark.parametrize("name", RECURRENT)
def test_lengths_may_change_from_update_to_update(name: str) -> None:
    lengths = [[2, 4, 1], [3, 4, 2], [4, 1]]
    model = Packing(RECURRENT[name]).double()
    batches = [(SIGNALS[: len(each)], np.array(each)) for each in lengths]
    agrees(Training(model, lambda m, x, n: m(x, n)), batches)


@pytest.mark.parametrize("name", RECURRENT)
def test_so_may_the_longest_where_all_are_padded_to_one_length(name: str) -> None:
    model = Packing(RECURRENT[name], total_length=4).double()
    batches = [(SIGNALS, np.array([2, 4, 1])), (SIGNALS, np.array([3, 2, 3])), (SIGNALS, np.array([1, 1, 1]))]
    agrees(Training(model, lambda m, x, n: m(x, n)), batches)


def test_padding_to_another_number_of_steps_is_refused() -> None:
    model = Packing(RECURRENT["LSTM"]).double()
    batches = [(SIGNALS, np.array([2, 4, 1])), (SIGNALS, np.array([3, 3, 1]))]
    with pytest.raises(InputError) as caught:
        scenario_from(Training(model, lambda m, x, n: m(x, n)), batches, "captured", optimizer=sgd(lr=0.1))
    assert "pad_packed_sequence (tests/harness/capturing/test_layers.py:" in str(caught.value)
    assert "): padding to another number of steps in another update; give pad_packed_sequence" in str(caught.value)


class StepByStep(chainer.Chain):  # type: ignore[misc]
    """A cell, called once for every column of a signal."""

    def __init__(self, cell: Any) -> None:
        super().__init__()
        with self.init_scope():
            self.cell = cell

    def forward(self, x: Any) -> Any:
        state: Any = (None, None)
        for i in range(3):
            state = self.cell(*state, x[:, :, i])
        return state[1]


class Stateful(chainer.Chain):  # type: ignore[misc]
    """A layer that keeps its state."""

    def __init__(self) -> None:
        super().__init__()
        with self.init_scope():
            self.lstm = L.LSTM(4, 3)

    def forward(self, x: Any) -> Any:
        self.lstm.reset_state()
        return self.lstm(x[:, :, 0]) + self.lstm(x[:, :, 1])


class Sequences(chainer.Chain):  # type: ignore[misc]
    """A layer for sequences of several lengths."""

    def __init__(self, layers: Any) -> None:
        super().__init__()
        with self.init_scope():
            self.layers = layers

    def forward(self, x: Any) -> Any:
        nothing = [None] * (2 if isinstance(self.layers, L.NStepLSTM | L.NStepBiLSTM) else 1)
        *states, ys = self.layers(*nothing, [x[0, :2], x[1], x[2, :3]])
        return F.concat([*ys, *[F.reshape(each, (-1, ys[0].shape[1])) for each in states]], axis=0)


def links() -> dict[str, tuple[Any, Any]]:
    with chainer.using_config("dtype", np.float64):
        return {
            "Linear": (L.Linear(4, 3), ROWS),
            "Convolution2D": (L.Convolution2D(4, 6, 3, stride=2, pad=1, groups=2), IMAGES),
            # Chainer's own backward raises an error where the input of a deconvolution is data.
            "Deconvolution2D": (
                chainer.Sequential(L.Convolution2D(4, 4, 1), L.Deconvolution2D(4, 3, 3, stride=2, pad=1)),
                IMAGES,
            ),
            "BatchNormalization": (L.BatchNormalization(4), IMAGES),
            "LayerNormalization": (L.LayerNormalization(4), ROWS),
            "GroupNormalization": (L.GroupNormalization(2, 4), IMAGES),
            "EmbedID": (L.EmbedID(5, 3), IDS),
            "EmbedID with padding": (L.EmbedID(5, 3, ignore_label=3), IDS),
            "Swish": (chainer.Sequential(L.Linear(4, 3), L.Swish((3,))), ROWS),
            "pooling of sequences": (
                chainer.Sequential(L.Convolution1D(4, 4, 3), partial(F.max_pooling_1d, ksize=2)),
                SIGNALS,
            ),
            "padding": (
                chainer.Sequential(L.Linear(4, 3), partial(F.pad, pad_width=1, mode="constant", constant_values=0.5)),
                ROWS,
            ),
            "LSTM": (Stateful(), SIGNALS),
            "StatelessLSTM": (StepByStep(L.StatelessLSTM(4, 3)), SIGNALS),
            "NStepLSTM": (Sequences(L.NStepLSTM(1, 8, 3, 0.0)), SIGNALS),
            "NStepBiLSTM": (Sequences(L.NStepBiLSTM(2, 8, 3, 0.0)), SIGNALS),
            "NStepGRU": (Sequences(L.NStepGRU(2, 8, 3, 0.0)), SIGNALS),
            "NStepBiGRU": (Sequences(L.NStepBiGRU(1, 8, 3, 0.0)), SIGNALS),
            "NStepRNNTanh": (Sequences(L.NStepRNNTanh(1, 8, 3, 0.0)), SIGNALS),
            "NStepLSTM with dropout": (Sequences(L.NStepLSTM(2, 8, 3, 0.4)), SIGNALS),
            "Sequential": (chainer.Sequential(L.Linear(4, 5), F.relu, L.Linear(5, 2)), ROWS),
            "PReLU": (L.PReLU((4,)), ROWS),
        }


@pytest.mark.parametrize("name", [*links()])
def test_links(name: str) -> None:
    link, x = links()[name]
    agrees(Training(link, lambda m, x: F.mean(F.tanh(m(x) + 0.1) ** 2)), [(x,), (x,)])


def test_classifier() -> None:
    with chainer.using_config("dtype", np.float64):
        model = L.Classifier(chainer.Sequential(L.Linear(4, 5), F.sigmoid, L.Linear(5, 3)))
    agrees(Training(model, lambda m, x, t: m(x, t)), [(ROWS, LABELS), (2 * ROWS, LABELS)])


YES_OR_NO = (ROWS > 0).astype(np.int64)
SHARES = np.abs(ROWS) / np.sum(np.abs(ROWS), axis=1, keepdims=True)
TORCH_LOSSES: dict[str, tuple[Callable[..., Tensor], Any]] = {
    "mse_loss": (lambda y, t: nnF.mse_loss(y, t, reduction="sum"), SHARES),
    "l1_loss": (lambda y, t: nnF.l1_loss(y, t, reduction="none").square().sum(), SHARES),
    "huber_loss": (lambda y, t: nnF.huber_loss(y, t, reduction="sum"), SHARES),
    "smooth_l1_loss": (lambda y, t: nnF.smooth_l1_loss(y, t, beta=0.3), SHARES),
    "kl_div": (lambda y, t: nnF.kl_div(nnF.log_softmax(y, 1), t.log(), reduction="sum", log_target=True), SHARES),
    "binary_cross_entropy": (lambda y, t: nnF.binary_cross_entropy(torch.sigmoid(y), t, weight=t + 1), SHARES),
    "binary_cross_entropy_with_logits": (
        lambda y, t: nnF.binary_cross_entropy_with_logits(y, t, pos_weight=torch.tensor([2.0, 1.0, 3.0, 1.0]).double()),
        YES_OR_NO.astype(np.float64),
    ),
    "cross_entropy": (
        lambda y, t: nnF.cross_entropy(y, t, weight=torch.tensor([2.0, 1.0, 3.0, 1.0]).double(), ignore_index=1),
        LABELS,
    ),
    "triplet_margin_loss": (lambda y, t: nnF.triplet_margin_loss(y, t, 2 * t, swap=True), SHARES),
    "ctc_loss": (
        lambda y, t: nnF.ctc_loss(y.view(3, 2, 4).log_softmax(-1), t, torch.tensor([3, 2]), torch.tensor([2, 1])),
        np.array([[1, 3], [2, 0]]),
    ),
    "cosine_similarity": (lambda y, t: 1 - nnF.cosine_similarity(y, t).mean(), SHARES),
    "cosine_embedding_loss": (lambda y, t: nnF.cosine_embedding_loss(y, y * y, t), 2 * YES_OR_NO[:, 0] - 1),
}
CHAINER_LOSSES: dict[str, tuple[Callable[..., Any], Any]] = {
    "sigmoid_cross_entropy": (
        lambda y, t: F.sigmoid_cross_entropy(y, t),
        np.where(np.arange(24).reshape(6, 4) % 5, YES_OR_NO, -1),
    ),
    "each sigmoid_cross_entropy": (lambda y, t: F.sum(F.sigmoid_cross_entropy(y, t, reduce="no") ** 2), YES_OR_NO),
    "hinge": (lambda y, t: F.hinge(y, t, norm="L2"), LABELS),
    "connectionist_temporal_classification": (
        lambda y, t: F.connectionist_temporal_classification(F.separate(F.reshape(y, (3, 2, 4))), t, 0),
        np.array([[1, 3], [2, 1]], np.int32),
    ),
    "triplet": (lambda y, t: F.sum(F.triplet(y, t, 2 * t, margin=0.5, reduce="no") ** 2), SHARES),
    "huber_loss": (lambda y, t: F.sum(F.huber_loss(y, t, 0.5) ** 2), SHARES),
}


@pytest.mark.parametrize("name", TORCH_LOSSES)
def test_losses_of_pytorch(name: str) -> None:
    loss, t = TORCH_LOSSES[name]
    torch.manual_seed(0)
    agrees(Training(nn.Linear(4, 4).double(), lambda m, x, t: loss(m(x), t)), [(ROWS, t), (2 * ROWS, t)])


@pytest.mark.parametrize("name", CHAINER_LOSSES)
def test_losses_of_chainer(name: str) -> None:
    loss, t = CHAINER_LOSSES[name]
    with chainer.using_config("dtype", np.float64):
        link = L.Linear(4, 4, initialW=np.random.RandomState(6).uniform(-1, 1, (4, 4)))
    agrees(Training(link, lambda m, x, t: loss(m(x), t)), [(ROWS, t), (2 * ROWS, t)])
