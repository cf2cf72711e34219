"""Prints what a run of a sweep costs the command and the scheduler, in milliseconds of CPU, without the run itself."""

import json
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil

from harness.recording.catalogue import find_scenarios
from harness.recording.loading import load_backends
from harness.sweeping import cluster
from harness.sweeping.points import Grid
from harness.sweeping.store import Store
from harness.sweeping.work import Identities, Task, Work

SCENARIOS = ("linear_regression", "two_layer_tiny", "xor")
SEEDS = 10_000
SUBMISSIONS = ((1, 500), (8, 4_000), (64, 16_000), (1024, 60_000))
"""Tasks of a submission, and of a measurement."""


def milliseconds(do: Callable[[], object], count: int, process: psutil.Process | None = None) -> str:
    """Do something `count` times in one call, and say how much CPU of a process each took; of this one unless said."""
    process = process or psutil.Process()
    before = sum(process.cpu_times()[:2])
    do()
    return f"{1e3 * (sum(process.cpu_times()[:2]) - before) / count:.3f} ms"


@contextmanager
def scheduler_and_workers(folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    """A scheduler and two workers in processes of their own; yield its address and its process."""
    file = folder / "scheduler.json"
    started: list[psutil.Popen] = []

    def start(what: str, *arguments: str) -> None:
        command = [
            sys.executable,
            "-m",
            f"distributed.cli.dask_{what}",
            "--scheduler-file",
            str(file),
            "--no-dashboard",
        ]
        started.append(psutil.Popen([*command, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    try:
        start("scheduler", "--port", "0", "--host", "127.0.0.1")
        while not file.exists():
            time.sleep(0.05)
        for _ in range(2):
            start("worker", "--no-nanny", "--nthreads", "1")
        yield json.loads(file.read_text())["address"], started[0]
    finally:
        for process in started:
            process.kill()
            process.wait()


def same(task: Task) -> Task:
    """What a worker does here."""
    return task


def print_submissions(tasks: list[Task], folder: Path) -> None:
    """Print what tasks cost that do nothing, by how many make a submission."""
    with scheduler_and_workers(folder) as (address, scheduler), cluster.Cluster(scheduler=address) as workers:

        def done(count: int) -> None:
            for _ in workers.map(same, iter(tasks[:count]), lambda task, why: task):
                pass

        done(500)
        for size, count in SUBMISSIONS:
            cluster.MOST_PER_SUBMISSION = size
            for what, process in (("the command", psutil.Process()), ("the scheduler", scheduler)):
                print(f"a task of a submission of {size}, {what}: {milliseconds(partial(done, count), count, process)}")


def main() -> None:
    """Print all costs."""
    scenarios = [scenario.vary(epochs=3) for scenario in find_scenarios(SCENARIOS)]
    work = Work("sweep", scenarios, load_backends(()))
    points = list(Grid(scenarios, range(SEEDS), {}, ("float32", "float64")).points())
    identities = Identities(work)
    tasks: list[Task] = []
    print(f"a point's hash: {milliseconds(lambda: tasks.extend(map(identities.task, points)), len(points))}")
    row = work.do(tasks[0])
    with tempfile.TemporaryDirectory() as folder:
        with Store(Path(folder) / "runs.db") as store:
            rows = [replace(row, run=task.run) for task in tasks[:5_000]]
            appended = map(store.append, rows)
            print(f"a row of the store: {milliseconds(lambda: deque(appended, maxlen=0), len(rows))}")
        print_submissions(tasks, Path(folder))


if __name__ == "__main__":
    main()
