"""The derivative of a function in float64, computed from its NumPy forward without the backward.

The gradient of L with respect to an input x is, element by element, the derivative of ⟨∂L/∂y, y(x)⟩. Two methods
compute it from the hand-written forward and the recorded inputs:

    differences    (y(x + h·d) − y(x)) / h from above and from below, and their mean, each extrapolated to h = 0 over a
                   table of halved steps; the result is the entry that differs least from its neighbours (Ridders 1982,
                   Accurate computation of F′(x) and F′(x)·F″(x), Adv. Eng. Software 4)
    complex step   Im y(x + i·h·d) / h, which loses no digits to cancellation (Squire & Trapp 1998, SIAM Rev. 40);
                   preferred if the forward is analytic and the differences agree

NumPy orders complex numbers by their real parts, and by their imaginary parts only if the real parts are equal. So
`maximum` and comparisons take the branch that x itself takes (|x| is computed as x or −x, by such a comparison), and
the steps +i·h and −i·h differ exactly at a kink. If the derivatives from above and from below differ, every value
between them is a subgradient (Clarke 1983, 2.1).
"""

import math
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from backends.contract import Array

Position = int | tuple[int, ...]

EPS = float(np.finfo(np.float64).eps)
FIRST_STEP, STEPS, COLUMNS = 0.25, 33, 7
"""Relative to the largest element; each step is half the one before, so the last is 6e-11."""
IMAGINARY_STEP = 2.0**-200
"""Relative to the first step."""
JUMP = 1e-7
"""One-sided derivatives further apart than this, relative to the sum of their terms' magnitudes, mean a kink."""
NUDGES = 8
"""How often the outputs are computed from inputs that are off by their last digit, to see how far they round apart."""
SAFETY = 4.0
"""By this factor a stated error exceeds the one that the table shows."""
ANALYTIC = (
    *(np.add, np.subtract, np.multiply, np.divide, np.negative, np.positive, np.matmul, np.reciprocal, np.square),
    *(np.sqrt, np.power, np.exp, np.exp2, np.expm1, np.log, np.log2, np.log10, np.log1p, np.sin, np.cos, np.tan),
    *(np.sinh, np.cosh, np.tanh, np.arcsin, np.arccos, np.arctan, np.arcsinh, np.arccosh, np.arctanh),
    *(np.maximum, np.minimum, np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal),
    *(np.isnan, np.isfinite, np.isinf),
)
"""Ufuncs that accept a complex step."""


class Derivative(NamedTuple):
    """A directional derivative, its estimated error, and at a kink both one-sided derivatives, the smaller first.

    At a kink, value ± error spans the interval. If no derivative exists, value is NaN and error infinite.
    """

    value: float
    error: float
    interval: tuple[float, float] | None = None


class NotAnalytic(Exception):
    """A forward applied to complex numbers what has no complex derivative."""


class _Complex(np.ndarray[Any, np.dtype[Any]]):
    """Complex numbers that refuse operations that are not analytic."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        if ufunc is np.absolute and not options:
            x = _plain(inputs[0])
            return _guarded(np.where(x >= 0, x, -x))
        if ufunc not in ANALYTIC:
            raise NotAnalytic(ufunc.__name__)
        if "out" in options:
            options["out"] = tuple(_plain(array) for array in options["out"])
        return _guarded(getattr(ufunc, method)(*map(_plain, inputs), **options))

    def __array_function__(self, function: Any, types: Any, arguments: Any, options: Any) -> Any:
        result = super().__array_function__(function, types, arguments, options)
        return [_guarded(part) for part in result] if isinstance(result, list | tuple) else _guarded(result)

    def _refused(self) -> Any:
        raise NotAnalytic("the real or the imaginary part")

    real = property(_refused)
    imag = property(_refused)


def _plain(array: Any) -> Any:
    return array.view(np.ndarray) if isinstance(array, _Complex) else array


def _guarded(result: Any) -> Any:
    return np.asarray(result).view(_Complex) if np.iscomplexobj(_plain(result)) else result


class _Quotient(NamedTuple):
    value: float
    noise: float
    """The rounding error that it may have."""
    size: float
    """The sum of its terms' magnitudes."""


