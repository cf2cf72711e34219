"""A weight that does not get the settings of its group is named, with the setting."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from backends import numpy_manual, torch_autograd
from backends.contract import Array, Program, Step, WeightGroup
from harness.errors import InputError
from harness.explaining.every_element.elements import Writer
from harness.recording.loading import LoadedBackend, load_backend, load_backends
from harness.results import Result
from harness.run import run_scenario
from harness.running.experiment import prepare
from harness.running.traced import first_update
from harness.sentences import message
from scenarios import (
    Scenario,
    adagrad,
    group,
    momentum,
    sgd,
    step_decay,
)
from tests.harness.broken import with_changes
from tests.harness.grouped import DECAYED, HEAD, OPTIMIZERS, SCHEDULED, network


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


@pytest.mark.parametrize("start", [{"initial_h": 0.1}, {}])
def test_what_the_state_of_two_optimizers_starts_at_is_no_setting_of_their_steps(start: dict[str, float]) -> None:
    """They may start at different numbers, or only one of them at a number of its own."""

    def ignore_the_group(w: Array, grad_w: Array, h: Array, *, lr: float, eps: float) -> tuple[Array, Array]:
        return numpy_manual.adagrad(w, grad_w, h, lr=0.1, eps=eps)

    of_group = group("b1", optimizer=adagrad(lr=0.2, **start))
    changed = LoadedBackend("changed", with_changes(adagrad=ignore_the_group))
    chosen = network([of_group], adagrad(lr=0.1, initial_h=0.3))
    op, cause = named(run_scenario(chosen, [load_backend("numpy"), changed], dtype="float64"), "b1")
    assert op == "adagrad"
    assert cause.startswith("got comes out if lr is 0.1, as without a group, not 0.2")


def stepping(change: Callable[[int, Step], None]) -> ModuleType:
    """The hand-written backend, whose steps are changed after they were made."""

    def train(ops: Any, *given: Any, **settings: Any) -> Iterator[Step]:
        for number, step in enumerate(numpy_manual.train(numpy_manual, *given, **settings), 1):
            change(number, step)
            yield step

    return with_changes(train=train)


def test_a_wrong_learning_rate_of_a_group_is_named_as_the_schedules() -> None:
    def forget_it(_: int, step: Step) -> None:
        step.scheduled = {**step.scheduled, "lr_w2": 0.3}

    changed = LoadedBackend("changed", stepping(forget_it))
    result = run_scenario(SCHEDULED, [load_backend("numpy"), changed], dtype="float64")
    op, cause = named(result, "lr_w2")
    assert op == "step_decay"
    assert "the schedule is not used" in cause
    assert "step_decay update, epoch 3, lr_w2, got 0.3, want 0.15" in message(result)


def test_a_scheduled_setting_is_called_by_its_name() -> None:
    groups, optimizer = [group("b1", momentum=0.5)], momentum(lr=0.1, momentum=0.9)
    chosen = network(groups, optimizer, step_decay(every=2, factor=0.5, of="momentum"))

    def forget_the_group(_: int, step: Step) -> None:
        step.scheduled = dict.fromkeys(step.scheduled, step.scheduled["momentum"])

    result = run_scenario(chosen, [load_backend("numpy"), LoadedBackend("changed", stepping(forget_the_group))])
    culprit, explanation = result.culprits[0], result.explanations[0]
    assert (culprit.op, culprit.tensor) == ("step_decay", "momentum_b1")
    assert explanation.diagnosis == "got comes out if momentum is 0.9, as without a group, not 0.5"


@pytest.mark.parametrize(
    ("lrs", "says"),
    [
        ({"lr": 0.1}, "backend changed yielded no scheduled lr_b1, lr_w2, which the schedule of the scenario changes"),
        ({"lr": 0.1, "lr_b1": 0.02}, "backend changed yielded no scheduled lr_w2"),
        (
            {"lr": 0.1, "lr_b1": 0.02, "lr_w2": 0.3, "lr_w1": 0.1},
            "yielded scheduled lr, lr_b1, lr_w1, lr_w2; they should be lr, lr_b1, lr_w2",
        ),
        (None, "yielded scheduled as NoneType; it must be a dict by name"),
    ],
)
def test_what_a_backend_does_not_say_of_groups_is_said(lrs: Any, says: str) -> None:
    def forget_it(_: int, step: Step) -> None:
        step.scheduled = lrs

    with pytest.raises(InputError) as raised:
        run_scenario(SCHEDULED, [load_backend("numpy"), LoadedBackend("changed", stepping(forget_it))])
    assert says in str(raised.value)


def test_what_is_written_of_a_weight_reads_the_learning_rate_of_its_group() -> None:
    experiment = prepare(SCHEDULED, load_backends([]), "float64")
    formulas = {op: experiment.find_op(op) for op in (call.op for call in experiment.program.calls)}
    formulas |= {rule.op: experiment.find_op(rule.op) for rule in experiment.program.rules}
    everywhere = Writer(
        experiment.program, formulas, "float64", places=lambda _, shape: np.ndindex(shape), is_shown=lambda *_: True
    )
    written = everywhere.written(first_update(experiment), [1], most_characters=100_000)
    assert {
        name: [written.templates.steps[number]["is"] for number in written.forms[0].groups[name][0]["steps"]]
        for name in ("new b1", "new w1")
    } == {
        "new b1": ["b1[{0}] - lr_b1 · clipped_grad_b1[{0}]"],
        "new w1": ["w1[{0}, {1}] - lr · clipped_grad_w1[{0}, {1}]"],
    }
