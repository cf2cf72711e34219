"""A small sweep, and what is the same in two runs of one content."""

import sqlite3
import zlib
from pathlib import Path
from typing import Any

import msgspec

from harness.recording.catalogue import find_scenarios
from harness.recording.loading import LoadedBackend, load_backend
from harness.sweeping.points import Grid
from harness.sweeping.rows import Row
from harness.sweeping.store import Store
from harness.sweeping.sweep import Progress, Sweep
from harness.sweeping.work import Identities, Work
from harness.sweeping.workers import ThisProcess, Workers


def backends() -> list[LoadedBackend]:
    return [load_backend("numpy"), load_backend("torch")]


def work(*scenarios: str, epochs: int = 2) -> Work:
    chosen = [scenario.vary(epochs=epochs) for scenario in find_scenarios(scenarios or ("two_layer_tiny", "xor"))]
    return Work("sweep", chosen, backends())


def grid(of: Work, seeds: int = 3, **settings: list[float]) -> Grid:
    return Grid(of.scenarios, range(seeds), settings, ["float32", "float64"])


def rows(of: Work, **options: Any) -> list[Row]:
    """The rows of a sweep that is made in this process."""
    identities = Identities(of)
    return [of.do(identities.task(point)) for point in grid(of, **options).points()]


def swept(path: Path, of: Work, workers: Workers | None = None, *, again: bool = False, seeds: int = 3) -> Progress:
    """Make a sweep to its end."""
    with Store(path) as store:
        sweep = Sweep(grid(of, seeds), of, store, again=again)
        progress = sweep.progress()
        sweep.run(workers or ThisProcess(), progress, lambda row: None)
    return progress


def contents(path: Path) -> dict[str, Any]:
    """Every run of a store by the hash of its content, without when it was made and how long it took."""
    connection = sqlite3.connect(path)
    found = {}
    for run, document in connection.execute("SELECT run, document FROM runs"):
        assert run not in found, "a run is there twice"
        decoded = msgspec.json.decode(zlib.decompress(document))
        for result in decoded["results"]:
            del result["seconds"]
        found[run] = decoded
    connection.close()
    return found
