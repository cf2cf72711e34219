"""Runs on Dask's workers: the same as in this process, whoever dies on the way."""

import os
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from harness.errors import InputError
from harness.recording.catalogue import find_scenarios
from harness.recording.loading import load_backend
from harness.sweeping.cluster import PER_WORKER, Cluster
from harness.sweeping.parcel import packed
from harness.sweeping.work import Work
from tests.harness.sweeping.stored import contents, swept, work
from tests.harness.sweeping.tasks import lost, slow, squared

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning:distributed.*")]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with Cluster(2) as cluster:
        yield cluster


def test_it_does_every_task_once(cluster: Cluster) -> None:
    found = list(cluster.map(squared, iter(range(1_000)), lambda task, why: -1))
    assert sorted(found) == [number * number for number in range(1_000)]


def test_a_sweep_gives_what_one_process_gives(cluster: Cluster, tmp_path: Path) -> None:
    swept(tmp_path / "serial.db", work())
    progress = swept(tmp_path / "workers.db", work(), cluster)
    assert progress.left == 0
    assert contents(tmp_path / "workers.db") == contents(tmp_path / "serial.db")


def test_few_tasks_are_taken_ahead(cluster: Cluster) -> None:
    """Whatever their number, so that neither the client nor the scheduler grows with it."""
    taken = done = most = 0

    def tasks() -> Iterator[int]:
        nonlocal taken
        for number in range(20):
            taken += 1
            yield number

    for _ in cluster.map(slow, tasks(), lost):
        done += 1
        most = max(most, taken - done)
    assert done == 20
    assert most <= 2 * PER_WORKER


def test_memory_is_flat_over_100_000_tasks(cluster: Cluster) -> None:
    """That of the client and of the scheduler, which are in this process."""
    process = psutil.Process()
    sizes = {}
    for place, _ in enumerate(cluster.map(squared, iter(range(100_000)), lost), 1):
        if place in (20_000, 100_000):
            sizes[place] = process.memory_info().rss
    assert sizes[100_000] - sizes[20_000] < 10 * 2**20


USERS = """
from backends.numpy_manual import *
from {beside} import doubled

def relu(x):
    y, backward = doubled(x)
    return y, backward
"""
BESIDE = """
import numpy as np

def doubled(x):
    return np.maximum(x, 0), lambda grad_y: (2 * np.where(x > 0, grad_y, np.zeros_like(grad_y)),)
"""
SCENARIO = """
from scenarios import param, randn, scenario, sgd
from {beside} import doubled

SCALE = 0.5

@scenario(seed=1, epochs=2, optimizer=sgd(lr=0.1), x=randn(8, 3, scale=SCALE), y=randn(8, 1), w=param(3, 1))
def mine(op, x, y, w):
    return op.mean_squared_error(op.relu(op.matmul(x, w)), y)
"""


def test_a_users_files_travel_with_what_is_beside_them(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "beside_it.py").write_text(BESIDE)
    for name, text in (("broken.py", USERS), ("mine.py", SCENARIO)):
        (tmp_path / name).write_text(text.format(beside="beside_it"))
    of = Work(
        "sweep",
        find_scenarios([f"{tmp_path / 'mine.py'}"]),
        [load_backend("numpy"), load_backend(f"broken={tmp_path / 'broken.py'}")],
    )
    swept(tmp_path / "serial.db", of)

    def packed_and_moved(do: Any) -> bytes:
        content = packed(do)
        for name in ("beside_it.py", "broken.py", "mine.py"):  # no worker can read them any more
            (tmp_path / name).rename(tmp_path / f"{name}.moved")
        return content

    monkeypatch.setattr("harness.sweeping.cluster.packed", packed_and_moved)
    progress = swept(tmp_path / "workers.db", of, cluster)
    assert progress.outcomes["disagree"] == progress.points == 6
    assert contents(tmp_path / "workers.db") == contents(tmp_path / "serial.db")


def test_what_cannot_be_sent_is_said() -> None:
    lock = threading.Lock()
    with pytest.raises(InputError, match=r"can't be sent to other processes: .*lock"):
        packed(lambda: lock)


def ends_at_3(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_a_task_that_ends_every_process_is_lost_alone(cluster: Cluster) -> None:
    found = list(cluster.map(ends_at_3, iter(range(8)), lost))
    assert sorted(found, key=str) == [0, 1, 2, "3: it ended the process, on 2 workers in a row", 4, 5, 6, 7]


def fails(number: int) -> int:
    raise ValueError("no number")


def test_an_error_is_an_error(cluster: Cluster) -> None:
    with pytest.raises(InputError, match="the cluster failed: ValueError: no number"):
        list(cluster.map(fails, iter([1]), lost))


@pytest.mark.usefixtures("ctrl_c")
def test_a_signal_while_the_processes_start_comes_when_they_can_be_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    @contextmanager
    def starting(**settings: Any) -> Iterator[None]:
        signal.raise_signal(signal.SIGINT)
        told.append("started")
        try:
            yield
        finally:
            told.append("closed")

    monkeypatch.setattr("harness.sweeping.cluster.LocalCluster", starting)
    with pytest.raises(KeyboardInterrupt):
        Cluster(2).__enter__()
    assert told == ["started", "closed"]


def test_where_no_process_of_this_machine_starts_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(**settings: Any) -> None:
        raise RuntimeError("Nanny failed to start.")

    monkeypatch.setattr("harness.sweeping.cluster.LocalCluster", failing)
    expected = "no worker of this machine starts (Nanny failed to start.); --workers 1 needs none"
    with pytest.raises(InputError, match=re.escape(expected)):
        Cluster(2).__enter__()
