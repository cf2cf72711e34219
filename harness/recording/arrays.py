"""Draws a scenario's data and weights, and deals them out to backends in batches."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial

import numpy as np

from backends.contract import Array
from harness.errors import Crashed, Ended, InputError, deed, is_shortage, place_in
from harness.guarding.guest import Guest
from harness.guarding.printing import off_stdout
from harness.recording.memory import in_gib, most_memory
from scenarios import Bernoulli, Loaded, Normal, Scenario, ScenarioError
from scenarios.language.draws import Per, expected, sized
from scenarios.language.values import shown

RandomStateWords = dict[str, object]
Redraw = Callable[[np.random.RandomState], Array]


@dataclass(frozen=True)
class Draws:
    """A scenario's arrays in the run's dtype, and the state of its random numbers after drawing them."""

    data: dict[str, Array]
    """As it is drawn first; of what is given per update, the array of the first update."""
    weights: dict[str, Array]
    buffers: dict[str, Array]
    """Their values before the first update. A frozen weight is one that stays as it is."""
    held_out: dict[str, Array]
    """The held-out part of the data; empty if the scenario keeps none."""
    batch_size: int | None
    random_state: RandomStateWords
    shuffle: bool = True
    """Whether the rows of mini-batches come in another order in every epoch."""
    drop_last: bool = False
    """Whether the rows that are left over at the end of an epoch, fewer than a batch, are left out."""
    orders: Sequence[Array] = ()
    """The rows of each epoch in their order, (R,) int64, where a sampler gives them."""
    per_epoch: Mapping[str, Redraw] = field(default_factory=dict)
    """How to draw each array that is drawn anew in every epoch after the first."""
    per_update: Mapping[str, Redraw] = field(default_factory=dict)
    """How to draw each array that is drawn anew in every update after the first."""
    given: Mapping[str, Sequence[Array]] = field(default_factory=dict)
    """The arrays that are given for each update of an epoch."""

    @property
    def by_row(self) -> dict[str, Array]:
        """The data that has one row per example, which mini-batches are dealt from; a single number has none."""
        whole = {**self.per_update, **self.given}
        is_dealt = self.batch_size is not None
        return {name: a for name, a in self.data.items() if name not in whole and (a.ndim or not is_dealt)}

    @property
    def rows(self) -> int:
        """How many rows the data has that batches are dealt from."""
        return _rows(next(iter(self.by_row.values()), np.zeros(())))

    @property
    def batch_rows(self) -> list[int]:
        """The number of examples in each update of an epoch."""
        return [stop - start for start, stop in self._bounds()]

    def batches(self, epochs: int, *, copied: bool = True) -> Iterator[dict[str, Array]]:
        """Yield the batch of every update, in arrays that nobody else holds; not `copied`, they may only be read.

        Every epoch draws masks anew, and then shuffles mini-batches unless they keep their order; every update draws
        what is drawn per update. All by the scenario's own random numbers: every caller gets the same.
        """
        random = cache(self._random)
        whole = {name: array.copy() for name, array in self.data.items()} if copied else self.data
        by_row, bounds = self.by_row, self._bounds()
        for epoch in range(epochs):
            if epoch and self.per_epoch:
                whole = whole | {name: draw(random()) for name, draw in self.per_epoch.items()}
            for number, rows in enumerate(self._rows_of_updates(epoch, random, bounds)):
                if self.per_update and (epoch or number):
                    whole = whole | {name: draw(random()) for name, draw in self.per_update.items()}
                batch = whole if rows is None else whole | {name: whole[name][rows] for name in by_row}
                given = {name: arrays[number] for name, arrays in self.given.items()}
                yield batch | ({name: array.copy() for name, array in given.items()} if copied else given)

    def _random(self) -> np.random.RandomState:
        """The generator as it was when all arrays were drawn. To make one takes longer than a small update."""
        random = np.random.RandomState()
        random.set_state(self.random_state)
        return random

    def _rows_of_updates(
        self, epoch: int, random: Callable[[], np.random.RandomState], bounds: Sequence[tuple[int, int]]
    ) -> Iterator[Array | None]:
        """The rows of each update of an epoch, the first of which is 0; None for all of them, in order."""
        if self.batch_size is None:
            yield from [None] * len(bounds)
            return
        if self.orders:
            order = self.orders[epoch]
        else:
            order = random().permutation(self.rows) if self.shuffle else np.arange(self.rows)
        for start, stop in bounds:
            yield order[start:stop]

    def _bounds(self) -> list[tuple[int, int]]:
        """Where the batch of each update starts and stops in the order of an epoch."""
        if self.batch_size is None:
            whole = next(iter(self.given.values())) if self.given else [*self.by_row.values(), np.zeros(())][:1]
            return [(0, _rows(array)) for array in whole]
        rows = len(self.orders[0]) if self.orders else self.rows
        last = rows - self.batch_size + 1 if self.drop_last else rows
        return [(start, min(start + self.batch_size, rows)) for start in range(0, last, self.batch_size)]


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
    given: dict[str, list[Array]] = {}
    sizes = scenario.sizes or {}
    for name, rule in scenario.draws.items():
        try:
            with Guest().stay():
                if isinstance(rule, Loaded) and rule.per == "update":
                    given[name] = rule.updates(scenario.dtype)
                    array = given[name][0]
                else:
                    array = rule.draw(random, sizes, scenario.dtype)
                held_out_part = rule.held_out(scenario.dtype) if isinstance(rule, Loaded) else None
        except Exception as error:
            where = f"scenario {scenario.name}{place_in(scenario.function, error)}: {name} can't be drawn:"
            if isinstance(error, ScenarioError):
                raise InputError(f"{where} {error}") from error
            reason = (
                f"it {deed(error)}"
                if isinstance(error, Ended) or is_shortage(error)
                else f"{type(error).__name__}: {error}"
            )
            raise Crashed(f"{where} {reason}") from error
        arrays[name] = _converted(array, dtype, f"scenario {scenario.name}: {name}")
        if name in given:
            given[name] = [_converted(each, dtype, f"scenario {scenario.name}: {name}") for each in given[name]]
        if held_out_part is not None:
            where = f"scenario {scenario.name}: the held-out part of {name}"
            held_out[name] = _converted(held_out_part, dtype, where)
            if held_out_part.shape[1:] != array.shape[1:] or held_out_part.ndim != array.ndim:
                raise InputError(f"{where} has rows of shape {held_out_part.shape[1:]}, the rest of {array.shape[1:]}")
    if held_out:
        rows = _check_lengths(held_out, f"scenario {scenario.name}: held-out data must be")
        held_out |= {
            name: expected(rule, rows, sizes, dtype)
            for name, rule in scenario.draws.items()
            if isinstance(rule, Bernoulli) or (isinstance(rule, Normal) and rule.per != "run")
        }
    weights, buffers, data = (
        {name: array for name, array in arrays.items() if scenario.draws[name].role in roles}
        for roles in (("weight",), ("buffer", "frozen"), ("data",))
    )
    draws = Draws(
        data=data,
        weights=weights,
        buffers=buffers,
        held_out=held_out,
        batch_size=scenario.batch_size,
        shuffle=scenario.shuffle,
        drop_last=scenario.drop_last,
        random_state=dict(random.get_state(legacy=False)),
        per_epoch=_redrawn("epoch", scenario, dtype),
        per_update=_redrawn("update", scenario, dtype),
        given=given,
    )
    _check_batches(scenario, draws)
    if scenario.sampler is not None:
        draws = replace(draws, orders=list(_sampled(scenario, scenario.sampler, draws.rows)))
        _check_given(scenario, draws)
    return draws


def _sampled(scenario: Scenario, sampler: Callable[[int, int], object], rows: int) -> Iterator[Array]:
    """The rows of each epoch.

    Raises InputError for what are no rows, or other ones each time, and Crashed if the sampler raises an error.
    """
    first = 0
    for epoch in range(1, scenario.epochs + 1):
        given = _given_by(scenario, sampler, epoch, rows)
        order = np.asarray(given)
        where = f"scenario {scenario.name}: its sampler gives, for epoch {epoch},"
        if order.dtype.kind not in "iu" or order.ndim != 1:
            what = f"{order.dtype} of shape {order.shape}" if order.dtype.kind in "iufb" else shown(given)
            raise InputError(f"{where} {what}; rows are a list or an array (R,) of whole numbers")
        if epoch == 1 and not np.array_equal(order, np.asarray(_given_by(scenario, sampler, epoch, rows))):
            raise InputError(
                f"{where} other rows when it is asked again; draw them from a generator that is made for the epoch, as "
                "np.random.RandomState(epoch)"
            )
        first = first or len(order)
        if len(order) != first:
            raise InputError(f"{where} {len(order):,} rows, and {first:,} for epoch 1; every epoch has as many")
        if len(order) < (scenario.batch_size or 1):
            raise InputError(f"{where} {len(order):,} rows, which is less than a batch of {scenario.batch_size:,}")
        outside = order[(order < 0) | (order >= rows)]
        if outside.size:
            raise InputError(f"{where} row {int(outside[0]):,}; the data has rows 0 to {rows - 1:,}")
        yield order.astype(np.int64)


def _given_by(scenario: Scenario, sampler: Callable[[int, int], object], epoch: int, rows: int) -> object:
    """What a sampler returns. Raises Crashed if it raises an error."""
    try:
        with Guest().stay():
            given = sampler(epoch, rows)
            np.asarray(given)  # which may raise one, too
    except Exception as error:
        where = f"scenario {scenario.name}{place_in(scenario.function, error)}"
        raise Crashed(f"{where}: its sampler {deed(error)}") from error
    return given


def _redrawn(per: Per, scenario: Scenario, dtype: str) -> dict[str, Redraw]:
    """How to draw each array that is drawn so often."""

    def redraw(rule: Normal | Bernoulli, random: np.random.RandomState) -> Array:
        return rule.draw(random, scenario.sizes or {}, scenario.dtype).astype(dtype)

    return {
        name: partial(redraw, rule)
        for name, rule in scenario.draws.items()
        if isinstance(rule, Normal | Bernoulli) and rule.per == per
    }


def _check_batches(scenario: Scenario, draws: Draws) -> None:
    """Raise InputError if the batches can't be dealt, or are not as many as what is given per update."""
    where = f"scenario {scenario.name}"
    if draws.batch_size is not None:
        rows = _check_lengths(draws.by_row, f"{where}: batches need data")
        if draws.batch_size > rows:
            raise InputError(f"{where}: batches of {draws.batch_size:,} can't be dealt from {rows:,} rows")
    if scenario.sampler is None:
        _check_given(scenario, draws)


