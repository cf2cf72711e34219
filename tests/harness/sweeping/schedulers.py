"""A scheduler of Dask and workers in processes of their own, as on other machines."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def processes(
    tmp_path: Path, workers: int, threads: int = 1
) -> Iterator[tuple[str, Callable[[], subprocess.Popen[bytes]], list[Any]]]:
    """A scheduler and workers in processes of their own, as on other machines; yield its address."""
    file = tmp_path / "scheduler.json"
    started: list[subprocess.Popen[bytes]] = []
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]]
        started.append(subprocess.Popen(command, **quiet))  # type: ignore[call-overload]
        return started[-1]

    def start_worker() -> subprocess.Popen[bytes]:
        return start(
            "worker", "--scheduler-file", str(file), "--no-nanny", "--no-dashboard", "--nthreads", f"{threads}"
        )

    try:
        start("scheduler", "--port", "0", "--no-dashboard", "--host", "127.0.0.1", "--scheduler-file", str(file))
        while not file.exists():
            time.sleep(0.05)
        address = json.loads(file.read_text())["address"]
        yield address, start_worker, [start_worker() for _ in range(workers)]
    finally:
        for process in started:
            process.kill()
            process.wait()
