"""What stands in the way of a comparison is said: random numbers that can't be replayed, dtypes in the code."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as nnF
from torch import Tensor, nn

from backends.capture.training import Training
from harness.comparing.document.outcome import Outcome
from harness.errors import Crashed
from lockstep import compare
from tests.harness.comparing.networks import mlp

chainer: Any = mlp.chainer


def against_itself(loss: Any, model: nn.Module | None = None) -> Outcome:
    """A faithful training on the left, one with this loss on the right."""
    left = mlp.TorchMLP()
    right = left if model is None else model
    return compare(Training(left, lambda m, x, t: nnF.cross_entropy(m(x), t)), Training(right, loss), mlp.batches())


def test_numbers_that_are_replayed_need_no_note() -> None:
    def noisy(model: Any, x: Tensor, t: Tensor) -> Tensor:
        return nnF.cross_entropy(model(nnF.dropout(x)) + 0 * torch.randn(5), t)

    model = mlp.TorchMLP()
    outcome = compare(Training(model, noisy), Training(model, noisy), mlp.batches())
    assert outcome.verdict == "agree"
    assert outcome.notes == []


def test_a_clipping_in_code_is_not_called_missing() -> None:
    """The model of Chainer clips by a hook, its port by a function, exactly alike."""
    chain, module = mlp.ChainerMLP(), mlp.TorchMLP()
    left = mlp.in_chainer(chainer.optimizers.SGD(lr=0.1), chain)
    left.optimizer.add_hook(chainer.optimizer_hooks.GradientClipping(0.2))

    def clip(model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        gradients = [weight.grad for weight in model.parameters() if weight.grad is not None]
        norm = torch.sqrt(sum((g * g).sum() for g in gradients) + torch.zeros(()))
        if norm > 0.2:
            for gradient in gradients:
                gradient *= 0.2 / norm

    right = replace(mlp.in_torch(module, torch.optim.SGD, lr=0.1), before_update=clip)
    outcome = compare(left, right, mlp.batches())
    assert outcome.verdict == "agree", str(outcome)
    assert [str(difference) for difference in outcome.settings] == []
    assert outcome.notes == ["right: before_update is code, and whether it clips is not read"]


def test_without_an_optimizer_what_runs_before_an_update_is_not_spoken_of() -> None:
    def loss(model: Any, x: Tensor, t: Tensor) -> Tensor:
        return nnF.cross_entropy(model(x), t)

    model = mlp.TorchMLP()
    sides = Training(model, loss, before_update=lambda model, optimizer: None), Training(model, loss)
    assert compare(*sides, mlp.batches()).notes == []


def test_a_loss_that_uses_the_model_itself_is_not_spoken_of_where_nothing_is_wrong() -> None:
    model = mlp.TorchMLP()

    def loss(copied: Any, x: Tensor, t: Tensor) -> Tensor:
        scores: Tensor = copied(x)
        return nnF.cross_entropy(scores if model.training else -scores, t)

    training = Training(model, loss)
    assert training.use_of_outer_model() != ""
    outcome = compare(training, training, mlp.batches())
    assert (outcome.verdict, outcome.notes) == ("agree", [])


def test_a_clipping_that_the_other_side_lacks_is_the_cause() -> None:
    left = mlp.in_chainer(chainer.optimizers.SGD(lr=0.1), mlp.ChainerMLP())
    left.optimizer.add_hook(chainer.optimizer_hooks.GradientClipping(0.2))
    outcome = compare(left, mlp.in_torch(mlp.TorchMLP(), torch.optim.SGD, lr=0.1), mlp.batches(), updates=2)
    assert outcome.first is not None
    assert "the optimizer (clip_by_norm 0.2 | None); " in outcome.first.text


def test_a_dropout_of_everything_is_no_crash() -> None:
    """PyTorch allows a ratio of 1; the op of this name doesn't, so the call is compared and not certified."""

    def without_input(model: Any, x: Tensor, t: Tensor) -> Tensor:
        return nnF.cross_entropy(model(nnF.dropout(x, 1.0)), t)

    model = mlp.TorchMLP()
    outcome = compare(Training(model, without_input), Training(model, without_input), mlp.batches())
    assert outcome.verdict == "agree"
    assert outcome.right.certificate is not None
    assert any("ratio must be from 0 to below 1" in call for call in outcome.right.certificate.opaque)


def test_random_numbers_of_pytorchs_that_are_not_replayed() -> None:
    def noisy(model: Any, x: Tensor, t: Tensor) -> Tensor:
        return nnF.cross_entropy(model(x + torch.empty_like(x).normal_()), t)

    outcome = against_itself(noisy)
    assert outcome.verdict == "disagree"
    assert outcome.notes == ["right: it draws random numbers of PyTorch's that the other model can't be given"]


