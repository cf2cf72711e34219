"""Parameter groups: weights with settings of their own, in every backend; what goes wrong with them is named."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from backends import numpy_manual, torch_autograd
from backends.contract import Array, Program, Step, WeightGroup
from harness.errors import InputError
from harness.explaining.elements import written_steps
from harness.recording.arrays import draw_arrays
from harness.recording.loading import LoadedBackend, hand_written_ops, load_backend, load_backends
from harness.recording.recorder import record_program
from harness.results import Result
from harness.run import run_scenario
from harness.running.experiment import prepare
from harness.running.traced import trace_epochs
from harness.sentences import message
from scenarios import (
    Decay,
    Group,
    Optimizer,
    Scenario,
    Schedule,
    adadelta,
    adagrad,
    adam,
    adamw,
    amsgrad,
    clip_by_norm,
    cosine_decay,
    exponential_decay,
    group,
    momentum,
    nesterov,
    nesterov_ag,
    param,
    randn,
    rmsprop,
    scenario,
    sgd,
    step_decay,
    warm_up,
    weight_decay,
)
from tests.harness.broken import with_changes

OPTIMIZERS: dict[str, tuple[Optimizer, dict[str, float]]] = {
    # name: (optimizer, a group's own settings of it)
    "sgd": (sgd(lr=0.1), {"lr": 0.02}),
    "momentum": (momentum(lr=0.05, momentum=0.9), {"lr": 0.02, "momentum": 0.5}),
    "nesterov": (nesterov(lr=0.05, momentum=0.9), {"momentum": 0.5}),
    "nesterov_ag": (nesterov_ag(lr=0.05, momentum=0.9), {"lr": 0.02}),
    "adagrad": (adagrad(lr=0.1), {"lr": 0.02, "eps": 1e-4}),
    "rmsprop": (rmsprop(lr=0.01), {"alpha": 0.9, "eps": 1e-4}),
    "adadelta": (adadelta(), {"rho": 0.8, "eps": 1e-4}),
    "adam": (adam(lr=0.01), {"lr": 0.002, "beta2": 0.9, "eps": 1e-4}),
    "amsgrad": (amsgrad(lr=0.01), {"lr": 0.002, "beta1": 0.5}),
    "adamw": (adamw(lr=0.01, weight_decay=0.1), {"lr": 0.002, "weight_decay": 0.0}),
    "adamw that only a group decays": (adamw(lr=0.01, weight_decay=0.0), {"weight_decay": 0.1}),
}
SCHEDULES: dict[str, Schedule | None] = {
    "none": None,
    "step_decay": step_decay(every=2, factor=0.5),
    "exponential_decay": exponential_decay(factor=0.9),
    "cosine_decay": cosine_decay(updates=6),
    "warm_up": warm_up(updates=3),
}


def network(
    groups: list[Group], optimizer: Optimizer, schedule: Schedule | None = None, decay: Decay | None = None
) -> Scenario:
    """Two layers, whose weights are w1, b1, w2 and b2."""

    @scenario(
        seed=1,
        epochs=6,
        optimizer=optimizer,
        schedule=schedule,
        clipping=clip_by_norm(max_norm=0.5),
        decay=decay,
        groups=groups,
        x=randn(6, 3),
        y=randn(6, 2),
        w1=param(3, 4),
        b1=param(4),
        w2=param(4, 2),
        b2=param(2),
    )
    def in_groups(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
        h = op.tanh(op.linear(x, w1, b1))
        return op.mean_squared_error(op.linear(h, w2, b2), y)

    return in_groups


BIASES = group("b1", "b2", lr=0.02, rate=0.0)
HEAD = group("w2", lr=0.3)
DECAYED = network([BIASES, HEAD], sgd(lr=0.1), decay=weight_decay(rate=0.05))
SCHEDULED = network([group("b1", "b2", lr=0.02), HEAD], sgd(lr=0.1), step_decay(every=2, factor=0.5))


def program_of(chosen: Scenario) -> Program:
    return record_program(chosen, draw_arrays(chosen, "float64"), hand_written_ops(()))


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
    assert [program.rate_of(name) for name in program.weights] == ["", "b1", "w2", "b1"]


def test_a_program_without_groups_has_its_rules_for_every_weight() -> None:
    program = program_of(network([], sgd(lr=0.1)))
    assert program.all_groups == (WeightGroup(("w1", "b1", "w2", "b2"), {}),)
    assert all(program.optimizer_of(name) is program.optimizer for name in program.weights)
    assert program.decay_of("w1") is None
    assert program.first_lrs == {"": 0.1}


def test_a_setting_of_a_group_is_not_left_at_its_default() -> None:
    program = program_of(network([group("b1", eps=1e-4)], adam(lr=0.01)))
    assert program.optimizer_of("b1").given_settings == {"lr": 0.01, "eps": 1e-4}
    assert program.optimizer_of("w1").given_settings == {"lr": 0.01}


def test_every_learning_rate_is_a_tensor_of_an_update() -> None:
    nodes = [node for node in program_of(SCHEDULED).nodes() if node.kind == "learning rate"]
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
        assert step.lr == pytest.approx(0.1 * factor)
        assert step.group_lrs == pytest.approx({"b1": 0.02 * factor, "w2": 0.3 * factor})


def agrees(chosen: Scenario, dtype: str) -> Result:
    result = run_scenario(chosen, load_backends([]), dtype=dtype)
    assert result.verdict == "agree", message(result)
    return result


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_backends_agree_with_every_optimizer(name: str) -> None:
    optimizer, own = OPTIMIZERS[name]
    schedule = None if name == "adadelta" else step_decay(every=2, factor=0.5)
    agrees(network([group("b1", "b2", **own)], optimizer, schedule), "float64")


@pytest.mark.slow
@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_backends_agree_with_every_optimizer_and_schedule(name: str, schedule: str, dtype: str) -> None:
    optimizer, own = OPTIMIZERS[name]
    if schedule != "none" and "lr" not in optimizer.settings:
        pytest.skip("it has no learning rate")
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


# mistakes


def training_with(
    change: Callable[[Program], Program], module: ModuleType = numpy_manual
) -> Callable[..., Iterator[Step]]:
    """A `train` that takes a program for another one."""

    def train(ops: Any, program: Program, *given: Any, **settings: Any) -> Iterator[Step]:
        yield from module.train(module, change(program), *given, **settings)

    return train


def changed_groups(change: Callable[[WeightGroup], dict[str, float]]) -> Callable[[Program], Program]:
    """A program whose groups have other settings of their own."""

    def changed(program: Program) -> Program:
        return replace(program, groups=tuple(replace(group, settings=change(group)) for group in program.groups))

    return changed


def without_groups(program: Program) -> Program:
    return replace(program, groups=())


def decaying(program: Program) -> Program:
    return changed_groups(lambda group: {n: v for n, v in group.settings.items() if n != "rate"})(program)


def swapped(program: Program) -> Program:
    biases, head = program.groups
    return replace(program, groups=(replace(biases, settings=head.settings), replace(head, settings=biases.settings)))


def found(chosen: Scenario, change: Callable[[Program], Program], module: ModuleType = numpy_manual) -> Result:
    changed = LoadedBackend("changed", with_changes(train=training_with(change, module)))
    result = run_scenario(chosen, [load_backend("numpy"), changed], dtype="float64")
    assert result.verdict == "disagree"
    return result


def named(result: Result, tensor: str) -> tuple[str, str]:
    """The op that a report names for a tensor, and the cause."""
    at = [(each, place) for place, each in enumerate(result.culprits) if each.tensor == tensor]
    assert at, [(each.op, each.tensor) for each in result.culprits]
    culprit, place = at[0]
    return culprit.op, result.explanations[place].diagnosis


def test_a_backend_that_does_not_know_groups_is_caught_at_the_lr_of_a_weight() -> None:
    result = found(network([group("b1", "b2", lr=0.02)], sgd(lr=0.1)), without_groups)
    op, cause = named(result, "b1")
    assert op == "sgd"
    assert cause.startswith("got comes out if lr is 0.1, as without a group, not 0.02")


def test_several_settings_that_are_ignored_together_are_named_together() -> None:
    optimizer, own = OPTIMIZERS["adamw"]
    op, cause = named(found(network([group("b1", "b2", **own)], optimizer), without_groups), "b1")
    assert op == "adamw"
    assert "got comes out if lr is 0.01 and weight_decay is 0.1, as without a group, not 0.002 and 0" in cause


def test_one_of_several_settings_that_is_ignored_is_named() -> None:
    optimizer, own = OPTIMIZERS["adamw"]

    def only_the_rate(group: WeightGroup) -> dict[str, float]:
        return {"lr": group.settings["lr"]}

    _, cause = named(found(network([group("b1", "b2", **own)], optimizer), changed_groups(only_the_rate)), "b1")
    assert "got comes out if weight_decay is 0.1, as without a group, not 0" in cause


def test_a_bias_that_decays_all_the_same_is_named() -> None:
    op, cause = named(found(DECAYED, decaying), "decayed_grad_b1")
    assert op == "weight_decay"
    assert cause.startswith("got comes out if rate is 0.05, as without a group, not 0")


def test_it_is_named_where_the_framework_decays_inside_its_optimizer() -> None:
    result = found(DECAYED, decaying, torch_autograd)
    op, cause = named(result, "b1")
    assert (op, cause) == ("weight_decay", "b1 decays at the rate 0.05, as without a group, not 0")


def test_a_group_whose_settings_are_all_ignored_there_is_named() -> None:
    op, cause = named(found(DECAYED, without_groups, torch_autograd), "b1")
    assert (op, cause) == (
        "weight_decay",
        "b1 is updated with lr 0.1 and decays at the rate 0.05, as without a group",
    )


def test_groups_that_are_swapped_are_named() -> None:
    chosen = network([group("b1", "b2", lr=0.02), HEAD], sgd(lr=0.1))
    _, cause = named(found(chosen, swapped), "b1")
    assert cause.startswith("got comes out if lr is 0.3, as in the group of w2, not 0.02")


def stepping(change: Callable[[int, Step], None]) -> ModuleType:
    """The hand-written backend, whose steps are changed after they were made."""

    def train(ops: Any, *given: Any, **settings: Any) -> Iterator[Step]:
        for number, step in enumerate(numpy_manual.train(numpy_manual, *given, **settings), 1):
            change(number, step)
            yield step

    return with_changes(train=train)


def test_a_wrong_learning_rate_of_a_group_is_named_as_the_schedules() -> None:
    def forget_it(_: int, step: Step) -> None:
        step.group_lrs = {**step.group_lrs, "w2": 0.3}

    changed = LoadedBackend("changed", stepping(forget_it))
    result = run_scenario(SCHEDULED, [load_backend("numpy"), changed], dtype="float64")
    op, cause = named(result, "lr_w2")
    assert op == "step_decay"
    assert "the schedule is not used" in cause
    assert "step_decay update, epoch 3, lr_w2, got 0.3, want 0.15" in message(result)


@pytest.mark.parametrize(
    ("lrs", "says"),
    [
        ({}, "backend changed yielded no group_lrs of b1, w2: a group of the scenario has an lr of its own"),
        ({"b1": 0.02}, "backend changed yielded no group_lrs of w2"),
        ({"b1": 0.02, "w2": 0.3, "w1": 0.1}, "yielded group_lrs b1, w1, w2; they should be b1, w2"),
        (None, "yielded group_lrs as NoneType; it must be a dict by name"),
    ],
)
def test_what_a_backend_does_not_say_of_groups_is_said(lrs: Any, says: str) -> None:
    def forget_it(_: int, step: Step) -> None:
        step.group_lrs = lrs

    with pytest.raises(InputError) as raised:
        run_scenario(SCHEDULED, [load_backend("numpy"), LoadedBackend("changed", stepping(forget_it))])
    assert says in str(raised.value)


def test_a_tensor_with_the_name_of_a_learning_rate_is_refused() -> None:
    @scenario(
        seed=1,
        epochs=2,
        optimizer=sgd(lr=0.1),
        schedule=step_decay(every=1, factor=0.5),
        groups=[group("b", lr=0.2)],
        x=randn(4, 3),
        w=param(3, 2),
        b=param(2),
    )
    def taken(op: Any, x: Any, w: Any, b: Any) -> Any:
        lr_b = op.linear(x, w, b)
        return op.reduce_mean(op.multiply(lr_b, lr_b))

    with pytest.raises(InputError, match="lr_b is the name of the learning rate of b's group in results"):
        program_of(taken)


def test_what_is_written_of_a_weight_reads_the_learning_rate_of_its_group() -> None:
    experiment = prepare(SCHEDULED, load_backends([]), "float64")
    traced = trace_epochs(experiment, [1], lambda *_: None)
    formulas = {op: experiment.find_op(op) for op in (call.op for call in experiment.program.calls)}
    formulas |= {rule.op: experiment.find_op(rule.op) for rule in experiment.program.rules}
    written = written_steps(
        experiment.program, traced.first, formulas, "float64", most_elements=100, most_characters=100_000
    )
    assert [written.steps[place]["is"] for place in written.elements["new b1"][0]] == [
        "b1[0] - lr_b1 · clipped_grad_b1[0]"
    ]
    assert [written.steps[place]["is"] for place in written.elements["new w1"][0]] == [
        "w1[0, 0] - lr · clipped_grad_w1[0, 0]"
    ]
