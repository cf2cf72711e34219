"""Which workers a command gets by --workers and --scheduler, or by neither."""

from pathlib import Path

import click
import pytest

from harness.sweeping.cluster import Cluster
from harness.sweeping.workers import ThisProcess
from lockstep.options.workers import workers_for
from tests.lockstep.commands.commands import Lockstep


@pytest.fixture(autouse=True)
def _nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.sweeping.fork_server.start", lambda: None)
    monkeypatch.setattr("os.cpu_count", lambda: 4)


@pytest.mark.parametrize(
    ("tasks", "workers", "unless_given", "is_this_process"),
    [(9, 1, None, True), (1, 3, None, True), (9, None, 1, True), (9, None, None, False), (9, 2, 1, False)],
)
def test_one_worker_is_this_process(
    tasks: int, workers: int | None, unless_given: int | None, is_this_process: bool
) -> None:
    chosen = workers_for(tasks, workers, None, unless_given=unless_given)
    if isinstance(chosen, Cluster):
        assert not is_this_process
        return
    with chosen as found:
        assert is_this_process
        assert isinstance(found, ThisProcess)


@pytest.mark.parametrize("unless_given", [1, None])
@pytest.mark.parametrize("tasks", [1, 9])
def test_the_workers_of_a_scheduler_are_taken_however_few_tasks_there_are(tasks: int, unless_given: int | None) -> None:
    assert isinstance(workers_for(tasks, None, "tcp://127.0.0.1:1", unless_given=unless_given), Cluster)


def test_workers_and_a_scheduler_contradict_each_other() -> None:
    with pytest.raises(click.UsageError, match="give one of them"):
        workers_for(9, 1, "tcp://127.0.0.1:1")


@pytest.mark.parametrize(
    "command",
    [("run", "xor"), ("mutants", "--correct-runs", 1), ("sweep", "xor", "--store", "runs.db"), ("fuzz",)],
    ids=["run", "mutants", "sweep", "fuzz"],
)
def test_every_command_takes_a_scheduler(
    command: tuple[str | int, ...], lockstep: Lockstep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = lockstep(*command, "--scheduler", "nowhere")
    assert answer.exit_code == 2
    assert "the scheduler nowhere can't be reached: missing port number in address" in answer.stderr