def _check_given(scenario: Scenario, draws: Draws) -> None:
    """Raise InputError if what is given per update is for another number of updates than an epoch has."""
    where, updates = f"scenario {scenario.name}", len(draws.batch_rows)
    for name, arrays in draws.given.items():
        if len(arrays) != updates:
            reason = next(iter(draws.given)) if draws.batch_size is None else "batch_size"
            raise InputError(
                f"{where}: {name} has arrays for {len(arrays):,} updates, and by {reason} an epoch has {updates:,}"
            )


def _rows(array: Array) -> int:
    return len(array) if array.ndim else 1


def _check_memory(scenario: Scenario) -> None:
    """Raise InputError if the arrays, drawn in float64, would not fit in memory: a size was probably mistyped."""
    available = most_memory()
    sizes = scenario.sizes or {}
    needed = {name: 8 * math.prod(sized(rule.shape, sizes)) for name, rule in scenario.draws.items()}
    total = sum(needed.values())
    if available is None or total <= available:
        return
    largest = max(needed, key=needed.__getitem__)
    others = f", all arrays together {in_gib(total)}" if needed[largest] < total else ""
    raise InputError(
        f"scenario {scenario.name}: {largest} of shape {sized(scenario.draws[largest].shape, sizes)} takes "
        f"{in_gib(needed[largest])} to draw{others}, and there is memory of {in_gib(available)}"
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
