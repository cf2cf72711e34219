"""The groups of a scenario: what they are, what can be set, and what is refused."""

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios import (
    Scenario,
    ScenarioError,
    adabound,
    adadelta,
    adagrad,
    adamw,
    buffer,
    gradient_accumulation,
    group,
    param,
    randn,
    scenario,
    sgd,
    step_decay,
    weight_decay,
)
from scenarios.basics.residual_shared import residual_blocks
from scenarios.language.groups import Group

WEIGHTS = ("w1", "b1", "w2", "b2")


def grouped(*groups: Any, **changed: Any) -> Scenario:
    """A scenario with the weights w1, b1, w2 and b2, a frozen weight and a buffer."""
    settings: dict[str, Any] = {"optimizer": sgd(lr=0.1), "groups": list(groups), **changed}

    @scenario(
        seed=1,
        epochs=2,
        **settings,
        x=randn(4, 3),
        w1=param(3, 4),
        b1=param(4),
        w2=param(4, 2),
        b2=param(2),
        scale=param(2, frozen=True),
        mean=buffer(2, fill=0.0),
    )
    def in_groups(op: Any, *tensors: Any) -> Any:
        return None

    return in_groups


def test_a_groups_settings_are_named_after_its_first_weight() -> None:
    chosen = grouped(group("b1", "b2", rate=0.0, lr=0.2), decay=weight_decay(rate=0.01))
    assert chosen.settings == {"lr": 0.1, "rate": 0.01, "b1.rate": 0.0, "b1.lr": 0.2}


def test_what_is_set_for_all_leaves_what_is_a_groups_own() -> None:
    chosen = grouped(group("b1", "b2", lr=0.2), group("w2", lr=0.3))
    assert chosen.vary(settings={"lr": 0.5}).settings == {"lr": 0.5, "b1.lr": 0.2, "w2.lr": 0.3}
    assert chosen.vary(settings={"w2.lr": 0.5}).settings == {"lr": 0.1, "b1.lr": 0.2, "w2.lr": 0.5}
    assert chosen.settings == {"lr": 0.1, "b1.lr": 0.2, "w2.lr": 0.3}


values = st.floats(0, 10)


@given(lr=values, changed=st.dictionaries(st.sampled_from(["lr", "b1.lr", "w2.lr"]), values))
def test_every_setting_is_varied_alone(lr: float, changed: dict[str, float]) -> None:
    chosen = grouped(group("b1", "b2", lr=lr), group("w2", lr=0.3))
    assert chosen.vary(settings=changed).settings == {**chosen.settings, **changed}


