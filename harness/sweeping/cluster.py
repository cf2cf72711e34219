"""Does tasks on a cluster of Dask: processes of this machine, or of any that a scheduler knows.

Dask gives a worker that dies a successor and its tasks to others. What is added here: the code that tasks need travels
with them, a few tasks make one submission, only a few submissions are out at a time, so that neither the client nor the
scheduler grows with their number, and every worker must have the versions of this process.
"""

import asyncio
import logging
import math
import signal
import tempfile
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from itertools import islice
from types import TracebackType
from typing import Any, Self, TypeVar

import dask
from distributed import Client, Future, LocalCluster, WorkerPlugin, as_completed, get_worker, rpc
from distributed.scheduler import KilledWorker

from harness.errors import InputError
from harness.guarding.stopping import STOPS, stops_deferred
from harness.recording.versions import versions
from harness.sweeping import fork_server, ignoring_stops
from harness.sweeping.parcel import packed, unpacked

T = TypeVar("T")
R = TypeVar("R")

SECONDS_PER_SUBMISSION = 0.5
"""How long a submission should take at least: enough to make its cost of 7 ms disappear."""
SECONDS_PER_WORKER = 0.02
"""How much longer, for each worker. One process pays that cost for all, which leaves it idle two thirds of its time."""
MOST_PER_SUBMISSION = 1024
SECONDS_PER_COUNT = 1.0
"""How often workers are counted, which may come and go."""
PER_WORKER = 2
"""Submissions that are out for each thread of the cluster: one that runs, and one that waits for it to finish."""
PATIENCE = 30.0
"""Seconds to wait for a scheduler, and for something to be finished until the workers are looked after."""
UNTOLD = 5.0
"""Seconds to wait for a first worker without a word."""
ALLOWED_DEATHS = 1
"""How many workers of this machine may die at a task before it is given up: one may be killed for another reason."""
SETTINGS = {
    "distributed.scheduler.allowed-failures": ALLOWED_DEATHS,
    "distributed.worker.multiprocessing-method": fork_server.METHOD,
    "distributed.worker.profile.enabled": False,
}
"""Of Dask. Its profiler looks at every worker's stack a hundred times a second, and keeps what it saw for an hour."""


