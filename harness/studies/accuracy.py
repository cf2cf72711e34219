"""Measures how accurate a backend's elementary functions are, through its ops, against a higher precision.

A program of one op is trained for a few updates, whose batches are a dense sample of the function's inputs; its values
are read from the traced steps. So it works for every backend, by the contract alone.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backends.contract import Array, Call, Program, RuleCall
from harness.errors import InputError
from harness.numerics.accuracy import MOST, declared_accuracy
from harness.numerics.rounding import CHARGES
from harness.recording.arrays import Draws
from harness.recording.loading import LoadedBackend
from harness.running.process import pinned
from harness.running.runner import Runner

SAMPLE = {"float32": 2**20, "float64": 2**17}
"""About how many inputs a function is measured at."""
ROWS = 2**16 - 1
"""Inputs per update; odd, so that functions are also measured where they run on what is left of a vector."""
MARGIN = 1.25
"""What a declared accuracy should be in units of the largest error of a sample, since no sample has the largest one."""
LOSSES = ("reduce_sum", "reduce_mean")
"""The ops that may make the program's loss, which is of a weight that nothing else depends on."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Probe:
    """How a function is measured: the op whose value it is, and on which inputs."""

    function: str
    """Its name in CHARGES."""
    op: str
    intervals: tuple[tuple[float, float], ...]
    """Of inputs, each sampled by the same number of floats, evenly by their bits; neither end lies across 0."""
    settings: Mapping[str, float] = field(default_factory=dict)
    argument: str | None = None
    """The op that computes the function's argument from the input, where it is not the input itself."""

    @property
    def ops(self) -> tuple[str, ...]:
        """The ops that the backend has to have."""
        return (self.op,) if self.argument is None else (self.op, self.argument)

    def exact(self, x: Array) -> Array:
        """The function of its argument, in the precision of `x`."""
        function = getattr(np, self.function)
        return np.asarray(
            function(x, x.dtype.type(self.settings["exponent"])) if self.function == "power" else function(x)
        )


TINY = float(np.finfo(np.float32).tiny)
HUGE = float(np.finfo(np.float32).max)
BOTH_SIGNS = ((-HUGE, -TINY), (TINY, HUGE))
PROBES = (
    Probe("exp", "exp", (*BOTH_SIGNS, (-87.3, -(2.0**-12)), (2.0**-12, 88.7))),
    Probe("expm1", "elu", ((-HUGE, -TINY), (-20.0, -(2.0**-12))), {"alpha": 1.0}),
    Probe("log", "log", ((TINY, HUGE), (0.5, 1.0), (1.0, 2.0))),
    Probe("log1p", "softplus", ((-87.0, -TINY), (-20.0, -(2.0**-12))), argument="exp"),
    Probe("tanh", "tanh", (*BOTH_SIGNS, (-10.0, -(2.0**-12)), (2.0**-12, 10.0))),
    Probe("sqrt", "sqrt", ((TINY, HUGE), (1.0, 4.0))),
    *(
        Probe("power", "power", ((TINY, HUGE), (0.5, 1.0), (1.0, 2.0)), {"exponent": exponent})
        for exponent in (0.5, 1.5, 2.0, 3.0, -1.0, -2.5, 10.0)
    ),
)
"""The functions that an op returns as they are: elu below 0 is expm1, and softplus below 0 is log1p of exp."""
UNMEASURED = tuple(name for name in CHARGES if name not in {probe.function for probe in PROBES})
"""The functions with a charge that no op returns as they are."""


@dataclass(frozen=True)
class Measured:
    """The largest error of one function of a backend in one dtype."""

    backend: str
    function: str
    op: str
    dtype: str
    inputs: int
    """How many inputs it was measured at."""
    worst: float
    """The largest error in units of u, which is infinite where a value should be finite and is not."""
    at: float
    """The input with that error."""
    charge: float
    """What Lockstep charges."""
    declared: float
    """What the backend declares; 0 if nothing."""

    @property
    def exceeds(self) -> bool:
        """Whether it is less accurate than certificates take it to be."""
        return not self.worst <= max(self.charge, self.declared)

    @property
    def is_close(self) -> bool:
        """Whether a larger sample may well show it to be less accurate than certificates take it to be."""
        return not self.exceeds and MARGIN * self.worst > max(self.charge, self.declared)

    @property
    def advised(self) -> int | None:
        """The accuracy to declare; None where none is needed, or none may be declared."""
        if MARGIN * self.worst <= self.charge or not MARGIN * self.worst <= MOST:
            return None
        return math.ceil(MARGIN * self.worst)


def measure_accuracy(
    backend: LoadedBackend, dtypes: tuple[str, ...], progress: Progress, sample: Mapping[str, int] = SAMPLE
) -> list[Measured]:
    """Measure every function that an op of the backend returns, in the order of CHARGES.

    float64 is left out where NumPy's longdouble is no wider. Raises InputError if the backend breaks the contract, has
    no op to measure by, or yields no values.
    """
    found: dict[tuple[str, str], Measured] = {}
    with pinned([backend], 1), np.errstate(all="ignore"):
        for dtype in filter(can_measure, dtypes):
            declared = declared_accuracy(backend, dtype)
            for probe in PROBES:
                if not all(callable(getattr(backend.module, op, None)) for op in probe.ops):
                    continue
                progress(f"{backend.name}: {probe.function} in {dtype}")
                measured = _measure(backend, probe, dtype, sample[dtype], declared.get(probe.function, 0.0))
                key = (probe.function, dtype)
                if key not in found or not measured.worst <= found[key].worst:
                    found[key] = measured
    if not found:
        ops = ", ".join(dict.fromkeys(probe.op for probe in PROBES))
        raise InputError(f"backend {backend.name} has none of the ops that functions are measured by: {ops}")
    return sorted(found.values(), key=lambda one: (list(CHARGES).index(one.function), one.dtype))


