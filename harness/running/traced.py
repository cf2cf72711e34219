"""One update as every backend computed it, with every tensor on the way."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import numpy as np

from backends.contract import Array, Program, Step
from harness.errors import InputError
from harness.recording.loading import REFERENCE, LoadedBackend, load_backend
from harness.running.experiment import prepare
from harness.running.runner import Runner
from harness.running.tensors import state_names
from harness.running.threads import pinned
from scenarios import Scenario


@dataclass(frozen=True)
class Traced:
    """One update of one backend: what it began with, and what it did."""

    backend: str
    given: Mapping[str, Array]
    """The batch, and the buffers and weights before the update."""
    step: Step


@dataclass(frozen=True)
class Trace:
    """One update of every backend."""

    program: Program
    dtype: str
    updates_per_epoch: int
    backends: Sequence[Traced]


class Apart(NamedTuple):
    """How far two arrays of one shape are from each other."""

    elements: int
    """How many differ, in their sign if they are zeros."""
    ulps: float
    """The largest difference in units of the last place of the larger value; infinite where one is not a number."""
    place: tuple[int, ...]
    """Where that is."""


def trace(
    scenario: Scenario, backends: Sequence[LoadedBackend], *, epoch: int, update: int = 1, dtype: str | None = None
) -> Trace:
    """Train every backend up to one update of one epoch, both counted from 1, and keep that.

    Raises InputError where there is no such epoch or update, or a backend is not what it has to be.
    """
    dtype = dtype or scenario.dtype
    if not 1 <= epoch <= scenario.epochs:
        raise InputError(f"scenario {scenario.name} has no epoch {epoch}; it trains for {scenario.epochs}")
    with pinned(backends, 1), np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        experiment = prepare(scenario, [load_backend(REFERENCE), *backends], dtype)
        updates = len(experiment.draws.batch_rows)
        if not 1 <= update <= updates:
            raise InputError(f"scenario {scenario.name} has no update {update} in an epoch; there are {updates}")
        number = (epoch - 1) * updates + update
        batch = next(islice(experiment.draws.batches(epoch), number - 1, None))
        program = experiment.program
        slots = state_names(experiment.find_op(program.optimizer.op))
        state = [*(f"{slot}_{name}" for name in program.weights for slot in slots), *program.buffers]
        traced = []
        for backend in backends:
            runner = Runner(backend, program, experiment.draws, epoch, dtype, trace=True)
            given = deepcopy({**batch, **experiment.draws.buffers, **experiment.draws.weights})
            for _ in range(number - 1):
                before = runner.advance()
                runner.check(before, state)
            if number > 1:
                given |= deepcopy({name: before.state[name] for name in program.buffers} | dict(before.weights))
            step = runner.advance()
            runner.check(step, state)
            traced.append(Traced(backend.name, given, deepcopy(step)))
    return Trace(program, dtype, updates, traced)


def bits(array: Array) -> bytes:
    """What tells an array from others of its shape and dtype; one NaN is like another."""
    return (np.where(np.isnan(array), np.nan, array) if array.dtype.kind == "f" else array).tobytes()


def apart(got: Array, want: Array) -> Apart:
    """Compare two arrays of one shape and dtype bit by bit."""
    differs = ((got != want) | (np.signbit(got) != np.signbit(want))) & ~(np.isnan(got) & np.isnan(want))
    with np.errstate(all="ignore"):
        larger = np.maximum(np.abs(got), np.abs(want))
        ulps = np.where(differs, np.abs(got.astype(np.float64) - want) / np.spacing(larger), 0)
    ulps = np.nan_to_num(ulps, nan=np.inf, posinf=np.inf)
    at = np.unravel_index(int(ulps.argmax()), ulps.shape)
    return Apart(int(differs.sum()), float(ulps[at]), tuple(int(i) for i in at))
