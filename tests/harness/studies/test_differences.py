"""The catalogue of differences: every entry is true, and an entry that is not would be found out."""

import ast
import importlib
import inspect
import pickle
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from backends.compatibility.chainer import import_chainer
from backends.differences import DIFFERENCES
from backends.differences.difference import Code, Difference, Kind, difference
from harness.studies.differences import DIFFERS, MATCHES, compare, measure
from lockstep.commands.differences import KINDS

chainer = import_chainer()
F = chainer.functions
NAMES = [entry.name for entry in DIFFERENCES]


def entry_called(name: str) -> Difference:
    return next(entry for entry in DIFFERENCES if entry.name == name)


def global_settings() -> list[Any]:
    return [
        pickle.dumps(np.random.get_state()),
        torch.get_rng_state().tolist(),
        torch.get_default_dtype(),
        chainer.config.dtype,
        chainer.config.train,
    ]


@pytest.mark.parametrize("entry", DIFFERENCES, ids=NAMES)
def test_an_entry_is_true_and_leaves_nothing_behind(entry: Difference) -> None:
    before = global_settings()
    measured = measure(entry)
    assert global_settings() == before
    assert measured.holds, measured
    assert float(measured.naive_difference) > DIFFERS
    if measured.normalised_difference is None:
        assert measured.instead
    else:
        assert measured.normalised_reason is None
        assert float(measured.normalised_difference) <= MATCHES


def test_the_catalogue_is_large_and_says_what_it_is() -> None:
    for document, count in (("docs/migrating.md", "lists {} of them"), ("README.ja.md", "違い {} 件")):
        text = (Path(__file__).parents[3] / document).read_text(encoding="utf-8")
        assert count.format(len(DIFFERENCES)) in text
    assert len(set(NAMES)) == len(NAMES) >= 48
    assert get_args(Kind) == KINDS
    assert {entry.kind for entry in DIFFERENCES} == set(KINDS)
    assert len({entry.title for entry in DIFFERENCES}) == len(DIFFERENCES)
    for entry in DIFFERENCES:
        assert entry.title.endswith("."), entry.name
        assert (entry.code.normalised is None) == (entry.instead is not None), entry.name


@pytest.mark.parametrize("entry", DIFFERENCES, ids=NAMES)
def test_what_an_entry_says_of_signatures_is_so(entry: Difference) -> None:
    for claim, framework in ((entry.chainer, "chainer"), (entry.torch, "torch")):
        assert claim.startswith(f"{framework}.")
        checked_defaults(claim)


def test_the_checked_defaults_are_many_and_a_wrong_one_is_seen() -> None:
    assert sum(checked_defaults(claim) for entry in DIFFERENCES for claim in (entry.chainer, entry.torch)) > 100
    for wrong in (
        "chainer.functions.leaky_relu(x, slope=0.01)",
        "torch.nn.functional.leaky_relu(input, slope=0.01)",
        "chainer.functions.leaky_relu(y)",
        "torch.nn.functional.leakier_relu(input)",
    ):
        with pytest.raises((AssertionError, AttributeError)):
            checked_defaults(wrong)


def checked_defaults(claim: str) -> int:
    """Hold the call that a claim begins with against the signature; return how many defaults it states."""
    call = called(claim)
    function: Any = importlib.import_module("torch") if claim.startswith("torch.") else chainer
    for attribute in ast.unparse(call.func).split(".")[1:]:
        function = getattr(function, attribute)
    stated = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords}
    positional = [ast.unparse(argument) for argument in call.args]
    if not stated and not positional:
        return 0  # as of what is compiled and has no signature
    parameters = inspect.signature(function).parameters
    for name in positional:
        assert name in parameters, claim
    for name, default in stated.items():
        assert name in parameters, claim
        assert parameters[name].default == default, claim
    return len(stated)


def called(claim: str) -> ast.Call:
    for end, character in enumerate(claim, 1):
        if character == ")":
            try:
                expression = ast.parse(claim[:end], mode="eval").body
            except SyntaxError:
                continue
            assert isinstance(expression, ast.Call)
            assert claim[end:].startswith(": ") or claim[end:] == ""
            return expression
    raise AssertionError(f"{claim!r} begins with no call")


