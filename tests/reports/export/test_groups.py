"""Exported programs with parameter groups: what a user of each framework would write, and the losses of the run."""

from pathlib import Path
from typing import Any

import pytest

from scenarios import Scenario, adagrad, exponential_decay, group, momentum, sgd, step_decay, weight_decay
from tests.harness.grouped import OPTIMIZERS, PAIRS, SCHEDULES, network
from tests.reports.export.test_export import losses_of_run, printed_by, script_of

DECAYED = network(
    [group("b1", "b2", lr=0.02, rate=0.0), group("w2", lr=0.3)],
    sgd(lr=0.1),
    step_decay(every=2, factor=0.5),
    weight_decay(rate=0.05),
)


def lines_of(chosen: Scenario, backend: str) -> list[str]:
    return [line.strip() for line in script_of(chosen, backend).text().splitlines()]


def test_numpy_writes_the_settings_of_every_weight() -> None:
    lines = lines_of(DECAYED, "numpy")
    assert "lr_b1 = 0.02 * 0.5 ** ((t - 1) // 2)" in lines
    assert "decayed_grad_b1 = clipped_grad_b1 + 0.0 * b1" in lines
    assert "b2 = b2 - lr_b1 * decayed_grad_b2" in lines
    assert "w2 = w2 - lr_w2 * decayed_grad_w2" in lines


def test_pytorch_gets_its_param_groups() -> None:
    text = script_of(DECAYED, "torch").text()
    assert '{"params": [w1], "weight_decay": 0.05}' in text
    assert '{"params": [b1, b2], "lr": 0.02, "weight_decay": 0.0}' in text
    assert "scheduler = StepLR(optimizer, step_size=2, gamma=0.5)" in text


def test_chainer_sets_the_hyperparameters_and_hooks_of_parameters() -> None:
    lines = lines_of(DECAYED, "chainer")
    place = lines.index("for parameter in (b1, b2):")
    assert lines[place + 1 : place + 3] == [
        "parameter.update_rule.hyperparam.lr = 0.02",
        "w2.update_rule.hyperparam.lr = 0.3",
    ]
    decays = [line for line in lines if "WeightDecay(" in line]
    assert decays == [f"{w}.update_rule.add_hook(chainer.optimizer_hooks.WeightDecay(0.05))" for w in ("w1", "w2")]
    assert "scheduler = Scheduler(lambda holder: step_decay(holder, every=2, factor=0.5), optimizer)" in lines


OPTIMIZER_OF_ITS_OWN = network(
    [group("w2", optimizer=adagrad(lr=0.1)), group("b1", trained_from=3)],
    momentum(lr=0.05, momentum=0.9),
    exponential_decay(factor=0.9, of="rate"),
    weight_decay(rate=0.05),
)


def test_pytorch_says_what_its_lines_set_up() -> None:
    lines = lines_of(OPTIMIZER_OF_ITS_OWN, "torch")
    decay = lines.index("for group in optimizer.param_groups:")
    assert decay < lines.index("for group_2 in optimizer_of_w2.param_groups:")
    assert lines[lines.index("b1.requires_grad_(False)") - 1] == "# not yet trained"
    assert "# weight_decay is set in each parameter group of the optimizer" in lines_of(DECAYED, "torch")


@pytest.mark.parametrize("backend", ["numpy", "chainer", "torch"])
@pytest.mark.parametrize("chosen", [DECAYED, OPTIMIZER_OF_ITS_OWN], ids=["decayed", "optimizer of its own"])
def test_they_print_the_losses_of_the_run(chosen: Scenario, backend: str, tmp_path: Path) -> None:
    script = script_of(chosen, backend)
    assert printed_by(script.text(), script, tmp_path) == losses_of_run(chosen)[backend]


@pytest.mark.parametrize("backend", ["numpy", "chainer", "torch"])
@pytest.mark.parametrize(("name", "schedule"), PAIRS)
def test_they_do_with_every_optimizer_and_schedule(name: str, schedule: str, backend: str, tmp_path: Path) -> None:
    optimizer, own = OPTIMIZERS[name]
    decay = None if "weight_decay" in optimizer.settings else weight_decay(rate=0.05)
    biases = group("b1", "b2", **own, **dict[str, Any](() if decay is None else [("rate", 0.0)]))
    chosen = network([biases, group("w2", **dict(list(own.items())[:1]))], optimizer, SCHEDULES[schedule], decay)
    script = script_of(chosen, backend)
    assert printed_by(script.text(), script, tmp_path) == losses_of_run(chosen)[backend]