def test_random_numbers_of_numpys() -> None:
    def noisy(model: Any, x: Tensor, t: Tensor) -> Tensor:
        return nnF.cross_entropy(model(x * float(np.random.uniform())), t)

    assert against_itself(noisy).notes == [
        "right: it draws random numbers of NumPy's that the other model can't be given"
    ]


def test_dropout_inside_a_recurrent_layer() -> None:
    class Recurrent(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.LSTM(mlp.FEATURES, mlp.CLASSES, num_layers=2, dropout=0.5)

        def forward(self, x: Tensor) -> Tensor:
            return self.layers(x[None])[0][0]  # type: ignore[no-any-return]

    model = Recurrent()
    training = Training(model, lambda m, x, t: nnF.cross_entropy(m(x), t))
    notes = compare(training, training, mlp.batches()).notes
    assert "left: layers: the dropout inside lstm can't be given to the other model" in notes


def test_a_dtype_that_is_written_out_is_named_by_file_and_line() -> None:
    def in_float32(model: Any, x: Tensor, t: Tensor) -> Tensor:
        scores = model(x)
        return nnF.cross_entropy(scores.to(torch.float32), t)

    (note,) = against_itself(in_float32).notes
    assert note.startswith("right: to (")
    assert "test_notes.py:" in note
    assert note.endswith("computes in float32 where everything is float64; it seems to be written there")


def test_a_dtype_that_does_not_fit_is_a_crash_at_its_line() -> None:
    def mixed(model: Any, x: Any, t: Any) -> Any:
        return mlp.F.softmax_cross_entropy(model(x.astype(np.float32)), t)

    training = Training(mlp.ChainerMLP(), mixed)
    with pytest.raises(Crashed, match=r"left: its code, computing in float64, raised .*, at .*mlp.py:\d+"):
        compare(training, training, mlp.batches())


class Square(chainer.Chain):  # type: ignore[misc]
    """Layers of one shape, and one of another."""

    def __init__(self) -> None:
        super().__init__()
        with self.init_scope():
            self.l1, self.l2, self.l3 = (mlp.L.Linear(mlp.FEATURES, mlp.FEATURES) for _ in range(3))
            self.last = mlp.L.Linear(mlp.FEATURES, mlp.CLASSES)

    def forward(self, x: Any) -> Any:
        for layer in (self.l1, self.l2, self.l3):
            x = mlp.F.tanh(layer(x))
        return self.last(x)


class SquarePort(nn.Module):
    """The same, with the first layers in an order, under names."""

    def __init__(self, *names: str) -> None:
        super().__init__()
        self.order = names
        for name in sorted(names):
            setattr(self, name, nn.Linear(mlp.FEATURES, mlp.FEATURES))
        self.last = nn.Linear(mlp.FEATURES, mlp.CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        for name in self.order:
            x = torch.tanh(getattr(self, name)(x))
        return self.last(x)  # type: ignore[no-any-return]


def of_square(*names: str, **settings: Any) -> Outcome:
    left = mlp.in_chainer(chainer.optimizers.SGD(lr=0.1), Square())
    right = mlp.in_torch(SquarePort(*names), torch.optim.SGD, lr=0.1)
    return compare(left, right, mlp.batches(), updates=1, **settings)


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (("l2", "l1", "l3"), "l1 with l2, l2 with l1"),
        (("l2", "l3", "l1"), "l1 with l2, l2 with l3, l3 with l1"),
        (("l1", "l2", "l3"), ""),
        (("l2", "l3", "l4"), ""),
        (("a", "b", "c"), ""),
        (("l1", "l3", "l4"), ""),
    ],
)
def test_layers_that_are_paired_crosswise_are_said(names: tuple[str, ...], told: str) -> None:
    outcome = of_square(*names)
    assert outcome.verdict == "agree", str(outcome)
    notes = [note for note in outcome.notes if "paired crosswise, by the order of use: " in note]
    assert [note.partition("of use: ")[2].partition(";")[0] for note in notes] == ([told] if told else [])


def test_weights_that_are_checked_need_no_note_of_crossing() -> None:
    assert not any("crosswise" in note for note in of_square("l2", "l1", "l3", weights="check").notes)


def test_layers_of_other_shapes_under_swapped_names_need_no_note() -> None:
    class Renamed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.l2 = nn.Linear(mlp.FEATURES, mlp.UNITS)
            self.l1 = nn.Linear(mlp.UNITS, mlp.UNITS)
            self.l3 = nn.Linear(mlp.UNITS, mlp.CLASSES)

        def forward(self, x: Tensor) -> Tensor:
            return self.l3(torch.relu(self.l1(torch.relu(self.l2(x)))))  # type: ignore[no-any-return]

    left = mlp.in_chainer(chainer.optimizers.SGD(lr=0.1))
    outcome = compare(left, mlp.in_torch(Renamed(), torch.optim.SGD, lr=0.1), mlp.batches(), updates=1)
    assert outcome.verdict == "agree"
    assert outcome.notes == []
