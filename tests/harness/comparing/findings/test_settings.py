"""Which settings of calls and rules differ: in the order of the calls, and none that is the same number."""

from typing import Any

import pytest

from backends.capture.calls import LiveCall, Pass
from backends.capture.training import Rule
from harness.comparing.settings import aligned, between, rule_differences, shown

INF, NAN = float("inf"), float("nan")


def call(kind: str = "layer", /, **settings: Any) -> LiveCall:
    return LiveCall(kind, kind, (1,), (2,), settings, "", "file.py:1")


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (0.1, 0.1, True),
        (1 - 0.9, 0.1, True),
        (0.1, 1 - 0.9, True),
        (1, 1 + 1e-15, True),
        (0.1, 0.1 + 1e-12, False),
        (1, 1 + 1e-11, False),
        (0, 0.0, True),
        (0, 1e-300, False),
        (INF, INF, True),
        (INF, -INF, False),
        (INF, 1.0, False),
        (1.0, INF, False),
        (NAN, NAN, False),
        ((1, 2), (1, 2), True),
        ((1, 2), (2, 1), False),
        (None, 0.0, False),
        ("mean", "mean", True),
        ("mean", "sum", False),
    ],
)
def test_the_same_value(left: Any, right: Any, expected: bool) -> None:
    assert (not [*between(call(a=left), call(a=right))]) is expected


def test_settings_that_both_have_are_compared_in_the_order_of_the_left_call() -> None:
    names = "stride", "pad", "dilation", "groups", "eps", "axis"
    left = call(**dict.fromkeys(names, 1), own=1)
    right = call(**dict.fromkeys(reversed(names), 2), other=2)
    assert [difference.setting for difference in between(left, right)] == [*names]
    (first, *_) = between(left, right)
    assert (first.kind, first.left, first.right, first.left_place) == ("layer", 1, 2, "layer (file.py:1)")


def test_calls_of_one_kind_are_aligned_without_those_that_only_rearrange() -> None:
    kinds = ["conv2d", "reshape", "relu", "detach", "linear"], ["transpose", "conv2d", "detach", "linear"]
    left, right = (Pass([call(kind) for kind in those]) for those in kinds)
    assert [(mine.kind, theirs.kind) for mine, theirs in aligned(left, right)] == [
        ("conv2d", "conv2d"),
        ("linear", "linear"),
    ]


def rule(kind: str = "momentum", /, **settings: Any) -> Rule:
    return Rule(kind.title(), kind, settings)


def told(left: Rule | None, right: Rule | None, **how: Any) -> list[tuple[str, Any, Any]]:
    return [(each.setting, each.left, each.right) for each in rule_differences(left, right, **how)]


def test_rules_differ_by_what_they_are_and_by_settings_of_one_meaning() -> None:
    assert told(rule(lr=0.1), rule("adam", lr=0.1)) == [("rule", "momentum", "adam")]
    assert told(rule(eps=1.0, lr=0.1), rule(eps=2.0, lr=0.2)) == [("lr", 0.1, 0.2), ("eps", 1.0, 2.0)]
    assert told(rule(foreach=True), rule(foreach=False)) == []
    assert told(rule(lr=0.1), None) == told(None, rule(lr=0.1)) == []


@pytest.mark.parametrize(
    ("name", "absent", "given"),
    [("weight_decay", 0, 0.1), ("clip_by_norm", None, 1.0), ("momentum", 0, 0.9), ("dampening", 0, 0.9)],
)
def test_a_setting_that_a_rule_does_not_mention_is_off(name: str, absent: Any, given: float) -> None:
    assert told(rule(), rule(**{name: absent})) == []
    assert told(rule(), rule(**{name: given})) == [(name, absent, given)]
    assert told(rule(**{name: given}), rule()) == [(name, given, absent)]
    assert told(rule(), rule(**{name: given}), unread=(name,)) == []


def test_settings_as_messages_show_them() -> None:
    assert [shown(each) for each in (2e-05, 0.1 + 0.2, 3, (1, 2.5), [1, 2], None, "mean")] == [
        "2e-05",
        "0.3",
        "3",
        "(1, 2.5)",
        "(1, 2)",
        "None",
        "mean",
    ]
