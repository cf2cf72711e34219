"""Which entries of the catalogue are listed for two models, and in which order."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

import harness.comparing.entries as module
from backends.capture.calls import LiveCall, Pass
from backends.capture.training import Rule
from backends.differences.difference import Difference
from backends.normalisation import Normalisation
from harness.recording.loading import LoadedBackend


@dataclass
class Given:
    """A model of a framework, with its optimizer and what it calls."""

    framework: str
    calls: Sequence[tuple[str, str, dict[str, Any]]] = ()
    """The kind of each, the full name and the settings."""
    optimizer: tuple[str, str] | None = None
    """Its kind and its full name."""
    captured: Pass = field(default_factory=Pass)

    def __post_init__(self) -> None:
        for kind, name, settings in self.calls:
            self.captured.calls.append(LiveCall(kind, kind, (), (1,), settings, "", "", names=(name,)))

    def rule(self) -> Rule | None:
        return None if self.optimizer is None else Rule("", self.optimizer[0], {}, self.optimizer[1:])


def entry(name: str, subject: str, **changes: Any) -> Difference:
    code: Any = None  # none of it is run
    of = Difference(name=name, kind="loss", title=f"{name} in words", chainer=f"{subject}(x)", torch="y", code=code)
    return replace(of, **changes)


CATALOGUE = (
    entry("z_first", "F.relu"),
    entry("both", "F.relu"),
    entry("raises", "F.relu", raises=ValueError),
    entry("of_weights", "F.loss", matters=lambda settings: "weight" in settings),
    entry("of_rules", "O.Adam"),
    entry("of_others", "F.other"),
)


def normalised(kind: str, *differences: str) -> Normalisation:
    def function() -> None: ...

    function.__name__ = kind
    return Normalisation(function=function, how="", differences=differences)


TABLES = {
    "chainer": (
        normalised("other", "of_others"),
        normalised("loss", "y_loss"),
        normalised("relu", "both", "x_relu", "y_loss"),
    ),
    "torch": (normalised("relu", "both", "a_relu"), normalised("adam", "of_adam")),
}


@pytest.fixture(autouse=True)
def tables(monkeypatch: pytest.MonkeyPatch) -> None:
    def load_backend(framework: str) -> LoadedBackend:
        found: Any = type("module", (), {"NORMALISATIONS": TABLES[framework]} if framework in TABLES else {})
        return LoadedBackend(framework, found)

    monkeypatch.setattr(module, "load_backend", load_backend)
    monkeypatch.setattr(module, "_catalogue", lambda: CATALOGUE)


def listed(left: Given, right: Given) -> list[str]:
    return module.entries_of(left, right, (left.captured, right.captured))  # type: ignore[arg-type]


CALLS: Sequence[tuple[str, str, dict[str, Any]]] = (("loss", "F.loss", {}), ("relu", "F.relu", {}))
NORMALISED = ["y_loss", "both", "x_relu", "a_relu"]
ADAM = ("adam", "O.Adam")


def test_first_those_that_are_normalised_then_those_of_the_catalogue_each_in_their_order_and_once() -> None:
    left, right = Given("chainer", CALLS, ADAM), Given("torch", (), ("adam", "torch.Adam"))
    assert listed(left, right) == [*NORMALISED, "of_adam", "z_first", "of_rules"]


def test_what_is_normalised_is_that_of_the_left_models_calls_and_rule() -> None:
    left, right = Given("torch", (("relu", "", {}),), ("sgd", "")), Given("chainer", CALLS, ADAM)
    assert listed(left, right) == ["both", "a_relu", "x_relu", "y_loss", "z_first", "of_rules"]


def test_an_entry_about_a_setting_needs_the_setting() -> None:
    left, right = Given("chainer", [("loss", "F.loss", {"weight": 1})]), Given("torch")
    assert listed(left, right) == ["y_loss", "of_weights"]


def test_without_optimizers_there_are_no_entries_about_them() -> None:
    assert listed(Given("chainer", CALLS), Given("torch")) == [*NORMALISED, "z_first"]


def test_models_of_one_framework_have_none() -> None:
    assert listed(Given("chainer", CALLS, ADAM), Given("chainer", CALLS, ADAM)) == []


@pytest.mark.parametrize("framework", ["chainer", "torch"])
def test_beside_named_arrays_those_that_are_normalised_alone(framework: str) -> None:
    expected = ["y_loss", "both", "x_relu"] if framework == "chainer" else ["both", "a_relu", "of_adam"]
    assert listed(Given(framework, CALLS, ADAM), Given("numpy")) == expected


@pytest.mark.parametrize("is_left", [True, False])
def test_those_about_the_optimizer_are_found_on_either_side_of_named_arrays(is_left: bool) -> None:
    by_hand, model = Given("numpy"), Given("torch", (), ADAM)
    sides: Any = (model, by_hand) if is_left else (by_hand, model)
    assert module.entries_of_rules(*sides) == ["of_adam"]
    nothing: Any = Given("torch"), Given("chainer")
    assert module.entries_of_rules(*nothing) == []


def test_entries_are_given_in_words_in_the_order_that_is_asked_for() -> None:
    first, last = module.in_words(["of_rules", "both"])
    assert (first.name, first.title) == ("of_rules", "of_rules in words")
    assert (first.chainer, first.torch) == ("O.Adam(x)", "y")
    assert last.name == "both"


def test_the_catalogue_is_not_asked_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It imports both frameworks, of which one may be missing."""

    def missing() -> Any:
        raise ImportError("no Chainer here")

    monkeypatch.setattr(module, "_catalogue", missing)
    assert module.in_words([]) == []
