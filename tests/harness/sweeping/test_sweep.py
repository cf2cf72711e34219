"""A sweep makes what is missing, each content once, and goes on where it was stopped."""

import signal
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.recording.loading import LoadedBackend
from harness.sweeping.query import grouped
from harness.sweeping.rows import Row
from harness.sweeping.store import Store
from harness.sweeping.sweep import Sweep
from harness.sweeping.work import Work
from harness.sweeping.workers import ThisProcess
from tests.harness.broken import with_changes
from tests.harness.sweeping.stored import backends, contents, grid, swept, work


def test_it_makes_every_point_and_then_none(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    progress = swept(path, work())
    assert progress.points == progress.finished.total() == len(contents(path)) == 2 * 3 * 2
    again = swept(path, work())
    assert (again.finished.total(), again.left) == (0, 0)
    assert again.outcomes == progress.outcomes


def test_it_goes_on_in_any_order(tmp_path: Path) -> None:
    path, whole = tmp_path / "runs.db", tmp_path / "whole.db"
    swept(path, work("xor"), seeds=2)
    progress = swept(path, work("two_layer_tiny", "xor"), seeds=3)
    assert progress.before.total() == 4
    assert progress.finished.total() == 8
    swept(whole, work("two_layer_tiny", "xor"), seeds=3)
    assert contents(path) == contents(whole)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_lets_what_is_in_flight_finish(tmp_path: Path, number: signal.Signals) -> None:
    path = tmp_path / "runs.db"
    of = work("xor")

    class Stopped(ThisProcess):
        def map(self, do: Callable[[Any], Any], tasks: Iterator[Any], lost: Callable[[Any, str], Any]) -> Iterator[Any]:
            for place, result in enumerate(super().map(do, tasks, lost)):
                if place == 1:
                    signal.raise_signal(number)
                yield result

    stopped = swept(path, of, Stopped())
    assert stopped.stopped == number
    assert (stopped.finished.total(), stopped.left) == (2, 4)
    assert len(contents(path)) == 2
    assert swept(path, of).finished.total() == 4


def test_a_second_signal_stops_at_once(tmp_path: Path, ctrl_c: None) -> None:
    class Stopped(ThisProcess):
        def map(self, do: Callable[[Any], Any], tasks: Iterator[Any], lost: Callable[[Any, str], Any]) -> Iterator[Any]:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            yield from super().map(do, tasks, lost)

    with pytest.raises(KeyboardInterrupt):
        swept(tmp_path / "runs.db", work("xor"), Stopped())


def failing_at_seed_1(x: Any) -> Any:
    raise ValueError("no relu today")


def test_a_point_that_fails_stops_nothing(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    broken = Work(
        "sweep", work().scenarios, [backends()[0], LoadedBackend("mine", with_changes(relu=failing_at_seed_1))]
    )
    progress = swept(path, broken)
    assert progress.outcomes["crashed"] == 6  # two_layer_tiny; xor has no relu
    assert progress.outcomes.total() == 12
    headlines = [row[0] for row in grouped(path, ["headline"], "verdict = 'crashed'").rows]
    assert headlines
    assert all("no relu today" in headline for headline in headlines)
    assert swept(path, broken).finished.total() == 0
    assert swept(path, broken, again=True).finished == Counter(crashed=6)


def test_a_mistake_in_lockstep_itself_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: Any) -> Any:
        raise KeyError("inside")

    monkeypatch.setattr("harness.sweeping.work.run_experiment", failing)
    with Store(tmp_path / "runs.db") as store:
        of = work("xor")
        sweep = Sweep(grid(of, seeds=1), of, store)
        progress = sweep.progress()
        told: list[Row] = []
        sweep.run(ThisProcess(), progress, told.append)
    assert [row.headline for row in told] == ["an error in Lockstep itself: KeyError: 'inside'"] * 2
