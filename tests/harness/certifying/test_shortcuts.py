"""What shortcuts see to be right is what checks find: every count and every failure stays the same."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from backends.contract import Array, Node
from harness.certifying.certificate import Certificate
from harness.certifying.certifier import Certifier, formulas_of
from harness.certifying.evaluating.update import EvaluatedUpdate
from harness.certifying.shortcuts import stack
from harness.certifying.shortcuts.replay import Replay, Rounded
from harness.certifying.shortcuts.shortcuts import Shortcuts
from harness.certifying.training import train_and_certify
from harness.numerics.bounds.bounded import Bounded
from harness.numerics.rounding import arithmetic
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import load_backend, load_backends
from harness.running.experiment import Experiment, prepare
from harness.running.process import pinned
from harness.running.updates import Update
from scenarios import Scenario, data, param, randn, scenario, sgd
from tests.harness.certifying.test_certifier import UPDATES, Change, as_it_is, certified, setting
from tests.harness.judging.test_excuses import traced_update

PROGRAMS = {
    "two_layer": 12,
    "digits": 1,
    "digits_cnn": 1,
    "transformer_block": 6,
    "resnet_block": 4,
    "lstm_adding": 6,
    "weighted_similarity": 6,
    "clipped_by_norm": 12,
    "scheduled_by_cosine": 12,
    "xor": 40,
}


def certificates(experiment: Experiment) -> list[Certificate]:
    with pinned(experiment.backends, 1):
        return list(train_and_certify(experiment)[1].values())


def counts(certificate: Certificate) -> dict[str, Any]:
    names = ("updates", "checks", "failed", "unchecked", "suspect", "first_unchecked", "cancelled", "slight")
    return {
        **{name: getattr(certificate, name) for name in names},
        "failures": {key: failure.mismatch for key, failure in certificate.failures.items()},
    }


@pytest.mark.parametrize("name", PROGRAMS)
def test_counts_are_those_of_checks_alone(name: str, dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = built_in_scenarios()[name].vary(epochs=PROGRAMS[name])
    experiment = replace(prepare(chosen, load_backends([]), dtype), certify=1)
    with_shortcuts = certificates(experiment)
    monkeypatch.setattr(Shortcuts, "is_measured", lambda self, update: True)
    assert [counts(each) for each in with_shortcuts] == [counts(each) for each in certificates(experiment)]


@pytest.fixture
def experiment(tiny: Scenario) -> Experiment:
    numpy = load_backend("numpy")
    return prepare(tiny.vary(epochs=UPDATES), [numpy, numpy], "float32")


def off(array: Array) -> Array:
    """One element is wrong."""
    changed = np.array(array)
    changed.flat[-1] = changed.flat[-1] * 1.001 + 0.001
    return changed


@pytest.mark.parametrize("tensor", ["h", "h_r", "grad_w1", "w1", "grad_h"])
@pytest.mark.parametrize("update", range(1, UPDATES + 1))
def test_a_tensor_that_is_wrong_once_fails_at_any_update(tensor: str, update: int, experiment: Experiment) -> None:
    changes = [setting(tensor, off) if number == update else as_it_is for number in range(1, update + 1)]
    certificate = certified(experiment, *changes)
    assert certificate.failed > 0
    assert {failure.mismatch.update for failure in certificate.failures.values()} == {update}


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_what_is_not_finite_is_no_replay(wrong: float, experiment: Experiment) -> None:
    def spoilt(array: Array) -> Array:
        return np.full_like(array, wrong)

    changes = [as_it_is, as_it_is, setting("w1", spoilt)]
    assert certified(experiment, *changes).failed > 0


def by_one_ulp(array: Array) -> Array:
    return np.asarray(array + np.spacing(array), array.dtype)


@scenario(
    seed=1, epochs=4, optimizer=sgd(lr=0.1), batch_size=64, x=randn(129, 3), y=randn(129, 2), w=param(3, 2), b=param(2)
)
def rest_of_one_row(op: Any, x: Any, y: Any, w: Any, b: Any) -> Any:
    """The sum over one row is exact; that over 64 has many roundings."""
    return op.mean_squared_error(op.tanh(op.add(op.matmul(x, w), b)), y)


@scenario(
    seed=1,
    epochs=6,
    optimizer=sgd(lr=0.1),
    batch_size=8,
    shuffle=False,
    ids=data(lambda: np.array([0] * 8 + list(range(8)))),
    y=randn(16, 2),
    table=param(8, 2),
)
def one_id_or_eight(op: Any, ids: Any, y: Any, table: Any) -> Any:
    """The first batch of an epoch has one id eight times, the second eight ids once."""
    return op.mean_squared_error(op.tanh(op.embedding(ids, table)), y)


@pytest.mark.parametrize(
    ("network", "tensor", "of_many_terms"), [(rest_of_one_row, "b", (2, 5)), (one_id_or_eight, "table", (1, 3, 5))]
)
def test_a_sum_of_fewer_terms_is_held_to_its_own_bound(
    network: Scenario, tensor: str, of_many_terms: Sequence[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the sums of many terms an ulp is allowed; at update 6, where there is one term, it is wrong."""
    numpy = load_backend("numpy")
    experiment = prepare(network.vary(epochs=UPDATES), [numpy, numpy], "float32")
    off_by_one_ulp = setting(f"grad_{tensor}", by_one_ulp)
    changes = [off_by_one_ulp if number in (*of_many_terms, 6) else as_it_is for number in range(1, 7)]
    found = counts(certified(experiment, *changes))
    assert {failure.update for failure in found["failures"].values()} == {6}
    monkeypatch.setattr(Shortcuts, "is_measured", lambda self, update: True)
    assert found == counts(certified(experiment, *changes))


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """No updates are looked at together."""
    monkeypatch.setattr(stack, "MOST", 0)


