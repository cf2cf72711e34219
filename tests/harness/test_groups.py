"""Parameter groups: weights with settings of their own, in every backend."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from backends.contract import Array, Step, WeightGroup
from harness.errors import InputError
from harness.recording.arrays import draw_arrays
from harness.recording.loading import load_backend, load_backends
from harness.results import Result
from harness.run import run_scenario
from harness.sentences import message
from scenarios import (
    Optimizer,
    Scenario,
    adadelta,
    adam,
    cosine_decay,
    dampened_momentum,
    exponential_decay,
    group,
    in_sequence,
    lion,
    momentum,
    param,
    randn,
    rmsprop,
    scenario,
    sgd,
    step_decay,
    warm_up,
    weight_decay,
)
from tests.harness.grouped import DECAYED, OPTIMIZERS, PAIRS, SCHEDULED, SCHEDULES, network, program_of


def steps_of(backend: str, chosen: Scenario) -> list[Step]:
    """Copies of a backend's first steps in float64."""
    program, draws, module = program_of(chosen), draw_arrays(chosen, "float64"), load_backend(backend).module
    steps = module.train(module, program, draws.weights, draws.batches(4))
    return [
        replace(
            step,
            weights={n: np.array(w) for n, w in step.weights.items()},
            grads={n: np.array(g) for n, g in step.grads.items()},
        )
        for step in steps
    ]


# the program


def test_a_program_says_which_settings_a_weight_has() -> None:
    program = program_of(DECAYED)
    assert [group.weights for group in program.all_groups] == [("w1",), ("b1", "b2"), ("w2",)]
    rates = {name: program.optimizer_of(name).settings["lr"] for name in program.weights}
    assert rates == {"w1": 0.1, "b1": 0.02, "w2": 0.3, "b2": 0.02}
    decays = {name: decay.settings["rate"] for name in program.weights if (decay := program.decay_of(name))}
    assert decays == {"w1": 0.05, "b1": 0.0, "w2": 0.05, "b2": 0.0}
    assert [program_of(SCHEDULED).scheduled_of(name) for name in program.weights] == ["lr", "lr_b1", "lr_w2", "lr_b1"]


def test_a_program_without_groups_has_its_rules_for_every_weight() -> None:
    program = program_of(network([], sgd(lr=0.1)))
    assert program.all_groups == (WeightGroup(("w1", "b1", "w2", "b2"), {}),)
    assert all(program.optimizer_of(name) is program.optimizer for name in program.weights)
    assert program.decay_of("w1") is None
    assert program.first_scheduled == {}


def test_a_program_tells_groups_with_an_optimizer_of_their_own_from_the_others() -> None:
    program = program_of(network([group("b*", lr=0.02), group("w2", optimizer=adam(lr=0.1))], sgd(lr=0.1)))
    assert [each.weights for each in program.common_groups] == [("w1",), ("b1", "b2")]
    assert [each.weights for each in program.own_groups] == [("w2",)]


def test_a_setting_of_a_group_is_not_left_at_its_default() -> None:
    program = program_of(network([group("b1", eps=1e-4)], adam(lr=0.01)))
    assert program.optimizer_of("b1").given_settings == {"lr": 0.01, "eps": 1e-4}
    assert program.optimizer_of("w1").given_settings == {"lr": 0.01}


def test_every_learning_rate_is_a_tensor_of_an_update() -> None:
    nodes = [node for node in program_of(SCHEDULED).nodes() if node.kind == "scheduled"]
    assert [(str(node), node.of, node.op) for node in nodes] == [
        ("lr", "", "step_decay"),
        ("lr_b1", "b1", "step_decay"),
        ("lr_w2", "w2", "step_decay"),
    ]


# training


@pytest.mark.parametrize("backend", ["numpy", "chainer", "torch"])
def test_each_weight_takes_steps_of_its_own_size(backend: str) -> None:
    chosen = replace(DECAYED, clipping=None)
    before: Mapping[str, Array] = draw_arrays(chosen, "float64").weights
    for step in steps_of(backend, chosen):
        for name, (lr, rate) in {"w1": (0.1, 0.05), "b1": (0.02, 0.0), "w2": (0.3, 0.05), "b2": (0.02, 0.0)}.items():
            expected = before[name] - lr * (step.grads[name] + rate * before[name])
            np.testing.assert_allclose(step.weights[name], expected, rtol=1e-12, err_msg=name)
        before = step.weights


@pytest.mark.parametrize("backend", ["numpy", "chainer", "torch"])
def test_a_schedule_multiplies_the_learning_rate_of_each_group(backend: str) -> None:
    factors = [1, 1, 0.5, 0.5]
    for factor, step in zip(factors, steps_of(backend, SCHEDULED), strict=True):
        assert step.scheduled == pytest.approx({"lr": 0.1 * factor, "lr_b1": 0.02 * factor, "lr_w2": 0.3 * factor})


def agrees(chosen: Scenario, dtype: str) -> Result:
    result = run_scenario(chosen, load_backends([]), dtype=dtype)
    assert result.verdict == "agree", message(result)
    return result


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_backends_agree_with_every_optimizer(name: str) -> None:
    optimizer, own = OPTIMIZERS[name]
    schedule = None if name == "adadelta" else step_decay(every=2, factor=0.5)
    agrees(network([group("b1", "b2", **own)], optimizer, schedule), "float64")


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_waits_for_weights_that_are_trained_later(name: str) -> None:
    optimizer, _ = OPTIMIZERS[name]
    agrees(network([group("b1", "b2", trained_from=3)], optimizer), "float64")