def can_measure(dtype: str) -> bool:
    """Whether there is a higher precision to measure a dtype against, with at least 10 bits more."""
    return np.finfo(_wider(dtype)).nmant >= np.finfo(dtype).nmant + 10


def accuracy_line(measured: list[Measured]) -> str:
    """The ACCURACY to paste into a backend of which this was measured; empty if it needs none, or has what it needs."""
    entries: dict[str, dict[str, float]] = {}
    if any(one.exceeds or one.is_close for one in measured):
        for one in measured:
            if one.advised is not None:
                entries.setdefault(one.function, {})[one.dtype] = max(one.advised, one.declared)
    return f"ACCURACY = {entries}".replace("'", '"') if entries else ""


def _wider(dtype: str) -> Any:
    return np.float64 if dtype == "float32" else np.longdouble


def _measure(backend: LoadedBackend, probe: Probe, dtype: str, count: int, declared: float) -> Measured:
    """The largest error of the function over a sample of about `count` inputs."""
    limits, inputs = np.finfo(dtype), sampled(probe, dtype, count)
    unit, tiny, largest = float(limits.eps) / 2, float(limits.tiny), float(limits.max)
    worst, at = 0.0, float(inputs[0])
    for x, got, argument in _values(backend, probe, dtype, inputs):
        want = probe.exact(argument.astype(_wider(dtype)))
        measurable = (np.abs(want) >= tiny) & (np.abs(want) <= largest)
        # As in certificates: a function may underflow by as much.
        errors = np.maximum(np.abs(got - want) - tiny, 0) / (unit * np.abs(want))
        errors = np.where(measurable, np.where(np.isfinite(got), errors, np.inf), 0)
        place = int(errors.argmax())
        if errors[place] > worst:
            worst, at = float(errors[place]), float(x[place])
    return Measured(
        backend=backend.name,
        function=probe.function,
        op=probe.op,
        dtype=dtype,
        inputs=inputs.size,
        worst=worst,
        at=at,
        charge=CHARGES[probe.function],
        declared=declared,
    )


def sampled(probe: Probe, dtype: str, count: int) -> Array:
    """About `count` inputs in a dtype, normal numbers: in every interval, floats at equal steps, and both ends."""
    bits = np.dtype(f"i{np.dtype(dtype).itemsize}")
    parts = []
    for interval in probe.intervals:
        low, high = sorted(int(end) for end in np.abs(np.asarray(interval, dtype)).view(bits))
        step = max(1, (high - low) * len(probe.intervals) // count) | 1  # odd, so that the last bits vary
        sizes = np.append(np.arange(low, high, step), high).astype(bits).view(dtype)
        parts.append(np.copysign(sizes, np.asarray(interval[0], dtype)))
    inputs = np.concatenate(parts)
    # All updates have the same number of rows: a framework may compile for each.
    return np.resize(inputs, math.ceil(inputs.size / ROWS) * ROWS)


def _values(backend: LoadedBackend, probe: Probe, dtype: str, inputs: Array) -> Iterator[tuple[Array, Array, Array]]:
    """The inputs of each update with the op's values and the function's argument."""
    program = _program(backend, probe)
    batches = inputs.reshape(-1, ROWS)
    draws = Draws(
        data={"x": batches[0]},
        weights={"w": np.ones(1, dtype)},
        buffers={},
        held_out={},
        batch_size=None,
        random_state={},
    )
    runner = Runner(
        backend, program, draws, len(batches), dtype, batches=({"x": np.array(batch)} for batch in batches), trace=True
    )
    for batch in batches:
        step = runner.advance()
        runner.check(step)
        if not runner.traces:
            raise InputError(
                f"backend {backend.name} yields no values with trace=True, so its functions can't be measured"
            )
        yield batch, np.asarray(step.values["y"]), np.asarray(step.values["a"]) if probe.argument else batch


def _program(backend: LoadedBackend, probe: Probe) -> Program:
    """y = op(x), with a loss and a weight that have nothing to do with it."""
    loss = next((op for op in LOSSES if callable(getattr(backend.module, op, None))), None)
    if loss is None or not callable(getattr(backend.module, "sgd", None)):
        raise InputError(
            f"backend {backend.name} can't train the program that measures: it needs sgd, and {' or '.join(LOSSES)}"
        )
    argument = () if probe.argument is None else (Call(probe.argument, ("x",), {}, ("a",)),)
    values = [name for call in argument for name in call.outputs] + ["y"]
    return Program(
        calls=(*argument, Call(probe.op, ("x",), probe.settings, ("y",)), Call(loss, ("w",), {}, ("loss",))),
        data=("x",),
        weights=("w",),
        loss="loss",
        optimizer=RuleCall("sgd", {"lr": 0.0}),
        shapes={"x": (ROWS,), "w": (1,), "loss": (), **dict.fromkeys(values, (ROWS,))},
        differentiable=frozenset({"w", "loss"}),
    )