class Line:
    """⟨cotangents, y⟩ along x + h·direction."""

    def __init__(
        self,
        forward: Callable[..., Any],
        inputs: Sequence[Any],
        settings: Mapping[str, Any],
        cotangents: Sequence[Any],
        position: Position,
        direction: Any,
    ) -> None:
        self._forward, self._settings = forward, settings
        self._inputs = [exact(x) for x in inputs]
        self._positions = _positions(position, self._inputs)
        self._direction = np.asarray(direction, np.float64)
        self._cotangents = [np.asarray(cotangent, np.float64) for cotangent in cotangents]
        moved = self._direction != 0
        for i in self._positions:
            if self._inputs[i].shape != self._direction.shape:
                raise ValueError(f"the direction is {self._direction.shape}, inputs[{i}] is {self._inputs[i].shape}")
        x = [np.abs(self._inputs[i]) for i in self._positions]
        self._largest = max(float(np.max(part, initial=0.0)) for part in x)
        length = float(np.max(np.abs(self._direction), initial=0.0)) or 1.0
        self._reach = max(float(np.max(part[moved], initial=0.0)) for part in x) / length
        self.first_step = FIRST_STEP * 2.0 ** math.frexp(max(1.0, self._largest) / length)[1]
        self._start = self._outputs(0.0)
        shapes = [y.shape for y in self._start], [c.shape for c in self._cotangents]
        if shapes[0] != shapes[1]:
            raise ValueError(f"the outputs are {shapes[0]}, their cotangents {shapes[1]}")
        self._sizes = [_weighted(np.abs(c), np.abs(y)) for c, y in zip(self._cotangents, self._start, strict=True)]
        across = 8 * self.first_step  # past 0 from either side, so that saturated outputs move, too
        both_ways = zip(self._start, self._outputs(across), self._outputs(-across), strict=True)
        self._moving = [(up != start) | (down != start) for start, up, down in both_ways]
        self._rounding = self._seen_rounding()
        self.unseen = EPS * sum(float(np.sum(size)) for size in self._sizes) / self.first_step
        """Derivatives up to this may change no digit of the outputs."""
        self.finite = all(np.isfinite(size).all() for size in self._sizes)

    def _outputs(self, step: complex, inputs: Sequence[Array] | None = None) -> list[Array]:
        inputs = [x.copy() for x in (self._inputs if inputs is None else inputs)]
        for i in self._positions:
            moved = inputs[i] + step * self._direction
            inputs[i] = moved.view(_Complex) if isinstance(step, complex) else np.asarray(moved)
        try:
            y = self._forward(*inputs, **self._settings)
        except ValueError:
            if step == 0:
                raise
            return [np.full_like(start, np.nan) for start in self._start]  # outside of the op's domain, like ln at −1
        return [_plain(np.asanyarray(part)) for part in (y if isinstance(y, tuple) else (y,))]

    def _seen_rounding(self) -> list[Array]:
        """How far each output rounds apart: more than its last digit where it is what a cancellation left."""
        random = np.random.RandomState(0)
        seen = [np.zeros_like(start) for start in self._start]
        for _ in range(NUDGES):
            nudges = [1 + EPS * random.uniform(-1, 1, x.shape) for x in self._inputs]
            nudged = [x * n if x.dtype.kind == "f" else x for x, n in zip(self._inputs, nudges, strict=True)]
            for most, start, y in zip(seen, self._start, self._outputs(0.0, nudged), strict=True):
                np.fmax(most, np.abs(y - start), out=most, where=np.isfinite(y))
        return seen

    def quotient(self, step: float) -> _Quotient:
        """(φ(h) − φ(0)) / h, subtracted output by output, so that outputs that do not move add no rounding."""
        total = size = noise = 0.0
        outputs = zip(self._cotangents, self._outputs(step), self._start, self._rounding, self._moving, strict=True)
        for c, y, start, rounding, moving in outputs:
            terms = _weighted(c, y - start)
            total += float(np.sum(terms))
            size += float(np.sum(np.abs(terms)))
            noise += float(np.sum(_weighted(np.abs(c), EPS * (np.abs(y) + np.abs(start)) + rounding)[moving]))
        h = abs(step)
        return _Quotient(total / step, (noise + EPS * size * self._reach / h) / h, size / h)

    def relative_size(self) -> float:
        """Σ |cotangent · y| over the outputs that move, divided by the largest |x| or by 1, whichever is smaller."""
        moving = sum(float(np.sum(size[moves])) for size, moves in zip(self._sizes, self._moving, strict=True))
        return moving / min(self._largest or 1.0, 1.0)

    def slope(self, step: float) -> _Quotient:
        """Im φ(i·h) / h."""
        imaginary = [
            _weighted(c, np.imag(y) / step) for c, y in zip(self._cotangents, self._outputs(1j * step), strict=True)
        ]
        size = sum(float(np.sum(np.abs(terms))) for terms in imaginary)
        return _Quotient(sum(float(np.sum(terms)) for terms in imaginary), 16 * EPS * size, size)