@given(owners=st.lists(st.sampled_from([0, 1, 2]), min_size=4, max_size=4))
def test_a_scenario_takes_any_division_into_groups_but_none_that_leaves_a_setting_unused(owners: list[int]) -> None:
    members = {number: [w for w, owner in zip(WEIGHTS, owners, strict=True) if owner == number] for number in (1, 2)}
    groups = [group(*weights, lr=0.1 * number) for number, weights in members.items() if weights]
    if 0 in owners:
        assert [each.weights for each in grouped(*groups).groups] == [tuple(w) for w in members.values() if w]
    else:
        with pytest.raises(ScenarioError, match="no weight uses the lr of sgd"):
            grouped(*groups)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda: group(), 'names no weight; write it as group("b1", "b2", rate=0.0)'),
        (lambda: group("b1"), "group('b1') has no setting of its own"),
        (lambda: group("b1", "b1", lr=0.2), "group('b1', 'b1', lr=0.2) names b1 twice"),
        (lambda: group(["b1"], lr=0.2), "group(...): weights must be names of weights, not (['b1'],)"),  # type: ignore[arg-type]
        (lambda: group("b1", lr=-1), "group(...): lr must be a finite number of at least 0, not -1"),
        (lambda: group("b1", momentum=0), "momentum must be a finite number above 0 (with 0 it is sgd), not 0"),
        (lambda: group("b1", beta1=1.0), "beta1 must be a number from 0 to below 1, not 1.0"),
        (lambda: group("b1", lr="fast"), "lr must be a finite number, not 'fast'"),  # type: ignore[arg-type]
        (lambda: grouped(group("bb1", lr=0.2)), "there is no weight 'bb1'; did you mean 'b1'?"),
        (lambda: grouped(group("x", lr=0.2)), "x is data, which is not trained"),
        (lambda: grouped(group("mean", lr=0.2)), "mean is a buffer, which is not trained"),
        (lambda: grouped(group("scale", lr=0.2)), "scale is frozen, so no optimizer changes it"),
        (
            lambda: grouped(group("b1", lr=0.2), group("b2", "b1", lr=0.3)),
            "b1 is in group('b1', lr=0.2) and in group('b2', 'b1', lr=0.3); it can be in one group",
        ),
        (lambda: grouped(group("b1", momentum=0.9)), "sets momentum, which sgd has not; there is lr"),
        (lambda: grouped(group("b1", l=0.9)), "sets l, which sgd has not; did you mean 'lr'?"),
        (
            lambda: grouped(group("b1", rat=0.9), decay=weight_decay(rate=0.1)),
            "sets rat, which neither sgd nor weight_decay has; did you mean 'rate'?",
        ),
        (lambda: grouped(group("b1", rate=0.0)), "a setting of weight_decay(...), and the scenario has no decay="),
        (
            lambda: grouped(group("b1", weightdecay=0.0), optimizer=adamw(lr=0.1, weight_decay=0.1)),
            "did you mean 'weight_decay'?",
        ),
        (lambda: grouped("b1"), 'groups must be a list of groups, such as [group("b1", "b2", rate=0.0)]'),
        (lambda: grouped(groups=group("b1", lr=0.2)), "groups must be a list of groups"),
        (lambda: grouped(group("b1", lr=0.2)).vary(settings={"b1.l": 1}), "no setting 'b1.l'; did you mean 'b1.lr'?"),
        (
            lambda: grouped(group("b1", "b2", lr=0.2)).vary(settings={"b2.lr": 1}),
            "no setting 'b2.lr'; b2 is in the group of b1: set b1.lr",
        ),
        (lambda: grouped(group("b1", lr=0.2)).vary(settings={"b1.lr": -1}), "lr must be a finite number of at least 0"),
        (
            lambda: grouped(group("b1", initial_h=0.5), optimizer=adagrad(lr=0.1, initial_h=0.1)),
            "sets initial_h, but state starts at the same number in all weights; give it to the optimizer",
        ),
        (
            lambda: grouped(group("b1", lr=0.0), optimizer=adabound(lr=0.1)),
            "lr must be a finite number above 0 (the bounds are divided by it), not 0.0",
        ),
    ],
)
def test_what_is_refused(wrong: Any, says: str) -> None:
    with pytest.raises(ScenarioError, match=re.escape(says)):
        wrong()


# patterns


def test_a_pattern_is_every_trained_weight_that_it_matches() -> None:
    chosen = grouped(group("b*", lr=0.2))
    assert [each.weights for each in chosen.groups] == [("b1", "b2")]
    assert chosen.settings == {"lr": 0.1, "b1.lr": 0.2}
    assert chosen.vary(settings={"b1.lr": 0.4}).groups == (group("b1", "b2", lr=0.4),)


def test_a_name_before_a_pattern_that_matches_it_is_the_first() -> None:
    chosen = grouped(group("w2", "w?", lr=0.2))
    assert [each.weights for each in chosen.groups] == [("w2", "w1")]


