"""What can't be captured is refused, with the call or the setting that stands in the way."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as nnF
from torch import Tensor, nn

from backends.capture.errors import TrainingError
from backends.capture.training import Training
from backends.translating.catalogue import TRANSLATIONS
from backends.translating.instead import INSTEAD
from backends.vocabulary import OPS
from harness.capturing.scenario import scenario_from
from harness.errors import InputError
from scenarios import clip_by_norm
from tests.harness.capturing.test_scenario_from import Adversarial, Small, rows, small


class TwoPaths(nn.Module):
    """Calls something else for another batch."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 2)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.layer(x)
        return y if len(x) == 6 else torch.relu(y)


def refused(training: Training, batches: list[Any], **settings: Any) -> str:
    with pytest.raises(InputError) as caught:
        scenario_from(training, batches, settings.pop("name", "captured"), **settings)
    return str(caught.value)


def test_a_setting_that_changes_from_update_to_update_is_refused() -> None:
    ratios = iter([0.2, 0.3])
    said = refused(small(lambda h: nnF.dropout(h, next(ratios))), rows(6, 6))
    assert "dropout has other settings for another batch" in said


def test_refuses_a_call_without_a_translation() -> None:
    said = refused(small(lambda h: torch.roll(h, 1, 1)), rows(6))
    assert said.splitlines()[0] == "scenario_from(...): these calls have no translation into ops:"
    assert "roll (tests/harness/capturing/test_refusals.py:" in said
    assert said.endswith("): no op computes it; it can be written with split, concatenate")


@pytest.mark.parametrize(
    ("function", "hint"),
    [
        (lambda h: torch.tensordot(h, torch.eye(h.shape[1]), 1), "it can be written with reshape, matmul"),
        (lambda h: nnF.celu(h), "it can be written with elu"),
        (lambda h: nnF.avg_pool3d(h[None, None], 1)[0, 0], "the one with the nearest name is avg_pool"),
        (lambda h: torch.topk(h, h.shape[1], 1).values, ""),
        (lambda h: torch.erf(h), ""),
    ],
)
def test_what_is_proposed_has_the_meaning_or_almost_the_name(function: Callable[[Tensor], Tensor], hint: str) -> None:
    said = refused(small(function), rows(6))
    assert "): no op computes it; " + hint in said if hint else said.endswith("): no op computes it")


def test_refuses_complex_numbers_by_the_call_that_makes_them() -> None:
    said = refused(small(lambda h: torch.fft.ifft(2 * torch.fft.fft(h)).real), rows(6))
    refusals = [line.strip().split(" (")[0] for line in said.splitlines()[1:]]
    assert refusals == [f"{name} of complex numbers" for name in ("fft_fft", "mul", "fft_ifft", "real")]
    assert said.endswith("): no op computes it")


def test_what_functions_can_be_written_with_are_ops_and_the_functions_have_none() -> None:
    ops = {op for family in OPS.values() for op in family}
    for function, instead in INSTEAD.items():
        assert {*instead} <= ops, function
        assert not any(function in translations for translations in TRANSLATIONS.values()), function


def test_refuses_a_setting_that_an_op_has_not() -> None:
    said = refused(small(lambda h: h[:, ::2].repeat_interleave(2, 1)), rows(6))
    assert "getitem (tests/harness/capturing/test_refusals.py:" in said
    assert "): a slice with a step" in said


def test_refuses_a_model_that_changes_its_path() -> None:
    module = TwoPaths()
    training = Training(
        module, lambda m, x, t: nnF.cross_entropy(m(x), t), torch.optim.SGD(module.parameters(), lr=0.1)
    )
    assert "the model calls something else in update 2: relu (" in refused(training, rows(6, 4))


def test_refuses_what_is_no_model_or_has_no_rule() -> None:
    module = Small(torch.relu)
    loss = lambda m, x, t: nnF.cross_entropy(m(x), t)  # noqa: E731
    assert "the training has no optimizer; give one, as in optimizer=sgd(lr=0.1)" in refused(
        Training(module, loss), rows(6)
    )
    code = Training(step=lambda weights, x, t: 0.0, weights={"w": np.zeros(2)})
    assert "code without a model can't be captured" in refused(code, rows(6))
    clipped = Training(module, loss, torch.optim.SGD(module.parameters(), lr=0.1), lambda model, optimizer: None)
    assert "before_update is code, which has no translation" in refused(clipped, rows(6))
    assert scenario_from(clipped, rows(6), "captured", clipping=clip_by_norm(max_norm=1.0)).clipping is not None
    dampened = small(torch.relu, momentum=0.9, dampening=0.5)
    assert "momentum has no counterpart of dampening=0.5 of SGD" in refused(dampened, rows(6))


def test_several_optimizers_are_refused() -> None:
    model = Adversarial()
    optimizers = [torch.optim.SGD(part.parameters(), lr=0.1) for part in (model.generator, model.discriminator)]
    with pytest.raises(TrainingError) as caught:
        Training(model, lambda m, x: m.loss_of_generator(x), optimizers)
    assert str(caught.value).startswith(
        "Training(Adversarial): one loss and one optimizer make an update, and optimizer= holds 2; describe each"
    )


def test_refuses_what_is_no_name_and_no_batch() -> None:
    assert "name must be a name, not '1st'" in refused(small(torch.relu), rows(6), name="1st")
    assert "name must be a name, not 'class'" in refused(small(torch.relu), rows(6), name="class")
    module: Any = torch.nn.Linear(3, 2)
    assert "training must be a lockstep.Training, not Linear" in refused(module, rows(6))
    assert "batches must hold at least one tuple" in refused(small(torch.relu), [])
    assert "epochs must be a whole number of at least 1" in refused(small(torch.relu), rows(6), epochs=0)


class Stacked(nn.Module):
    """Two recurrent layers with a dropout between them."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.LSTM(3, 2, num_layers=2, dropout=0.5)

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x[None])[0][0]  # type: ignore[no-any-return]


def test_a_dropout_between_layers_is_refused_with_what_to_write_instead() -> None:
    module = Stacked()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    said = refused(Training(module, lambda m, x, t: nnF.cross_entropy(m(x), t % 2), optimizer), rows(6))
    assert "  layers: lstm (tests/harness/capturing/test_refusals.py:" in said
    assert said.endswith("drawn inside; write a layer each, with nn.Dropout between them")


def test_ctc_of_scores_is_refused_with_what_to_take_first() -> None:
    model = nn.Linear(3, 4)

    def loss(m: nn.Module, x: Tensor, t: Tensor) -> Tensor:
        return nnF.ctc_loss(m(x)[:, None], t[None, :2] % 2 + 1, torch.tensor([len(x)]), torch.tensor([2]))

    said = refused(Training(model, loss, torch.optim.SGD(model.parameters(), lr=0.1)), rows(6))
    assert "  ctc_loss (tests/harness/capturing/test_refusals.py:" in said
    assert said.endswith(
        "ctc_loss of what are no logarithms of probabilities; take log_softmax along the last axis first"
    )
