"""Random ways to train are ways to train, and reach whatever a scenario may have there."""

import random
from collections.abc import Iterator
from typing import Any

import scenarios
from backends.vocabulary import KINDS
from harness.fuzzing.choices import Choices
from harness.fuzzing.training import training
from scenarios import Scenario, param, randn, scenario
from scenarios.language.optimizers import OF_STATE, OPTIMIZERS
from scenarios.language.schedules import SCHEDULED

MANY = 4_000


class RandomChoices(Choices):
    """Equally likely choices."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def below(self, count: int) -> int:
        return self._random.randrange(count)


def trained(op: Any, x: Any, w: Any, b: Any) -> Any:
    return op.reduce_mean(op.linear(x, w, b))


def random_scenarios(known: list[str]) -> Iterator[Scenario]:
    for seed in range(MANY):
        written = training(RandomChoices(seed), ["w", "b"], known)
        draws: dict[str, Any] = {"x": randn(4, 3), "w": param(3, 2), "b": param(2)}
        arguments = {name: eval(text, vars(scenarios)) for name, text in written.items()}
        yield scenario(seed=1, epochs=3, **draws, **arguments)(trained)


def test_they_reach_every_optimizer_and_every_setting_that_a_schedule_may_change() -> None:
    made = list(random_scenarios(list(KINDS)))
    assert {each.optimizer.name for each in made} == OPTIMIZERS.keys()
    schedules = [each.schedule for each in made if each.schedule is not None]
    assert {schedule.of for schedule in schedules} == {*SCHEDULED}
    assert any(schedule.parts and schedule.of != "lr" for schedule in schedules)


def test_they_start_the_state_of_optimizers_at_other_numbers() -> None:
    made = list(random_scenarios(list(KINDS)))
    of_groups = [group.optimizer for each in made for group in each.groups if group.optimizer is not None]
    for optimizers in ([each.optimizer for each in made], of_groups):
        given = {setting for optimizer in optimizers for setting in optimizer.settings}
        assert given.issuperset(setting for settings in OF_STATE.values() for setting in settings)


def test_they_keep_to_the_rules_that_are_known() -> None:
    known = ["adadelta", "sgd", "exponential_decay"]
    for made in random_scenarios(known):
        assert {name for rule in made.all_rules for name in rule.names} <= {*known}