def bounded_calls(experiment: Experiment, *changes: Change) -> list[set[str]]:
    """Update by update: the hand-written functions that ran on bounds."""
    calls: list[set[str]] = []
    find_op = experiment.find_op

    def watched(name: str) -> Callable[..., Any]:
        function = find_op(name)

        def call(*arguments: Any, **settings: Any) -> Any:
            if any(isinstance(each, Bounded) for each in arguments):
                calls[-1].add(name)
            return function(*arguments, **settings)

        return call

    def beginning(change: Change) -> Change:
        def begun(update: Update) -> Update:
            calls.append(set())
            return change(update)

        return begun

    certified(replace(experiment, find_op=watched), *map(beginning, changes))
    return calls


@pytest.mark.usefixtures("one_by_one")
def test_numpys_own_updates_need_bounds_only_where_they_are_measured(experiment: Experiment) -> None:
    calls = bounded_calls(experiment, *[as_it_is] * UPDATES)
    assert [number for number, called in enumerate(calls, 1) if called] == [1, 4, UPDATES]


@pytest.mark.usefixtures("one_by_one")
def test_fused_steps_need_bounds_until_it_is_known_how_close_they_have_to_be(experiment: Experiment) -> None:
    lr = float(np.float32(experiment.program.optimizer.settings["lr"]))

    def with_one_rounding(update: Update) -> Update:
        step = update.step
        weights = {
            name: (weight.astype(np.float64) - lr * step.grads[name]).astype(np.float32)
            for name, weight in update.weights.items()
        }
        return replace(update, step=replace(step, weights=weights))

    calls = bounded_calls(experiment, *[with_one_rounding] * UPDATES)
    stepped = [number for number, called in enumerate(calls, 1) if "sgd" in called]
    assert len(stepped) < UPDATES - 2
    assert stepped[-1] == UPDATES


