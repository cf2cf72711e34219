"""Draws a scenario's data and weights, and deals them out to backends in batches."""

import math
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from backends.contract import Array
from harness.errors import Crashed, Ended, InputError, deed, place_in
from harness.guarding.guest import Guest
from harness.guarding.printing import off_stdout
from scenarios import Bernoulli, Loaded, Scenario, ScenarioError
from scenarios.language.draws import sized

RandomStateWords = dict[str, object]


@dataclass(frozen=True)
class Draws:
    """A scenario's arrays in the run's dtype, and the state of its random numbers after drawing them."""

    data: dict[str, Array]
    weights: dict[str, Array]
    buffers: dict[str, Array]
    """Their values before the first update."""
    held_out: dict[str, Array]
    """The held-out part of the data; empty if the scenario keeps none."""
    batch_size: int | None
    random_state: RandomStateWords
    masks: Mapping[str, Callable[[np.random.RandomState], Array]]
    """How to draw each array that is drawn anew in every epoch after the first."""

    @property
    def rows(self) -> int:
        """How many examples an epoch has."""
        first = next(iter(self.data.values()), None)
        return len(first) if first is not None and first.ndim else 1

    @property
    def batch_rows(self) -> list[int]:
        """The number of examples in each update of an epoch."""
        size = self.batch_size or self.rows
        return [min(size, self.rows - start) for start in range(0, self.rows, size)]

    def batches(self, epochs: int) -> Iterator[dict[str, Array]]:
        """Yield the batch of every update, in arrays that nobody else holds.

        Every epoch shuffles mini-batches and draws masks anew, by the scenario's own random numbers: every caller gets
        the same.
        """
        random = np.random.RandomState()
        random.set_state(self.random_state)
        whole = {name: array.copy() for name, array in self.data.items()}
        for epoch in range(epochs):
            if epoch and self.masks:
                whole = whole | {name: draw_mask(random) for name, draw_mask in self.masks.items()}
            if self.batch_size is None:
                yield whole
                continue
            order = random.permutation(self.rows)
            for start in range(0, self.rows, self.batch_size):
                rows = order[start : start + self.batch_size]
                yield {name: array[rows] for name, array in whole.items()}


@off_stdout()
def draw_arrays(scenario: Scenario, dtype: str) -> Draws:
    """Draw the scenario's arrays in its order, rounded to its own dtype and then converted to `dtype`.

    So a float64 run starts from exactly the numbers of the float32 run. The generator is NumPy's legacy one (MT19937):
    `np.random.seed` and `np.random.randn` give the same numbers. Raises InputError if batches can't be dealt, or if the
    arrays would not fit in memory, and Crashed if what loads one raises an error.
    """
    _check_memory(scenario)
    random = np.random.RandomState(scenario.seed)
    arrays: dict[str, Array] = {}
    held_out: dict[str, Array] = {}
    sizes = scenario.sizes or {}
    for name, rule in scenario.draws.items():
        try:
            with Guest().stay():
                array = rule.draw(random, sizes, scenario.dtype)
                held_out_part = rule.held_out(scenario.dtype) if isinstance(rule, Loaded) else None
        except Exception as error:
            where = f"scenario {scenario.name}{place_in(scenario.function, error)}: {name} can't be drawn:"
            if isinstance(error, ScenarioError):
                raise InputError(f"{where} {error}") from error
            reason = f"it {deed(error)}" if isinstance(error, Ended) else f"{type(error).__name__}: {error}"
            raise Crashed(f"{where} {reason}") from error
        arrays[name] = _converted(array, dtype, f"scenario {scenario.name}: {name}")
        if held_out_part is not None:
            where = f"scenario {scenario.name}: the held-out part of {name}"
            held_out[name] = _converted(held_out_part, dtype, where)
            if held_out_part.shape[1:] != array.shape[1:] or held_out_part.ndim != array.ndim:
                raise InputError(f"{where} has rows of shape {held_out_part.shape[1:]}, the rest of {array.shape[1:]}")
    if held_out:
        rows = _check_lengths(held_out, f"scenario {scenario.name}: held-out data must be")
        masks = {name: rule for name, rule in scenario.draws.items() if isinstance(rule, Bernoulli)}
        held_out |= {name: rule.expected(rows, sizes, dtype) for name, rule in masks.items()}
    weights, buffers, data = (
        {name: array for name, array in arrays.items() if scenario.draws[name].role == role}
        for role in ("weight", "buffer", "data")
    )
    if scenario.batch_size is not None:
        rows = _check_lengths(data, f"scenario {scenario.name}: batches need data")
        if scenario.batch_size > rows:
            raise InputError(
                f"scenario {scenario.name}: batches of {scenario.batch_size:,} can't be dealt from {rows:,} rows"
            )
    return Draws(
        data=data,
        weights=weights,
        buffers=buffers,
        held_out=held_out,
        batch_size=scenario.batch_size,
        random_state=dict(random.get_state(legacy=False)),
        masks={
            name: partial(rule.draw, sizes=sizes, dtype=dtype)
            for name, rule in scenario.draws.items()
            if isinstance(rule, Bernoulli)
        },
    )


def _check_memory(scenario: Scenario) -> None:
    """Raise InputError if an array, drawn in float64, would not fit in memory: its size was probably mistyped."""
    if not hasattr(os, "sysconf"):
        return
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for name, rule in scenario.draws.items():
        shape = sized(rule.shape, scenario.sizes or {})
        if (needed := 8 * math.prod(shape)) > memory:
            raise InputError(
                f"scenario {scenario.name}: {name} of shape {shape} takes {needed / 2**30:,.0f} GiB to draw, "
                f"and this machine has {memory / 2**30:,.0f} GiB"
            )


def _check_lengths(arrays: Mapping[str, Array], what: str) -> int:
    """The common length of these arrays. Raises InputError if they have none."""
    lengths = {name: len(array) if array.ndim else 0 for name, array in arrays.items()}
    if len(set(lengths.values())) != 1:
        listed = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise InputError(f"{what} of one length, not {listed or 'no data'}")
    return next(iter(lengths.values()))


def _converted(array: Array, dtype: str, what: str) -> Array:
    """The array in the run's dtype. Raises InputError if it is empty or not finite."""
    if array.size == 0:
        raise InputError(f"{what} has no elements, its shape is {array.shape}")
    if not np.isfinite(array).all():
        raise InputError(f"{what} holds NaN or infinity (in {array.dtype}); everything computed from it would be NaN")
    return array.astype(dtype) if array.dtype.kind == "f" else array
