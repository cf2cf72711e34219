"""Runs all backends once more and keeps what a page shows: every tensor of some epochs, and each epoch's deviations."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backends.contract import CLIPPED, Array, Program, Step
from harness.running.allowance import NUDGED_RUNS, MeasuredFloor, in_ulps, largest, nudged
from harness.running.experiment import Experiment
from harness.running.runner import Progress, Runner, mean_loss
from harness.running.tensors import Layout, Recorded, state_names
from harness.running.threads import pinned

NEW = "new "
"""Before the name of a weight, a state or a buffer: what it is after the update."""

Keep = Callable[[str, int, Mapping[str, Array]], None]
"""Called with a backend, an epoch, and all tensors of that epoch's first update; they are valid for this call only."""


@dataclass
class Deviation:
    """How far a tensor was off at every epoch, in ulps of its largest element; None where that is 0 or not finite."""

    allowed: list[float | None] = field(default_factory=list)
    by_backend: dict[str, list[float | None]] = field(default_factory=dict)


@dataclass
class Trace:
    """What is left of the run beside what was kept."""

    program: Program
    losses: dict[str, list[float]]
    deviations: dict[str, Deviation]
    """By tensor: the loss, weights, gradients and state."""
    first: Recorded
    """The reference's first update."""
    untraced: list[str]
    """Backends that yield no tensors between the data and the loss."""


def trace(
    experiment: Experiment, kept: Sequence[int], keep: Keep, *, threads: int = 1, progress: Progress | None = None
) -> Trace:
    """Run an experiment and hand every tensor of the kept epochs to `keep`, epoch by epoch, the reference first."""
    with pinned(experiment.backends, threads), np.errstate(all="ignore"):
        return _Tracing(experiment, set(kept), keep).run(progress)


class _Tracing:
    def __init__(self, experiment: Experiment, kept: set[int], keep: Keep) -> None:
        program, draws, dtype = experiment.program, experiment.draws, experiment.dtype
        epochs = experiment.epochs
        self._experiment = experiment
        self._kept = kept
        self._keep = keep
        self._layout = Layout(program)
        random = np.random.RandomState(experiment.seed)
        starts = [nudged(draws.weights, random) for _ in range(NUDGED_RUNS)]
        self._runs = [
            _Run(Runner(backend, program, draws, epochs, dtype, trace=True), experiment)
            for backend in experiment.backends
        ]
        self._nudged = [
            _Run(Runner(experiment.backends[0], program, draws, epochs, dtype, weights=weights), experiment)
            for weights in starts
        ]
        self._allowance = MeasuredFloor(dtype, 1)
        self._deviations: dict[str, Deviation] = {}

    def run(self, progress: Progress | None) -> Trace:
        experiment = self._experiment
        reference, *others = self._runs
        losses: dict[str, list[float]] = {run.name: [] for run in self._runs}
        batches = experiment.draws.batches(experiment.epochs)
        first: Recorded | None = None
        for epoch in range(1, experiment.epochs + 1):
            data = [next(batches) for _ in experiment.draws.batch_rows]
            for run in self._runs:
                before = run.before
                step = run.advance()
                if first is None:
                    first = _recorded(data[0], before, step, experiment.program)
                if epoch in self._kept:
                    self._keep(run.name, epoch, _tensors(data[0], before, step))
                run.finish_epoch(step)
                losses[run.name].append(float(run.loss))
            for run in self._nudged:
                run.finish_epoch(run.advance())
            self._compare(reference, others)
            if progress is not None:
                progress(epoch)
        assert first is not None
        untraced = [run.name for run in self._runs if not run.traces]
        return Trace(experiment.program, losses, self._deviations, first, untraced)

    def _compare(self, reference: "_Run", others: Sequence["_Run"]) -> None:
        wanted = self._layout.tensors(reference.step, reference.loss, intermediate=False)
        nudged_tensors = [self._layout.tensors(run.step, run.loss, intermediate=False) for run in self._nudged]
        found = [dict(_by_name(self._layout.tensors(run.step, run.loss, intermediate=False))) for run in others]
        for i, (origin, want) in enumerate(wanted):
            size = largest(want)
            moved = [largest(np.abs(tensors[i][1] - want)) for tensors in nudged_tensors]
            self._allowance.observe(self._epoch(origin.tensor) + 1, origin, size, max(moved))
            deviation = self._deviations.setdefault(origin.tensor, Deviation())
            deviation.allowed.append(self._in_ulps(self._allowance.allowed(origin.tensor, want), size))
            for run, tensors in zip(others, found, strict=True):
                error = largest(np.abs(tensors[origin.tensor] - want))
                deviation.by_backend.setdefault(run.name, []).append(self._in_ulps(error, size))

    def _epoch(self, tensor: str) -> int:
        return len(self._deviations[tensor].allowed) if tensor in self._deviations else 0

    def _in_ulps(self, error: float, size: float) -> float | None:
        if not size or not np.isfinite(size) or not np.isfinite(error):
            return None
        return in_ulps(error, size, self._experiment.dtype)


