"""Measures how the time of a certified run grows: with its epochs, with its calls and with the sizes of its tensors."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from harness.certifying.training import train_and_certify
from harness.recording.catalogue import find_scenarios
from harness.recording.loading import LoadedBackend, load_backends
from harness.running.courses.rehearsal import warm_up
from harness.running.experiment import prepare
from harness.running.process import pinned
from scenarios import Scenario, param, randn, scenario, sgd

Of = Literal["epochs", "calls", "elements"]
EPOCHS = (30, 300, 3_000, 30_000)
CALLS = (10, 100, 1_000, 10_000)
ELEMENTS = (100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)
"""Of the largest tensor."""
REPEATED_WITHIN = 20.0
"""Seconds: what is shorter is measured several times."""
MOST_REPETITIONS = 5
FEATURES = 10

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Growth:
    """The time of one size of one kind."""

    of: Of
    size: int
    seconds: float
    """Of the whole run, all backends and certificates together."""

    @property
    def microseconds_each(self) -> float:
        """The time of an epoch; of a call at one update; or of an element at one update."""
        return self.seconds / self.size * 1e6


def measure_growth(progress: Progress, most: int | None = None) -> Iterator[Growth]:
    """Time one run after the other, each kind from the smallest to the largest, up to the size `most`."""
    backends = load_backends([])
    with pinned(backends, 1), np.errstate(all="ignore"):
        for of, sizes, network in KINDS:
            for size in sizes:
                if most is None or size <= most:
                    progress(f"{size:,} {of}")
                    yield Growth(of, size, _seconds(network(size), backends))


def _seconds(network: Scenario, backends: Sequence[LoadedBackend]) -> float:
    """The median time of a certified run of three backends, without what is recorded before."""
    experiment = prepare(network, backends, network.dtype, certify=1)
    warm_up(experiment)
    taken: list[float] = []
    while len(taken) < MOST_REPETITIONS and sum(taken) < REPEATED_WITHIN:
        began = time.perf_counter()
        train_and_certify(experiment)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def of_epochs(epochs: int) -> Scenario:
    """The article's network."""
    (tiny,) = find_scenarios(["two_layer_tiny"])
    return tiny.vary(epochs=epochs)


def of_calls(calls: int) -> Scenario:
    """Residual steps that share one weight, for one update."""
    steps = max(calls // 3, 1)

    @scenario(seed=1, epochs=1, optimizer=sgd(lr=0.01), x=randn(4, 8), y=randn(4, 8), w=param(8, 8, scale=1 / steps))
    def network(op: Any, x: Any, y: Any, w: Any) -> Any:
        h = x
        for _ in range(steps):
            h = op.add(h, op.tanh(op.matmul(h, w)))
        return op.mean_squared_error(h, y)

    return network


def of_elements(elements: int) -> Scenario:
    """One layer on as many rows as make tensors of this size, for one update."""
    rows = elements // FEATURES

    @scenario(
        seed=1,
        epochs=1,
        optimizer=sgd(lr=0.01),
        x=randn(rows, FEATURES),
        y=randn(rows, FEATURES),
        w=param(FEATURES, FEATURES),
    )
    def network(op: Any, x: Any, y: Any, w: Any) -> Any:
        return op.mean_squared_error(op.relu(op.matmul(x, w)), y)

    return network


KINDS: tuple[tuple[Of, tuple[int, ...], Callable[[int], Scenario]], ...] = (
    ("epochs", EPOCHS, of_epochs),
    ("calls", CALLS, of_calls),
    ("elements", ELEMENTS, of_elements),
)