@pytest.mark.parametrize(("name", "schedule"), PAIRS)
def test_backends_agree_with_every_optimizer_and_schedule(name: str, schedule: str, dtype: str) -> None:
    optimizer, own = OPTIMIZERS[name]
    decays = "weight_decay" not in optimizer.settings
    for groups in ([group("b1", "b2", **own)], [group("w1", "b1", **own), group("w2", **dict(list(own.items())[:1]))]):
        agrees(network(groups, optimizer, SCHEDULES[schedule]), dtype)
        if decays:
            biases = group("b1", "b2", **own, rate=0.0)
            agrees(network([biases], optimizer, SCHEDULES[schedule], weight_decay(rate=0.05)), dtype)


def test_every_weight_may_be_in_a_group(dtype: str) -> None:
    groups = [group("w1", "w2", lr=0.02), group("b1", "b2", rate=0.0)]
    chosen = network(groups, momentum(lr=0.1, momentum=0.9), warm_up(updates=3), weight_decay(rate=0.05))
    assert [each.weights for each in program_of(chosen).all_groups] == [("w1", "w2"), ("b1", "b2")]
    agrees(chosen, dtype)


def test_all_settings_are_certified_for_every_weight() -> None:
    result = agrees(DECAYED, "float64")
    assert all(counts["failed"] == counts["unchecked"] == 0 for counts in result.certified.values())
    without = agrees(replace(DECAYED, groups=()), "float64")
    assert result.certified["numpy"]["checks"] == without.certified["numpy"]["checks"]


def scheduled(of: str, function: Callable[..., Any]) -> Scenario:
    """A function of x, w and b, whose bias has a scheduled setting of its own."""
    draws: dict[str, Any] = {"x": randn(4, 3), "w": param(3, 2), "b": param(2)}
    own: dict[str, Any] = {of: 0.2}
    schedule = exponential_decay(factor=0.5, of=of)
    optimizer, groups = rmsprop(lr=0.1, alpha=0.8), [group("b", **own)]
    return scenario(seed=1, epochs=2, optimizer=optimizer, schedule=schedule, groups=groups, **draws)(function)


def test_a_variable_with_the_name_of_a_scheduled_setting_is_refused() -> None:
    def of_group(op: Any, x: Any, w: Any, b: Any) -> Any:
        lr_b = op.linear(x, w, b)
        return op.reduce_mean(op.multiply(lr_b, lr_b))

    def of_all(op: Any, x: Any, w: Any, b: Any) -> Any:
        alpha = op.linear(x, w, b)
        return op.reduce_mean(op.multiply(alpha, alpha))

    with pytest.raises(InputError, match="lr_b is the name of the scheduled lr of b's group in results"):
        program_of(scheduled("lr", of_group))
    with pytest.raises(InputError, match="alpha is the name of the scheduled alpha of an update in results"):
        program_of(scheduled("alpha", of_all))
    assert program_of(scheduled("lr", of_all)).values[0] == "alpha"


def test_a_key_with_the_name_of_a_scheduled_setting_is_numbered() -> None:
    def keyed(op: Any, x: Any, w: Any, b: Any) -> Any:
        kept = {}
        kept["alpha"] = op.matmul(x, w)
        kept["alpha_b"] = op.add(kept["alpha"], b)
        kept["rho"] = op.multiply(kept["alpha_b"], kept["alpha_b"])
        return op.reduce_mean(kept["rho"])

    assert program_of(scheduled("alpha", keyed)).values[:3] == ("matmul_1", "add_1", "rho")
    assert program_of(scheduled("lr", keyed)).values[:3] == ("alpha", "alpha_b", "rho")


SETTINGS_SCHEDULED: dict[str, tuple[Optimizer, dict[str, Any], dict[str, Any]]] = {
    "momentum": (momentum(lr=0.05, momentum=0.9), {"momentum": 0.5}, {}),
    "dampening": (dampened_momentum(lr=0.05, momentum=0.9, dampening=0.5), {"dampening": 0.2}, {}),
    "alpha": (rmsprop(lr=0.01), {"alpha": 0.9}, {}),
    "rho": (adadelta(), {"rho": 0.8}, {}),
    "beta1": (adam(lr=0.01), {"beta1": 0.5}, {}),
    "beta2": (lion(lr=0.01), {"beta2": 0.9}, {}),
    "rate": (sgd(lr=0.1), {"rate": 0.2}, {"decay": weight_decay(rate=0.05)}),
}


@pytest.mark.parametrize("setting", SETTINGS_SCHEDULED)
def test_backends_agree_where_another_setting_is_scheduled(setting: str, dtype: str) -> None:
    optimizer, own, around = SETTINGS_SCHEDULED[setting]
    others: dict[str, Any] = {"rate": 0.0} if setting == "rate" else {"optimizer": optimizer}
    groups = [group("b1", **own), group("w2", **others)]
    falls = exponential_decay(factor=0.95, of=setting)
    rises = in_sequence(warm_up(updates=3), step_decay(every=1, factor=0.9), after=[3], of=setting, per="epoch")
    for schedule in (falls, rises):
        chosen = network(groups, optimizer, schedule, around.get("decay"))
        agrees(chosen, dtype)
        names = [str(node) for node in program_of(chosen).nodes() if node.kind == "scheduled"]
        assert names == [setting, f"{setting}_b1", f"{setting}_w2"]


@pytest.mark.parametrize("name", [name for name, (rule, _) in OPTIMIZERS.items() if "momentum" in rule.settings])
def test_backends_agree_where_the_momentum_falls_to_zero(name: str, dtype: str) -> None:
    """Before the last epoch, so that it rises again."""
    falls = cosine_decay(updates=3, of="momentum")
    agrees(network([group("b1", momentum=0.5)], OPTIMIZERS[name][0], falls), dtype)