class _Run:
    """One backend's training, an epoch at a time."""

    def __init__(self, runner: Runner, experiment: Experiment) -> None:
        program, draws = experiment.program, experiment.draws
        self.name = runner.name
        self._runner = runner
        self._rows = draws.batch_rows
        slots = state_names(experiment.find_op(program.optimizer.op))
        state = {f"{slot}_{name}": np.zeros_like(array) for name, array in draws.weights.items() for slot in slots}
        self.before: dict[str, Array] = {**draws.weights, **state, **draws.buffers}
        """Weights, state and buffers as they are before the next epoch."""
        self.step: Step
        self.loss: Array

    @property
    def traces(self) -> bool:
        return bool(self.step.values)

    def advance(self) -> Step:
        """Make one update."""
        step = self._runner.advance()
        self._runner.check(step, step.state)
        return step

    def finish_epoch(self, step: Step) -> None:
        """Make the other updates of the epoch after its first, and note its mean loss."""
        losses = [np.asarray(step.loss)]
        for _ in self._rows[1:]:
            step = self.advance()
            losses.append(np.asarray(step.loss))
        self.step = step
        self.loss = mean_loss(self._rows, losses)
        self.before = {name: np.array(array) for name, array in {**step.weights, **step.state}.items()}


def _tensors(data: Mapping[str, Array], before: Mapping[str, Array], step: Step) -> dict[str, Array]:
    """All that one update reads and computes, under the names that results use."""
    return {
        **data,
        **before,
        **step.values,
        **{f"grad_{name}": array for name, array in {**step.value_grads, **step.grads}.items()},
        **{f"{CLIPPED}{name}": array for name, array in step.clipped.items()},
        **{f"{NEW}{name}": array for name, array in {**step.state, **step.weights}.items()},
        **({} if step.lr is None else {"lr": np.asarray(step.lr)}),
    }


def _recorded(data: Mapping[str, Array], before: Mapping[str, Array], step: Step, program: Program) -> Recorded:
    """The first update in arrays of its own, since a Step's may be used again."""

    def copied(arrays: Mapping[str, Array]) -> dict[str, Array]:
        return {name: np.array(array) for name, array in arrays.items()}

    own = Step(
        loss=np.array(step.loss),
        weights=copied(step.weights),
        grads=copied(step.grads),
        state=copied(step.state),
        clipped=copied(step.clipped),
        lr=step.lr,
        values=copied(step.values),
        value_grads=copied(step.value_grads),
    )
    weights = copied({name: before[name] for name in program.weights})
    state = copied({name: array for name, array in before.items() if name not in program.weights})
    return Recorded(1, copied(data), weights, state, own)


def _by_name(tensors: Sequence[tuple[Any, Array]]) -> list[tuple[str, Array]]:
    return [(origin.tensor, array) for origin, array in tensors]
