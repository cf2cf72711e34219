"""Trains all backends in lockstep and compares them while they pass; keeps summaries, so memory does not grow."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

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

    Finds the op where runs part, and the first unit that took the other side of a kink on the way there.
    """
    return _Lockstep(experiment, epochs, trace=True).run(None)


class _Lockstep:
    def __init__(self, experiment: Experiment, epochs: int, *, trace: bool) -> None:
        program, draws, dtype = experiment.program, experiment.draws, experiment.dtype
        self.experiment = experiment
        self.epochs = epochs
        self.trace = trace
        self.layout = Layout(program)
        self.runners = [Runner(b, program, draws, epochs, dtype, trace=trace) for b in experiment.backends]
        self.nudged: list[Runner] = []
        self.allowance: Allowance = experiment.tolerances or MeasuredFloor(dtype)
        if isinstance(self.allowance, MeasuredFloor):
            random = np.random.RandomState(experiment.seed)
            self.nudged = [
                Runner(
                    experiment.backends[0],
                    program,
                    draws,
                    epochs,
                    dtype,
                    weights=nudged(draws.weights, random),
                    trace=trace,
                )
                for _ in range(NUDGED_RUNS)
            ]
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
        everyone = [*self.runners, *self.nudged]
        batch_rows = self.experiment.draws.batch_rows
        steps: list[Step] = []
        update = 0
        for epoch in range(1, self.epochs + 1):
            sums = np.zeros(len(everyone), np.float64)
            for rows in batch_rows:
                update += 1
                steps = [runner.advance() for runner in everyone]
                if update == 1:
                    self._check(steps)
                sums += [rows * float(step.loss) for step in steps]
                if self.trace and self._compare_update(epoch, update, steps):
                    return self._trajectories(steps)
            if len(batch_rows) == 1:
                losses = [np.asarray(step.loss) for step in steps]
            else:
                losses = [np.asarray(total / sum(batch_rows), self.experiment.dtype) for total in sums]
            for runner, loss in zip(self.runners, losses, strict=False):
                self.losses[runner.name][epoch - 1] = loss
            if not self.trace:
                self._check_contract(steps)
                self._compare(epoch, update, steps, losses)
            if progress is not None:
                progress(epoch)
        for runner in everyone:
            runner.finish()
        self._check(steps)
        return self._trajectories(steps)

    def _compare_update(self, epoch: int, update: int, steps: list[Step]) -> bool:
        """Compare a traced update; return whether a backend has left its allowance."""
        self._check_contract(steps)
        reference, *others = steps[: len(self.runners)]
        for runner, step in zip(self.runners[1:], others, strict=True):
            if self.flip is None:
                values = dict(step.values)
                self.flip = first_flip(epoch, update, runner.name, dict(reference.values), values, self.kinked_inputs)
        self._compare(epoch, update, steps, [np.asarray(step.loss) for step in steps])
        return any(deviation.first for deviation in self.deviations)

    def _compare(self, epoch: int, update: int, steps: list[Step], losses: list[Array]) -> None:
        tensors = [self.layout.tensors(step, loss) for step, loss in zip(steps, losses, strict=True)]
        reference = tensors[0]
        others, nudged_runs = tensors[1 : len(self.runners)], tensors[len(self.runners) :]
        sizes = [largest(array) for _, array in reference]
        self.allowance.observe(epoch, reference, sizes, nudged_runs)
        for deviations, theirs in zip(self.deviations, others, strict=True):
            deviations.compare(epoch, update, reference, sizes, theirs, self.allowance)
        for (origin, _), size in zip(reference, sizes, strict=True):
            weight = origin.tensor.removeprefix("grad_")
            if origin.phase == "backward" and weight in self.largest_gradient and size != 0:
                self.largest_gradient[weight] = size

    def _check(self, steps: list[Step]) -> None:
        self._check_contract(steps)
        by_name = {runner.name: step for runner, step in zip(self.runners, steps, strict=False)}
        check_memory(by_name, self.experiment.draws)

    def _check_contract(self, steps: list[Step]) -> None:
        for runner, step in zip([*self.runners, *self.nudged], steps, strict=True):
            runner.check(step, steps[0].state)

    def _trajectories(self, steps: list[Step]) -> Trajectories:
        return Trajectories(
            losses=self.losses,
            deviations=self.deviations,
            seconds={runner.name: runner.seconds for runner in self.runners},
            final_weights={
                runner.name: {name: np.array(array) for name, array in step.weights.items()}
                for runner, step in zip(self.runners, steps, strict=False)
            },
            dead_gradients=[name for name, size in self.largest_gradient.items() if size == 0],
            horizon=self.allowance.horizon,
            flip=self.flip,
        )