def made(**changed: Any) -> Difference:
    """An entry about leaky_relu, which is true unless something is changed."""

    def in_chainer(x: Any) -> Any:
        return F.leaky_relu(x)

    def naive(x: Tensor) -> Tensor:
        return nn.functional.leaky_relu(x)

    def normalised(x: Tensor) -> Tensor:
        return nn.functional.leaky_relu(x, 0.2)

    outside = {key: changed.pop(key) for key in ("raises", "instead") if key in changed}
    code: dict[str, Any] = {
        "in_chainer": in_chainer,
        "naive": naive,
        "normalised": normalised,
        "inputs": ones_below_zero,
    }

    @difference("default", chainer="chainer.functions.leaky_relu(x)", torch="torch.relu()", **outside)
    def made_up() -> Code:
        """A sentence."""
        return Code(**(code | changed))

    return made_up


def ones_below_zero(random: np.random.RandomState) -> tuple[Any, ...]:
    return (-np.ones((2, 2)),)


def raising(x: Tensor) -> Tensor:
    raise ValueError


def raising_in_chainer(x: Any) -> Any:
    raise ValueError


def nearly(x: Tensor) -> Tensor:
    return nn.functional.leaky_relu(x, 0.2 * (1 + 1e-10))


def right_in_value_only(x: Tensor) -> Tensor:
    return nn.functional.leaky_relu(x, 0.2).detach() + 0 * x


def test_a_false_entry_is_found_out() -> None:
    true = made()
    assert measure(true).holds
    right = true.code.normalised
    wrong = {
        "the naive translation is right": made(naive=right),
        "the naive translation is off by rounding": made(naive=nearly),
        "the normalised translation is off by 1e-10": made(normalised=nearly),
        "the normalised translation has no gradient": made(normalised=right_in_value_only),
        "the normalised translation raises": made(normalised=raising),
        "the naive translation raises, unannounced": made(naive=raising),
        "the naive translation raises something else": made(naive=raising, raises=IndexError),
        "the naive translation does not raise": made(raises=ValueError),
        "Chainer raises": made(in_chainer=raising_in_chainer),
        "Chainer raises, too": made(in_chainer=raising_in_chainer, naive=raising, raises=ValueError),
        "Chainer raises, normalised": made(normalised_chainer=raising_in_chainer),
        "nothing is said for what can't be expressed": made(normalised=None),
        "something else is said for what can be expressed": made(instead="Nothing."),
    }
    assert {what: measure(entry).holds for what, entry in wrong.items()} == dict.fromkeys(wrong, False)
    assert measure(made(normalised=None, instead="A rule of your own.")).holds
    assert measure(made(naive=raising, raises=ValueError)).holds


@pytest.mark.parametrize(
    ("got", "wanted", "reason"),
    [
        ([np.nan], [1.0], "NaN for a number"),
        ([1.0], [np.nan], "a number for NaN"),
        ([np.inf], [1.0], "infinity for a number"),
        ([np.inf], [-np.inf], "infinity for −infinity"),
        ([1.0, 2.0], [1.0], "shape (2,) for (1,)"),
    ],
)
def test_what_can_not_be_compared_is_infinitely_off(got: list[float], wanted: list[float], reason: str) -> None:
    deviation = compare({"value": np.array(got)}, {"value": np.array(wanted)})
    assert (deviation.difference, deviation.reason) == ("inf", reason)


def test_differences_are_relative_to_the_largest_element() -> None:
    nan_on_both_sides = compare({"value": np.array([np.nan, 4.0])}, {"value": np.array([np.nan, 8.0])})
    assert nan_on_both_sides.size == 0.5
    assert compare({"value": np.array([0.5])}, {"value": np.array([0.0])}).size == 0.5
    assert compare({"value": np.zeros(0)}, {"value": np.zeros(0)}).size == 0
    assert compare({}, {"value": np.zeros(1)}).reason == "0 values for 1"
