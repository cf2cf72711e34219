"""Trains all backends in lockstep and compares them while they pass; keeps summaries, so memory does not grow."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import tee

import numpy as np

from backends.contract import Array, Program, Step
from lockstep.compare import (
    NUDGED_RUNS,
    Allowance,
    Deviations,
    MeasuredFloor,
    Tolerances,
    first_flip,
    largest,
    nudged,
)
from lockstep.draws import Draws
from lockstep.loading import LoadedBackend
from lockstep.results import Flip, Mismatch
from lockstep.stepping import Runner, check_memory
from lockstep.tensors import Layout

Progress = Callable[[int], None]
"""Called with every epoch's number when it is done."""


@dataclass(frozen=True)
class Experiment:
    """Everything that a lockstep run needs: the program, its draws and the backends, the reference first."""

    program: Program
    draws: Draws
    backends: Sequence[LoadedBackend]
    dtype: str
    epochs: int
    seed: int
    tolerances: Tolerances | None
    kinks: Mapping[str, float]
    """Ops whose gradient jumps, and where."""


@dataclass
class Trajectories:
    """What is left of a lockstep run."""

    losses: dict[str, Array]
    deviations: list[Deviations]
    seconds: dict[str, float]
    final_weights: dict[str, dict[str, Array]]
    dead_gradients: list[str]
    """Weights whose gradient in the reference was zero at every epoch."""
    horizon: int | None
    flip: Flip | None = None
    """When traced: the unit that was on the other side of a kink at the first mismatch."""

    @property
    def first(self) -> Mismatch | None:
        """The earliest mismatch of any backend."""
        found = [deviation.first for deviation in self.deviations if deviation.first]
        return min(found, key=lambda mismatch: mismatch.update, default=None)


def compare_trajectories(experiment: Experiment, progress: Progress | None = None) -> Trajectories:
    """Train every backend on every epoch, and compare loss, gradients, state and weights after each."""
    return _Lockstep(experiment, experiment.epochs, trace=False).run(progress)


def trace_to_first_mismatch(experiment: Experiment, epochs: int) -> Trajectories:
    """Run again with every intermediate value compared at every update, and stop at the first mismatch.

    Finds the op where runs part, and whether a unit took the other side of a kink there.
    """
    return _Lockstep(experiment, epochs, trace=True).run(None)


@dataclass
class _Moment:
    """What every run did at one update, and the loss that is to be compared: the epoch's mean at an epoch's end."""

    steps: dict[Runner, Step]
    losses: dict[Runner, Array]


class _Lockstep:
    def __init__(self, experiment: Experiment, epochs: int, *, trace: bool) -> None:
        program, draws, dtype = experiment.program, experiment.draws, experiment.dtype
        self.experiment = experiment
        self.epochs = epochs
        self.trace = trace
        self.layout = Layout(program)
        self.allowance: Allowance = experiment.tolerances or MeasuredFloor(dtype)
        random = np.random.RandomState(experiment.seed)
        starts = [nudged(draws.weights, random) for _ in range(NUDGED_RUNS if experiment.tolerances is None else 0)]
        reference, *others = experiment.backends
        # The reference's own runs share their batches, so that the caches need hold them only once.
        shared = tee(draws.batches(epochs), 1 + len(starts))
        own = partial(Runner, reference, program, draws, epochs, dtype, trace=trace)
        self.reference = own(batches=shared[0])
        self.nudged = [own(weights=start, batches=batches) for start, batches in zip(starts, shared[1:], strict=True)]
        self.others = [Runner(backend, program, draws, epochs, dtype, trace=trace) for backend in others]
        self.runners = [self.reference, *self.others]
        self.deviations = [Deviations(b.name, dtype) for b in experiment.backends[1:]]
        self.losses = {b.name: np.empty(epochs, dtype) for b in experiment.backends}
        self.largest_gradient = dict.fromkeys(program.weights, 0.0)
        self.kinked_inputs = [
            (call.outputs[0], call.op, call.inputs[0], experiment.kinks[call.op])
            for call in program.calls
            if call.op in experiment.kinks and call.inputs[0] in program.values
        ]
        self.flip: Flip | None = None

    def run(self, progress: Progress | None) -> Trajectories:
        batch_rows = self.experiment.draws.batch_rows
        moment = _Moment({}, {})
        update = 0
        for epoch in range(1, self.epochs + 1):
            sums = dict.fromkeys([*self.runners, *self.nudged], 0.0)
            for rows in batch_rows:
                update += 1
                moment = self._advance()
                for runner, loss in moment.losses.items():
                    sums[runner] += rows * float(loss)
                if update == 1:
                    self._check_memory(moment)
                if self.trace and self._compare_update(epoch, update, moment):
                    return self._trajectories(moment)
            if len(batch_rows) > 1:
                for runner, total in sums.items():
                    moment.losses[runner] = np.asarray(total / sum(batch_rows), self.experiment.dtype)
            for runner in self.runners:
                self.losses[runner.name][epoch - 1] = moment.losses[runner]
            if not self.trace:
                self._compare(epoch, update, moment)
            if progress is not None:
                progress(epoch)
        for runner in moment.steps:
            runner.finish()
        self._check_memory(moment)
        return self._trajectories(moment)

    def _advance(self) -> "_Moment":
        """One update of everyone; the nudged runs right behind the reference, while the caches hold its data."""
        steps = {runner: runner.advance() for runner in (self.reference, *self.nudged, *self.others)}
        for runner, step in steps.items():
            runner.check(step, steps[self.reference].state)
        return _Moment(steps, {runner: np.asarray(step.loss) for runner, step in steps.items()})

    def _compare_update(self, epoch: int, update: int, moment: "_Moment") -> bool:
        """Compare a traced update; return whether a backend has left its allowance."""
        self._compare(epoch, update, moment)
        for deviations, runner in zip(self.deviations, self.others, strict=True):
            if deviations.first is not None:
                reference, values = moment.steps[self.reference].values, moment.steps[runner].values
                self.flip = first_flip(epoch, update, runner.name, reference, values, self.kinked_inputs)
                return True
        return False

    def _compare(self, epoch: int, update: int, moment: "_Moment") -> None:
        tensors = {r: self.layout.tensors(step, moment.losses[r]) for r, step in moment.steps.items()}
        reference = tensors[self.reference]
        sizes = [largest(array) for _, array in reference]
        self.allowance.observe(epoch, reference, sizes, [tensors[runner] for runner in self.nudged])
        for deviations, runner in zip(self.deviations, self.others, strict=True):
            deviations.compare(epoch, update, reference, sizes, tensors[runner], self.allowance)
        for (origin, _), size in zip(reference, sizes, strict=True):
            weight = origin.tensor.removeprefix("grad_")
            if origin.phase == "backward" and weight in self.largest_gradient and size != 0:
                self.largest_gradient[weight] = size

    def _check_memory(self, moment: "_Moment") -> None:
        check_memory({runner.name: moment.steps[runner] for runner in self.runners}, self.experiment.draws)

    def _trajectories(self, moment: "_Moment") -> Trajectories:
        return Trajectories(
            losses=self.losses,
            deviations=self.deviations,
            seconds={runner.name: runner.seconds for runner in self.runners},
            final_weights={
                runner.name: {name: np.array(array) for name, array in moment.steps[runner].weights.items()}
                for runner in self.runners
            },
            dead_gradients=[name for name, size in self.largest_gradient.items() if size == 0],
            horizon=self.allowance.horizon,
            flip=self.flip,
        )