class Cluster:
    """Workers of Dask, as long as its context lasts."""

    def __init__(
        self,
        workers: int | None = None,
        scheduler: str | None = None,
        tell: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        """So many processes of this machine, one per core unless said; or the workers of a scheduler that runs.

        `tell` is told when a scheduler has no worker: a cluster's queue may take any time, and so the wait for one.
        """
        self._wanted = workers
        self._scheduler = scheduler
        self._tell = tell
        self._is_told = False
        self._local: LocalCluster | None = None
        self._client: Client
        self._stack = ExitStack()
        if scheduler is None:
            fork_server.start()  # it imports while the command does something else

    def __enter__(self) -> Self:
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # a worker that dies is told by what it did
        with ExitStack() as stack:
            # Until the end, as a successor of a worker that died is started in the same way.
            stack.enter_context(dask.config.set(SETTINGS))
            if self._scheduler is None:
                self._start_processes(stack)
            else:
                self._connect(stack, self._scheduler)
            self._check_versions(self._versions())
            self._stack = stack.pop_all()
        return self

    def _start_processes(self, stack: ExitStack) -> None:
        """Start the processes of this machine. Raises InputError if none starts."""
        try:
            with stops_deferred(*STOPS) as stop:  # what has started half can't be closed
                self._local = stack.enter_context(
                    LocalCluster(
                        n_workers=self._wanted,
                        threads_per_worker=1,
                        processes=True,
                        memory_limit=0,
                        dashboard_address=":0",
                        local_directory=tempfile.gettempdir(),
                        silence_logs=logging.CRITICAL,
                        preload=[ignoring_stops.__name__],
                    )
                )
            if stop.signal is not None:
                signal.raise_signal(stop.signal)
            self._client = stack.enter_context(Client(self._local, timeout=PATIENCE, set_as_default=False))
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except (OSError, TimeoutError, RuntimeError) as error:
            raise InputError(f"no worker of this machine starts ({error}); --workers 1 needs none") from error

    def _connect(self, stack: ExitStack, scheduler: str) -> None:
        """Connect to a scheduler and wait for its first worker. Raises InputError if it can't be reached."""
        try:
            # First, as a Client that can't connect leaves its thread behind.
            kind = asyncio.run(_kind_of_server(scheduler))
            if kind != "Scheduler":
                raise InputError(f"{scheduler} is the address of a {kind}; give that of the scheduler")
            self._client = stack.enter_context(Client(scheduler, timeout=PATIENCE, set_as_default=False))
            with suppress(TimeoutError):
                self._client.wait_for_workers(1, timeout=UNTOLD)
            if not self._client.nthreads():
                self._tell_of_waiting()
                self._client.wait_for_workers(1)
        except (OSError, TimeoutError, ValueError) as error:
            why = str(error) or f"nothing answers within {PATIENCE:g} s"
            raise InputError(f"the scheduler {scheduler} can't be reached: {why}") from error

    def _versions(self) -> Mapping[str, Mapping[str, str]]:
        """Those of every worker. Raises InputError if Lockstep is not installed there."""
        try:
            found: Mapping[str, Mapping[str, str]] = self._client.run(versions)
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            raise InputError(f"a worker can't say its versions; is Lockstep installed there? {text}") from error
        return found

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def map(self, do: Callable[[T], R], tasks: Iterator[T], lost: Callable[[T, str], R]) -> Iterator[R]:
        """As Workers says. Raises InputError if a worker has other versions, or if the scheduler is lost."""
        parcel = _Parcel(packed(do))
        self._client.register_plugin(parcel, name=parcel.name)
        try:
            yield from _Submissions(self._client, parcel.name, self._check_versions, lost, self._revive).map(tasks)
        finally:
            if self._client.status == "running":
                self._client.unregister_worker_plugin(parcel.name)

    def _revive(self) -> None:
        """Bring a new worker where none is left, as Dask gives up one that dies while it starts; or wait for one."""
        if self._client.nthreads():
            self._is_told = False
        elif self._local is None:
            self._tell_of_waiting()
        else:
            self._local.scale(len(self._local.worker_spec) + 1)

    def _tell_of_waiting(self) -> None:
        """Say once that no worker is there."""
        if not self._is_told:
            self._tell(f"the scheduler {self._scheduler} has no worker; waiting for one")
        self._is_told = True

    def _check_versions(self, of_workers: Mapping[str, Mapping[str, str]]) -> None:
        own = versions()
        for worker, theirs in of_workers.items():
            differing = [f"{name} {theirs.get(name)}, not {own[name]}" for name in own if theirs.get(name) != own[name]]
            if differing:
                raise InputError(
                    f"the worker {worker} has {', '.join(differing)} as here; a sweep needs the same on every worker"
                )


async def _kind_of_server(address: str) -> str:
    """What answers at an address of Dask: `Scheduler` or `Worker`. Raises OSError or ValueError if nothing does."""
    async with asyncio.timeout(PATIENCE), rpc(address) as server:
        identity = await server.identity()
    return str(identity["type"])


class _Parcel(WorkerPlugin):
    """What Dask gives to every worker, also to those that come later."""

    content: bytes

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.name = f"lockstep-{uuid.uuid4().hex}"


_one_at_a_time = threading.Lock()
"""Runs set switches of the whole process, so a worker of several threads makes one after the other, too."""


def _do_all(parcel: str, tasks: Sequence[Any]) -> tuple[Mapping[str, Mapping[str, str]], float, list[Any]]:
    """Do some tasks on a worker; return its versions, the seconds that it took, and what came out."""
    worker = get_worker()
    given = worker.plugins[parcel]
    assert isinstance(given, _Parcel)
    do = unpacked(given.content)
    with _one_at_a_time:
        started = time.perf_counter()
        done = [do(task) for task in tasks]
        return {worker.address: versions()}, time.perf_counter() - started, done


class _Submissions:
    """The submissions of one kind of task."""

    def __init__(
        self,
        client: Client,
        parcel: str,
        check_versions: Callable[[Mapping[str, Mapping[str, str]]], None],
        lost: Callable[[Any, str], Any],
        revive: Callable[[], None],
    ) -> None:
        self._client = client
        self._parcel = parcel
        self._check_versions = check_versions
        self._lost = lost
        self._revive = revive
        self._size = 1
        self._suspects: deque[Any] = deque()
        """Tasks that were on workers when these ended. Dask blames them all, so each is tried with none beside it."""
        self._alone: Future[Any] | None = None
        """The suspect that is being tried."""
        self._out: dict[Future[Any], list[Any]] = {}
        self._cluster_threads = 1
        self._counted = -math.inf

    def map(self, tasks: Iterator[Any]) -> Iterator[Any]:
        self._submit(tasks)
        while self._out:
            try:
                completed = as_completed(list(self._out), loop=self._client.loop, timeout=PATIENCE)
                for future in completed:
                    yield from self._results(future, self._out.pop(future))
                    completed.update(self._submit(tasks))
            except TimeoutError:
                self._revive()

    def _submit(self, tasks: Iterator[Any]) -> list[Future[Any]]:
        """Submit until as many are out as there should be; return the new ones."""
        if self._alone in self._out or (self._suspects and self._out):
            return []
        if self._suspects:
            self._alone = self._submitted([self._suspects.popleft()])
            return [self._alone]
        futures = []
        most = PER_WORKER * self._threads()
        while len(self._out) < most and (batch := list(islice(tasks, self._size))):
            futures.append(self._submitted(batch))
        return futures

    def _threads(self) -> int:
        """Of the whole cluster. To ask costs as much as a submission, so it is asked now and then."""
        if time.monotonic() - self._counted > SECONDS_PER_COUNT:
            threads: Mapping[str, int] = self._client.nthreads()
            self._cluster_threads = max(sum(threads.values()), 1)
            self._counted = time.monotonic()
        return self._cluster_threads

    def _submitted(self, batch: list[Any]) -> Future[Any]:
        future = self._client.submit(_do_all, self._parcel, batch, key=f"lockstep-{uuid.uuid4().hex}", pure=False)
        self._out[future] = batch
        return future

    def _results(self, future: Future[Any], batch: list[Any]) -> Iterator[Any]:
        """What came out of a submission; of one that ended its workers, what is known by now."""
        try:
            of_worker, seconds, results = future.result()
        except KilledWorker as error:
            if future is self._alone:
                yield self._lost(batch[0], f"it ended the process, on {error.allowed_failures + 1} workers in a row")
            else:
                self._suspects += batch
            return
        except InputError:
            raise
        except Exception as error:
            raise InputError(f"the cluster failed: {type(error).__name__}: {error}") from error
        self._check_versions(of_worker)
        wanted = max(SECONDS_PER_SUBMISSION, SECONDS_PER_WORKER * self._threads())
        ideal = len(batch) * wanted / max(seconds, 1e-6)
        self._size = int(min(max(ideal, 1), 2 * self._size, MOST_PER_SUBMISSION))
        yield from results