@pytest.mark.parametrize(
    ("groups", "says"),
    [
        ([group("bias*", lr=0.2)], "group('bias*', lr=0.2): no weight matches 'bias*'; there are w1, b1, w2, b2"),
        ([group("w1_*", lr=0.2)], "no weight matches 'w1_*'; did you mean 'w1'?"),
        ([group("s*", lr=0.2)], "'s*' matches scale alone, and no weight that is trained"),
        ([group("b*", lr=0.2), group("b2", lr=0.3)], "b2 is in group('b*', lr=0.2) and in group('b2', lr=0.3)"),
    ],
)
def test_what_is_wrong_with_a_pattern_is_said(groups: list[Any], says: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        grouped(*groups)
    assert says in str(raised.value)


def test_a_group_of_weights_whose_names_have_dots() -> None:
    of_biases = residual_blocks_with(group("*.b1", rate=0.0))
    assert of_biases.groups[0].weights == ("block_1.b1", "block_2.b1", "block_3.b1")
    assert of_biases.vary(settings={"block_1.b1.rate": 0.5}).groups[0].settings == {"rate": 0.5}
    with pytest.raises(ScenarioError, match=r"block_2.b1 is in the group of block_1.b1: set block_1.b1.rate"):
        of_biases.vary(settings={"block_2.b1.rate": 0.5})


def residual_blocks_with(*groups: Group) -> Scenario:
    return replace(residual_blocks, groups=groups)


def test_an_optimizer_of_a_group_has_settings_by_its_first_weight() -> None:
    chosen = grouped(group("b1", "b2", optimizer=adamw(lr=0.01, weight_decay=0.1), trained_from=2))
    assert chosen.settings["b1.weight_decay"] == 0.1
    varied = chosen.vary(settings={"b1.lr": 0.5, "b1.trained_from": 1})
    (changed,) = varied.groups
    assert changed.optimizer is not None
    assert (changed.optimizer.settings["lr"], changed.settings) == (0.5, {"trained_from": 1})
    assert varied.optimizer == chosen.optimizer
    with pytest.raises(ScenarioError, match=r"b2 is in the group of b1: set b1.lr"):
        chosen.vary(settings={"b2.lr": 0.5})


OWN_ADAMW = group("b1", optimizer=adamw(lr=0.1, weight_decay=0.1))


@pytest.mark.parametrize(
    ("groups", "around", "says"),
    [
        ([group("b1", optimizer=sgd(lr=0.1), lr=0.2)], {}, r"sets lr; give it to sgd\(\.\.\.\), whose setting it is"),
        ([OWN_ADAMW], {"decay": weight_decay(rate=0.1)}, "adamw has a weight decay of its own, and the scenario a"),
        ([group("b1", optimizer=adadelta())], {"schedule": step_decay(every=2, factor=0.5)}, "and adadelta has none"),
        ([group("?1", "?2", optimizer=adadelta())], {}, r"no weight uses sgd\(\.\.\.\), since every one has an optimi"),
        ([group("?1", "?2", trained_from=2)], {}, "every weight has a trained_from=; leave one as it is"),
        ([group("b1", trained_form=2)], {}, "sets trained_form, which sgd has not; did you mean 'trained_from'"),
    ],
)
def test_what_a_group_cannot_have_is_refused(groups: list[Group], around: dict[str, Any], says: str) -> None:
    with pytest.raises(ScenarioError, match=says):
        grouped(*groups, **around)


def test_an_optimizer_that_is_none_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"optimizer must be an optimizer, such as adam\(lr=0.001\), not 'adam'"):
        group("b1", optimizer="adam")  # type: ignore[arg-type]
    with pytest.raises(ScenarioError, match="trained_from must be a whole number of at least 1, not 0"):
        group("b1", trained_from=0)


def test_accumulation_needs_batches() -> None:
    with pytest.raises(ScenarioError, match="accumulation= is for mini-batches; give a batch_size, too"):
        grouped(accumulation=gradient_accumulation(batches=2))
    with pytest.raises(ScenarioError, match="batches must be a whole number of at least 1, not 0"):
        gradient_accumulation(batches=0)
