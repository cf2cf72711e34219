"""What a search finds in broken backends, how small it gets it, and what it makes of the same seed."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from backends import numpy_manual
from backends.contract import Step
from harness.errors import InputError
from harness.fuzzing import search as searching
from harness.fuzzing.finding import Signature
from harness.fuzzing.fuzz import Fuzz
from harness.fuzzing.search import Search, Task
from harness.recording.loading import LoadedBackend, load_backend
from harness.run import run_experiment
from harness.running.experiment import prepare
from harness.sweeping.store import Store
from harness.sweeping.workers import ThisProcess

BROKEN_RELU = f"broken={Path(__file__).parent / 'broken_relu.py'}"


def backend(**functions: Callable[..., Any] | None) -> LoadedBackend:
    """The hand-written backend with other functions, or without those that are None."""
    module = ModuleType("mine")
    module.__dict__.update(vars(numpy_manual))
    for name, function in functions.items():
        if function is None:
            delattr(module, name)
        else:
            setattr(module, name, function)
    return LoadedBackend("mine", module)


def only(*ops: str) -> LoadedBackend:
    """A backend that has these ops, sgd and no other rule, so that a search soon comes to all of it."""
    from backends.vocabulary import KINDS

    return backend(**{name: None for name in KINDS if name not in (*ops, "sgd")})


@pytest.mark.slow
def test_a_mistake_is_found_and_shrunk_to_the_op_and_its_loss() -> None:
    search = Search([load_backend("numpy"), load_backend(BROKEN_RELU), only("relu", "reduce_sum", "add")])
    searched = search.do(Task(seed=1, first=0, programs=40))
    (found,) = searched.found
    assert found.finding.signature == Signature("wrong backend", "broken", "relu backward")
    assert "broken: relu backward" in found.finding.sentence
    assert found.source.calls <= 3
    assert searched.programs == 40
    assert searched.again[found.finding.signature] > 0
    assert searched.coverage.ops.keys() == {"relu", "reduce_sum", "add"}


def test_what_is_known_is_counted_and_not_shrunk() -> None:
    known = Signature("wrong backend", "broken", "relu backward")
    search = Search([load_backend("numpy"), load_backend(BROKEN_RELU), only("relu", "reduce_sum")])
    searched = search.do(Task(seed=1, first=0, programs=20, known=frozenset({known})))
    assert not searched.found
    assert not searched.attempts
    assert searched.again.keys() == {known}


def test_a_program_that_was_found_runs_from_its_file(tmp_path: Path) -> None:
    from harness.recording.catalogue import find_scenario

    backends = [load_backend("numpy"), load_backend(BROKEN_RELU)]
    search = Search([*backends, only("relu", "reduce_sum")])
    (found,) = search.do(Task(seed=1, first=0, programs=10)).found
    file = tmp_path / "alone.py"
    file.write_text(found.source.file(found.finding.sentence), encoding="utf-8")
    result = run_experiment(prepare(find_scenario(str(file)), backends, certify=1))
    assert result.verdict == "disagree"
    assert (result.culprits[0].backend, result.culprits[0].op) == ("broken", "relu")


@pytest.mark.slow
def test_the_same_seed_makes_the_same_programs() -> None:
    search = Search([load_backend("numpy"), backend()])
    one, other, third = (search.do(Task(seed=seed, first=0, programs=12)) for seed in (5, 5, 6))
    assert (one.outcomes, one.coverage, one.checks) == (other.outcomes, other.coverage, other.checks)
    assert one.coverage != third.coverage


def test_an_error_of_a_backend_and_a_crash_of_lockstep_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any, **settings: Any) -> Iterator[Step]:
        raise RuntimeError("no")
        yield

    backends = [load_backend("numpy"), backend(train=refuse)]
    (found,) = Search(backends).do(Task(seed=1, first=0, programs=5)).found
    assert (found.finding.signature.kind, found.finding.signature.backend) == ("error of a backend", "mine")

    def crash(*arguments: Any, **settings: Any) -> None:
        raise ZeroDivisionError("of ours")

    monkeypatch.setattr(searching, "run_experiment", crash)
    (found,) = Search([load_backend("numpy"), backend()]).do(Task(seed=1, first=0, programs=5)).found
    assert str(found.finding.signature) == "crash of Lockstep: ZeroDivisionError: of ours"


def test_a_backend_that_can_make_no_loss_is_refused() -> None:
    search = Search([load_backend("numpy"), only("relu")])
    with pytest.raises(InputError, match="need one of reduce_sum, reduce_mean, mean_squared_error in every backend"):
        search.do(Task(seed=1, first=0, programs=1))


@pytest.mark.slow
def test_every_run_is_stored_and_ends_at_its_number(tmp_path: Path) -> None:
    with Store(tmp_path / "fuzz.db") as store:
        fuzz = Fuzz(Search([load_backend("numpy"), backend()], keeps_rows=True), 1, programs=30, store=store)
        fuzz.run(ThisProcess(), lambda report, new: None)
        assert fuzz.report.searched.programs == 30
        assert sum(fuzz.report.searched.outcomes.values()) == 30
        stored = store.outcomes()
    assert len(stored) == len(fuzz.report.searched.names) > 25
    assert not fuzz.report.found