def test_a_number_is_rounded_where_it_meets_an_array() -> None:
    number, array = Rounded(0.1), np.array([3.0, 7.0])
    rounded = float(np.float32(0.1))
    np.testing.assert_array_equal(number * array, rounded * array)
    np.testing.assert_array_equal(array - number, array - rounded)
    np.testing.assert_array_equal(array / number, array / rounded)
    np.testing.assert_array_equal(number - array, rounded - array)
    np.testing.assert_array_equal((1 - number) * array, float(np.float32(0.9)) * array)
    np.testing.assert_array_equal((1 - number**3) * array, float(np.float32(1 - 0.1**3)) * array)
    assert number == 0.1


def test_an_op_that_writes_to_its_input_spoils_no_recorded_tensor(experiment: Experiment) -> None:
    update = traced_update(experiment, experiment.draws.weights)
    before = np.array(update.step.values["h"])

    def relu_in_place(x: Array) -> Any:
        np.maximum(x, 0, out=x)
        return x, lambda grad_y: (np.where(x > 0, grad_y, 0),)

    formulas = {**formulas_of(experiment.program, experiment.find_op), "relu": relu_in_place}
    replayed = EvaluatedUpdate(Replay(experiment.program, arithmetic("float32")), update, formulas)
    (node,) = (node for node in experiment.program.nodes() if str(node) == "h_r" and node.kind == "value")
    computed, refusal = replayed.bound(node)
    assert computed is None
    assert "read-only" in refusal
    np.testing.assert_array_equal(update.step.values["h"], before)


@scenario(seed=1, epochs=UPDATES, optimizer=sgd(lr=0.1), x=randn(8, 400), y=randn(8, 100), w=param(400, 100))
def one_large_weight(op: Any, x: Any, y: Any, w: Any) -> Any:
    return op.mean_squared_error(op.matmul(x, w), y)


def other_neighbours(count: int) -> Change:
    """Rounds those elements of the new weight to the other of two numbers of which that changes the least."""

    def changed(update: Update) -> Update:
        wide = update.weights["w"].astype(np.float64) - np.float64(np.float32(0.1)) * update.step.grads["w"]
        right = wide.astype(np.float32)
        other = np.nextafter(right, np.where(right < wide, np.inf, -np.inf).astype(np.float32))
        nearest = np.argsort(np.abs(other - wide) / np.abs(wide), axis=None)[:count]
        new = np.array(update.step.weights["w"])
        new.flat[nearest] = other.flat[nearest]
        return replace(update, step=replace(update.step, weights={"w": new}))

    return changed


@pytest.mark.parametrize(("count", "are_few"), [(1, True), (400, True), (4000, False)])
def test_the_few_elements_of_a_large_weight_that_round_otherwise_are_held_against_their_bounds(
    count: int, are_few: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    numpy = load_backend("numpy")
    experiment = prepare(one_large_weight, [numpy, numpy], "float32")
    checked: list[str] = []
    check = Certifier._check

    def noted(self: Certifier, update: Update, node: Node, got: Array, found: Any) -> None:
        checked.append(f"{node} {update.number}")
        check(self, update, node, got, found)

    monkeypatch.setattr(Certifier, "_check", noted)
    certificate = certified(experiment, as_it_is, as_it_is, other_neighbours(count))
    assert (certificate.failed, certificate.unchecked) == (0, 0)
    assert ("w 3" in checked) != are_few


@pytest.mark.parametrize("ulps", [2, 3, 100])
@pytest.mark.parametrize("place", [0, 1234, -1])
def test_a_wrong_element_among_those_that_round_otherwise_fails(place: int, ulps: int) -> None:
    numpy = load_backend("numpy")
    experiment = prepare(one_large_weight, [numpy, numpy], "float32")

    def wrong(update: Update) -> Update:
        new = np.array(other_neighbours(200)(update).step.weights["w"])
        new.flat[place] = update.step.weights["w"].flat[place]
        new.flat[place] += ulps * np.spacing(np.abs(new.flat[place]))
        return replace(update, step=replace(update.step, weights={"w": new}))

    certificate = certified(experiment, as_it_is, as_it_is, wrong)
    (failure,) = certificate.failures.values()
    assert certificate.failed == 1
    assert failure.mismatch.index == tuple(map(int, np.unravel_index(range(40_000)[place], (400, 100))))