def derivative(
    forward: Callable[..., Any],
    inputs: Sequence[Any],
    settings: Mapping[str, Any],
    cotangents: Sequence[Any],
    position: Position,
    direction: Any,
) -> Derivative:
    """d/dh ⟨cotangents, forward(inputs + h·direction)⟩ at h = 0, in float64; the module's docstring has the sources.

    `forward(*inputs, **settings)` returns an array or a tuple of arrays; `cotangents` has one array for each, of the
    same shape. Inputs of float dtypes are converted to float64, integers are not. `direction` has the shape of
    inputs[position]; several positions move together, for a tensor that is passed more than once. Calls forward about
    70 times. Raises ValueError if inputs[position] holds integers, or if shapes do not match.
    """
    with np.errstate(all="ignore"):
        line = Line(forward, inputs, settings, cotangents, position, direction)
        if not line.finite:
            return Derivative(math.nan, math.inf)
        return settle(line)


def settle(line: Line) -> Derivative:
    """The derivative at the start of a line, with an error estimated from the tables."""
    steps = [line.first_step * 0.5**k for k in range(STEPS)]
    above, below = [line.quotient(h) for h in steps], [line.quotient(-h) for h in steps]
    pairs = zip(above, below, strict=True)
    mean, error = _extrapolate([((a.value + b.value) / 2, (a.noise + b.noise) / 2) for a, b in pairs], order=2)
    sides = [_extrapolate([(q.value, q.noise) for q in side], order=1) for side in (above, below)]
    low, high = sorted(value for value, _ in sides)
    size = max((q.size for q in (above[-1], below[-1]) if math.isfinite(q.size)), default=0.0)
    slack = sum(side_error for _, side_error in sides) + JUMP * size
    exact_slope = _complex_step(line)
    if high - low > slack:
        # Steps may reach across a kink nearby; the derivative is then one of the two.
        if exact_slope is not None and min(abs(exact_slope[0] - low), abs(exact_slope[0] - high)) <= slack:
            return Derivative(*exact_slope)
        return Derivative((low + high) / 2, (high - low) / 2 + sum(e for _, e in sides), (low, high))
    if exact_slope is not None and abs(exact_slope[0] - mean) <= error + exact_slope[1] + line.unseen:
        return Derivative(*exact_slope)
    return Derivative(mean, error)


def _extrapolate(rows: Iterable[tuple[float, float]], order: int) -> tuple[float, float]:
    """The best entry of Ridders' table over halved steps, and its error, for errors in powers of h^order."""
    best, smallest = math.nan, math.inf
    above: list[float] = []
    for value, noise in rows:
        row = [value]
        for column, older in enumerate(above[:COLUMNS]):
            row.append(row[-1] + (row[-1] - older) / (2.0 ** (order * (column + 1)) - 1))
            error = SAFETY * (max(abs(row[-1] - row[-2]), abs(row[-1] - older)) + noise)
            if error < smallest:
                best, smallest = row[-1], error
        above = row if math.isfinite(value) else []
    return best, smallest


def _complex_step(line: Line) -> tuple[float, float] | None:
    """The derivative by imaginary steps and its error; None at a kink, or if the forward is not analytic."""
    h = line.first_step * IMAGINARY_STEP
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            plus, minus, longer = line.slope(h), line.slope(-h), line.slope(1.5 * h)
    except Exception:
        return None  # a forward may fail on complex numbers in any way; the differences remain
    spread = max(abs(plus.value - minus.value), abs(plus.value - longer.value))
    if not spread <= 2.0**-40 * plus.size:
        return None
    return plus.value, SAFETY * spread + plus.noise


def exact(array: Any) -> Array:
    """A copy of a recorded array in float64, or in its own dtype if it holds integers."""
    copied: Array = np.array(array)
    return copied.astype(np.float64) if copied.dtype.kind == "f" else copied


def _positions(position: Position, inputs: Sequence[Array]) -> tuple[int, ...]:
    positions = position if isinstance(position, tuple) else (position,)
    for i in positions:
        if inputs[i].dtype.kind != "f":
            raise ValueError(f"inputs[{i}] holds {inputs[i].dtype}: there is no derivative towards whole numbers")
    return positions


def _weighted(cotangent: Array, y: Array) -> Array:
    """cotangent · y, but 0 where the cotangent is 0, even if y is infinite."""
    weighted: Array = np.where(cotangent == 0, 0.0, cotangent * y)
    return weighted


def forward_of(op: Callable[..., Any]) -> Callable[..., Any]:
    """The forward of a hand-written op, without the backward that it returns, too."""
    return lambda *inputs, **settings: op(*inputs, **settings)[0]
