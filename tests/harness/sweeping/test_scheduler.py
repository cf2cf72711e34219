"""Workers of a scheduler that runs already: which of them are taken, who is waited for, and who may die on the way."""

import itertools
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from distributed import get_worker

from harness.errors import InputError
from harness.sweeping.cluster import Cluster
from tests.harness.sweeping.schedulers import processes
from tests.harness.sweeping.stored import contents, swept, work
from tests.harness.sweeping.tasks import lost, slow, squared

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning:distributed.*")]


def test_workers_that_are_killed_in_the_middle_lose_nothing(tmp_path: Path) -> None:
    """Real processes on loopback; whenever some runs are stored, one worker is killed and another one comes."""
    of = work("two_layer_tiny", "xor", epochs=3)
    swept(tmp_path / "serial.db", of, seeds=6)
    with processes(tmp_path, workers=3) as (address, start_worker, workers), Cluster(scheduler=address) as cluster:

        class Killing:
            """Kills a worker after every sixth run."""

            def map(self, do: Any, tasks: Any, lost: Any) -> Iterator[Any]:
                for place, result in enumerate(cluster.map(do, tasks, lost), 1):
                    if place in (6, 12):
                        start_worker()
                        workers.pop(0).send_signal(signal.SIGKILL)
                    yield result

        progress = swept(tmp_path / "workers.db", of, Killing(), seeds=6)
    assert progress.points == 24
    assert (progress.left, progress.outcomes["crashed"]) == (0, 0)
    assert contents(tmp_path / "workers.db") == contents(tmp_path / "serial.db")


def from_to(number: int) -> tuple[float, float]:
    started = time.monotonic()
    time.sleep(0.6)
    return started, time.monotonic()


def test_a_worker_of_several_threads_makes_one_run_at_a_time(tmp_path: Path) -> None:
    """A run sets switches of the whole process."""
    with processes(tmp_path, workers=1, threads=3) as (address, _, _), Cluster(scheduler=address) as cluster:
        spans = sorted(cluster.map(from_to, iter(range(4)), lambda task, why: (0.0, 0.0)))
    assert len(spans) == 4
    assert all(ended <= started for (_, ended), (started, _) in itertools.pairwise(spans))


def test_workers_with_other_versions_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with processes(tmp_path, workers=1) as (address, _, _):
        monkeypatch.setattr("harness.recording.versions.version", lambda name: "1.0")
        with pytest.raises(InputError, match=r"the worker tcp://127.0.0.1:\d+ has .*torch .*, not 1.0"):
            Cluster(scheduler=address).__enter__()


def test_a_worker_without_lockstep_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def not_there() -> None:
        raise ModuleNotFoundError("No module named 'harness'")

    with processes(tmp_path, workers=1) as (address, _, _):
        monkeypatch.setattr("harness.sweeping.cluster.versions", not_there)
        with pytest.raises(InputError, match=r"is Lockstep installed there\? ModuleNotFoundError: No module"):
            Cluster(scheduler=address).__enter__()


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("tcp://127.0.0.1:1", r"can't be reached: nothing answers within 1 s"),
        ("nowhere", r"can't be reached: missing port number in address 'nowhere'"),
        ("nothing://127.0.0.1:1", r"can't be reached: unknown address scheme 'nothing'"),
    ],
)
def test_a_scheduler_that_is_not_there_is_said_and_leaves_no_thread(
    address: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.sweeping.cluster.PATIENCE", 1.0)
    before = set(threading.enumerate())
    with pytest.raises(InputError, match=rf"the scheduler {address} {why}"):
        Cluster(scheduler=address).__enter__()
    assert set(threading.enumerate()) <= before


def test_a_worker_is_no_scheduler(tmp_path: Path) -> None:
    with processes(tmp_path, workers=1) as (address, _, _), Cluster(scheduler=address) as cluster:
        (worker,) = cluster.map(own_address, iter([0]), lost)
        with pytest.raises(InputError, match=f"{worker} is the address of a Worker; give that of the scheduler"):
            Cluster(scheduler=worker).__enter__()


def own_address(number: int) -> str:
    return get_worker().address


def test_the_first_worker_may_come_at_any_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As from the queue of a cluster: it is waited for, which is said once."""
    monkeypatch.setattr("harness.sweeping.cluster.UNTOLD", 0.2)
    told: list[str] = []
    with processes(tmp_path, workers=0) as (address, start_worker, _):

        def tell(sentence: str) -> None:
            told.append(sentence)
            start_worker()

        with Cluster(scheduler=address, tell=tell) as cluster:
            assert list(cluster.map(squared, iter([3]), lost)) == [9]
    assert told == [f"the scheduler {address} has no worker; waiting for one"]


def test_where_no_worker_is_left_another_one_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.sweeping.cluster.PATIENCE", 2.0)
    told: list[str] = []
    with processes(tmp_path, workers=1) as (address, start_worker, (worker,)):

        def tell(sentence: str) -> None:
            told.append(sentence)
            start_worker()

        found = []
        with Cluster(scheduler=address, tell=tell) as cluster:
            for number in cluster.map(slow, iter(range(4)), lost):
                found.append(number)
                if len(found) == 1:
                    worker.kill()
    assert sorted(map(str, found)) == ["0", "1", "2", "3"]
    assert told == [f"the scheduler {address} has no worker; waiting for one"]


def test_where_the_scheduler_is_lost_it_is_said(tmp_path: Path) -> None:
    def kill_scheduler(results: Iterator[Any]) -> None:
        for _ in results:
            for process in psutil.Process().children():
                if "distributed.cli.dask_scheduler" in process.cmdline():
                    process.kill()

    with processes(tmp_path, workers=1) as (address, _, _), Cluster(scheduler=address) as cluster:
        results = cluster.map(slow, iter(range(20)), lost)
        with pytest.raises(InputError, match="the cluster failed: "):
            kill_scheduler(results)
