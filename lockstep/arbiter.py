"""Decides who is right where a backend's gradient and the hand-written one differ: neither's backward is asked.

The gradient of L towards an input x is, element by element, the derivative of ⟨∂L/∂y, y(x)⟩. It is found from the
hand-written forward alone, in float64, on the recorded inputs:

    differences    (y(x + h·d) − y(x)) / h from above and from below, and their mean, each extrapolated to h = 0 over a
                   table of halved steps; the entry that differs least from its neighbours is taken (Ridders 1982,
                   Accurate computation of F′(x) and F′(x)·F″(x), Adv. Eng. Software 4)
    complex step   Im y(x + i·h·d) / h, which loses no digits to cancellation (Squire & Trapp 1998, SIAM Rev. 40);
                   taken where the forward does analytic arithmetic only, and the differences say the same

NumPy orders complex numbers by their real part, and by the imaginary one only where these are the same, so `maximum`
and comparisons take the branch that x itself takes (|x| is x or −x by such a comparison), and the steps +i·h and −i·h
differ exactly at a kink. Where the derivatives from above and from below differ, every value between them is a
subgradient (Clarke 1983, 2.1).
"""

import math
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import msgspec
import numpy as np

from backends.contract import Array
from lockstep.results import Number, number

Right = Literal["hand-written", "backend", "neither", "both", "kink", "undecided"]
Position = int | tuple[int, ...]

EPS = float(np.finfo(np.float64).eps)
FIRST_STEP, STEPS, COLUMNS = 0.25, 33, 7
"""Relative to the largest element; each step is half the one before, so the last is 6e-11."""
IMAGINARY_STEP = 2.0**-200
JUMP = 1e-7
"""From which difference on, relative to all that is added up, the two one-sided derivatives make a kink."""
SAFETY = 4.0
DIRECTIONS = 4
ROUNDING = 2.0**-36
NUDGES = 3
NUDGE_FACTOR = 16.0
ANALYTIC = (
    *(np.add, np.subtract, np.multiply, np.divide, np.negative, np.positive, np.matmul, np.reciprocal, np.square),
    *(np.sqrt, np.power, np.exp, np.exp2, np.expm1, np.log, np.log2, np.log10, np.log1p, np.sin, np.cos, np.tan),
    *(np.sinh, np.cosh, np.tanh, np.arcsin, np.arccos, np.arctan, np.arcsinh, np.arccosh, np.arctanh),
    *(np.maximum, np.minimum, np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal),
    *(np.isnan, np.isfinite, np.isinf),
)
"""Ufuncs that a complex step passes through."""


class Derivative(NamedTuple):
    """A directional derivative, its estimated error, and at a kink the one-sided derivatives, the smaller first.

    At a kink value ± error spans the interval. Where there is no derivative to be found they are NaN and infinity.
    """

    value: float
    error: float
    interval: tuple[float, float] | None = None


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """Who is right about one element of one gradient."""

    right: Right
    """"both" where the two can't be told apart; "undecided" where the forward or its derivative is not finite."""
    derivative: Number
    allowed: Number
    """The error of the derivative and the rounding of the run's dtype together."""
    interval: tuple[Number, Number] | None
    """At a kink, the one-sided derivatives: any value between them is a subgradient."""
    got: Number
    want: Number
    got_fits: bool
    want_fits: bool
    text: str


class NotAnalytic(Exception):
    """A forward did something to a complex number that has no complex derivative."""


class _Complex(np.ndarray[Any, np.dtype[Any]]):
    """Complex numbers that refuse what is not analytic."""

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
    """What rounding may have done to it."""
    size: float
    """The sum of the magnitudes of what it adds up."""


class _Line:
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
        across = 8 * self.first_step  # past 0 from either side, so that saturated outputs move too
        both_ways = zip(self._start, self._outputs(across), self._outputs(-across), strict=True)
        self._moving = [(up != start) | (down != start) for start, up, down in both_ways]
        self.unseen = EPS * sum(float(np.sum(size)) for size in self._sizes) / self.first_step
        """What changes of the outputs may be too small to change a digit of them."""
        self.finite = all(np.isfinite(size).all() for size in self._sizes)

    def _outputs(self, step: complex) -> list[Array]:
        inputs = [x.copy() for x in self._inputs]
        for i in self._positions:
            moved = inputs[i] + step * self._direction
            inputs[i] = moved.view(_Complex) if isinstance(step, complex) else np.asarray(moved)
        y = self._forward(*inputs, **self._settings)
        return [_plain(np.asanyarray(part)) for part in (y if isinstance(y, tuple) else (y,))]

    def quotient(self, step: float) -> _Quotient:
        """(φ(h) − φ(0)) / h, output by output, so that what the direction does not move adds no rounding."""
        total = size = noise = 0.0
        for c, y, start, moving in zip(self._cotangents, self._outputs(step), self._start, self._moving, strict=True):
            terms = _weighted(c, y - start)
            total += float(np.sum(terms))
            size += float(np.sum(np.abs(terms)))
            noise += float(np.sum(_weighted(np.abs(c), np.abs(y) + np.abs(start))[moving]))
        h = abs(step)
        return _Quotient(total / step, EPS * (noise + size * self._reach / h) / h, size / h)

    def relative_size(self) -> float:
        """Σ |cotangent · y| over the outputs that move, for a step of 1 or of the largest element if that is less."""
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

    `forward(*inputs, **settings)` returns an array or a tuple of them; `cotangents` has one array per output, of its
    shape. inputs of any float dtype are taken as float64, whole numbers as they are. `direction` has the shape of
    inputs[position]; several positions move together, as where one tensor is passed twice. About 70 calls of forward.
    Raises ValueError for a position without a derivative and for shapes that do not fit.
    """
    with np.errstate(all="ignore"):
        line = _Line(forward, inputs, settings, cotangents, position, direction)
        if not line.finite:
            return Derivative(math.nan, math.inf)
        return _settle(line)


def _settle(line: _Line) -> Derivative:
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
        # Just beside a kink that the steps reach across, the derivative is still one of the two.
        if exact_slope is not None and min(abs(exact_slope[0] - low), abs(exact_slope[0] - high)) <= slack:
            return Derivative(*exact_slope)
        return Derivative((low + high) / 2, (high - low) / 2 + sum(e for _, e in sides), (low, high))
    if exact_slope is not None and abs(exact_slope[0] - mean) <= error + exact_slope[1] + line.unseen:
        return Derivative(*exact_slope)
    return Derivative(mean, error)


def _extrapolate(rows: Iterable[tuple[float, float]], order: int) -> tuple[float, float]:
    """Ridders' table over halved steps, for an error in powers of h^order: the best entry and its error."""
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


def _complex_step(line: _Line) -> tuple[float, float] | None:
    """The derivative by imaginary steps and its error; None at a kink and where the forward does not admit them."""
    h = line.first_step * IMAGINARY_STEP
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            plus, minus, longer = line.slope(h), line.slope(-h), line.slope(1.5 * h)
    except Exception:
        return None  # whatever a forward does with complex numbers, the differences remain
    spread = max(abs(plus.value - minus.value), abs(plus.value - longer.value))
    if not spread <= 2.0**-40 * plus.size:
        return None
    return plus.value, SAFETY * spread + plus.noise


def ruling(
    op: Callable[..., Any],
    inputs: Sequence[Any],
    settings: Mapping[str, Any],
    cotangents: Sequence[Any],
    position: Position,
    index: tuple[int, ...],
    got: Number,
    want: Number,
    *,
    rounding: float | None = None,
    backend: str = "the backend",
) -> Ruling:
    """Rule on element `index` of the gradient towards inputs[position]: a backend has `got`, the hand-written `want`.

    `op` is hand-written: op(*inputs, **settings) returns (y, backward), whose backward is not called. inputs and
    cotangents (the gradients of its outputs) are as recorded, float32 or float64, labels as whole numbers. `rounding`
    is what the run's dtype may be off by, such as a certificate's radius; where it is not given, it is measured by how
    far the derivative moves when inputs and cotangents are nudged by an ulp. Raises what `derivative` raises, and
    IndexError for an index outside of the input.
    """
    got_value, want_value = float(got), float(want)
    positions = position if isinstance(position, tuple) else (position,)
    direction = np.zeros(np.shape(inputs[positions[0]]), np.float64)
    direction[index] = 1.0
    forward = _forward_of(op)
    found = derivative(forward, inputs, settings, cotangents, position, direction)
    limits = np.finfo(_run_dtype([*inputs, *cotangents]))
    low, high = found.interval or (found.value, found.value)
    if rounding is None:
        rounding = NUDGE_FACTOR * float(limits.eps) * max(abs(low), abs(high))
        if found.interval is None:
            rounding += _measured(forward, inputs, settings, cotangents, position, direction, found.value)
    # What underflows in the run's dtype is rightly 0 there.
    allowed = found.error - (high - low) / 2 + float(rounding) + float(limits.tiny)

    def fits(candidate: float) -> bool:
        if math.isinf(candidate):  # a number beyond the largest of the run's dtype is rightly infinite there
            return (high if candidate > 0 else -low) + allowed > float(limits.max)
        return low - allowed <= candidate <= high + allowed

    if not math.isfinite(found.value):
        right: Right = "undecided"
    elif found.interval is not None:
        right = "kink"
    else:
        right = _RIGHT[fits(got_value), fits(want_value)]
    decided = right != "undecided"
    return Ruling(
        right=right,
        derivative=number(found.value),
        allowed=number(allowed),
        interval=None if found.interval is None else (number(low), number(high)),
        got=number(got_value),
        want=number(want_value),
        got_fits=decided and fits(got_value),
        want_fits=decided and fits(want_value),
        text=_sentence(right, found, allowed, (got_value, fits(got_value)), (want_value, fits(want_value)), backend),
    )


_RIGHT: dict[tuple[bool, bool], Right] = {
    (True, True): "both",
    (True, False): "backend",
    (False, True): "hand-written",
    (False, False): "neither",
}
"""Who is right, by whether the backend's value fits and whether the hand-written one does."""


def _sentence(
    right: Right, found: Derivative, allowed: float, got: tuple[float, bool], want: tuple[float, bool], backend: str
) -> str:
    if right == "undecided":
        return "numerical differentiation finds no finite derivative here, so nothing is decided"
    values = [("the hand-written backward", *want), (backend, *got)]
    if found.interval is not None:
        low, high = found.interval
        said = [f"{name} has {value:.9g}, which is {'one' if fits else 'none'}" for name, value, fits in values]
        return f"at a kink any value between {low:.9g} and {high:.9g} is a subgradient: {', '.join(said)}"
    gives = f"numerical differentiation gives {found.value:.9g} ± {allowed:.1g}"
    if right == "both":
        return f"{gives}, which does not tell the hand-written {want[0]:.9g} from the {got[0]:.9g} of {backend}"
    said = [f"{name} is {'right' if fits else 'wrong'} with {value:.9g}" for name, value, fits in values]
    return f"{gives}: {', '.join(said)}"


def _measured(
    forward: Callable[..., Any],
    inputs: Sequence[Any],
    settings: Mapping[str, Any],
    cotangents: Sequence[Any],
    position: Position,
    direction: Array,
    value: float,
) -> float:
    """What rounding in the recorded dtype may do to a derivative: to what goes into it, and to the outputs.

    The latter because a backward may start from an output that was rounded, as tanh's 1 − y² does.
    """
    random = np.random.RandomState(0)  # the same question has the same answer
    eps = float(np.finfo(_run_dtype([*inputs, *cotangents])).eps)

    def nudged(array: Any) -> Array:
        moved = exact(array)
        if moved.dtype.kind == "f":
            moved *= 1 + eps * random.uniform(-1, 1, moved.shape)
        return moved

    moved = 0.0
    for _ in range(NUDGES):
        arrays, above = [nudged(x) for x in inputs], [nudged(c) for c in cotangents]
        other = derivative(forward, arrays, settings, above, position, direction)
        if other.interval is None and math.isfinite(other.value):
            moved = max(moved, abs(other.value - value))
    with np.errstate(all="ignore"):
        line = _Line(forward, inputs, settings, cotangents, position, direction)
    return NUDGE_FACTOR * moved + SAFETY * eps * line.relative_size()


def exact(array: Any) -> Array:
    """A recorded array of any shape in float64, or as it is where it holds whole numbers; always a copy."""
    copied: Array = np.array(array)
    return copied.astype(np.float64) if copied.dtype.kind == "f" else copied


def _run_dtype(arrays: Iterable[Any]) -> np.dtype[Any]:
    return np.result_type(*[a.dtype for a in map(np.asarray, arrays) if a.dtype.kind == "f"])


def _positions(position: Position, inputs: Sequence[Array]) -> tuple[int, ...]:
    positions = position if isinstance(position, tuple) else (position,)
    for i in positions:
        if inputs[i].dtype.kind != "f":
            raise ValueError(f"inputs[{i}] holds {inputs[i].dtype}: there is no derivative towards whole numbers")
    return positions


def _weighted(cotangent: Array, y: Array) -> Array:
    """cotangent · y, where an output that nothing arrives at counts nothing even if it is infinite."""
    weighted: Array = np.where(cotangent == 0, 0.0, cotangent * y)
    return weighted


@dataclass(frozen=True)
class Discrepancy:
    """A hand-written gradient that is not the derivative of its forward."""

    position: int
    where: str
    """At which inputs: "as given", "at kinks" or "with ties"."""
    index: tuple[int, ...] | None
    """The first wrong element; None for what is wrong with a whole gradient."""
    got: float
    derivative: Derivative
    text: str


def gradient_check(
    op: Callable[..., Any],
    inputs: Sequence[Any],
    settings: Mapping[str, Any],
    random: np.random.RandomState,
    *,
    kinks: Sequence[float] = (0.0,),
) -> list[Discrepancy]:
    """Check a hand-written backward against the derivatives of its forward; an empty list where all is right.

    `op(*inputs, **settings)` returns (y, backward); inputs are arrays of any shape, taken as float64, labels as whole
    numbers. Towards every float input, `DIRECTIONS` random directions with random cotangents each at the inputs as
    given; where one differs, and where inputs were put at `kinks` and made equal to each other, element by element,
    which takes some 70 forwards each: meant for small inputs. None as a gradient says that it is zero. Inputs put at
    kinks for which the forward is not finite are left out.
    """
    given = [exact(x) for x in inputs]
    found: list[Discrepancy] = []
    with np.errstate(all="ignore"):
        for position, x in enumerate(given):
            if x.dtype.kind == "f":
                found += _check_directions(op, given, settings, random, position)
                for where, varied in _variants(given, random, kinks):
                    found += _check_elements(op, varied, settings, random, position, where)[0]
    return found


def _variants(
    given: Sequence[Array], random: np.random.RandomState, kinks: Sequence[float]
) -> Iterable[tuple[str, list[Array]]]:
    """The inputs with half of their elements at a kink, or the same as their neighbours or as another input's."""

    def some(x: Array, of: Any) -> Array:
        return np.where(random.uniform(size=x.shape) < 0.5, of, x) if x.dtype.kind == "f" else x

    for kink in kinks:
        yield "at kinks", [some(x, kink) for x in given]
    yield "with ties", [some(x, np.roll(x, 1, axis=-1) if x.ndim else x) for x in given]
    alike = {x.shape: x for x in given if x.dtype.kind == "f"}
    yield "with ties", [some(x, alike.get(x.shape)) for x in given]


def _check_directions(
    op: Callable[..., Any],
    inputs: list[Array],
    settings: Mapping[str, Any],
    random: np.random.RandomState,
    position: int,
) -> list[Discrepancy]:
    """Random directions; where one differs the elements decide, since subgradients of several kinks do not add up."""
    for _ in range(DIRECTIONS):
        direction = np.asarray(random.standard_normal(inputs[position].shape))
        wrong, _ = _check_along(op, inputs, settings, _cotangents(op, inputs, settings, random), position, direction)
        if wrong is None:
            continue
        elements, kinked = _check_elements(op, inputs, settings, random, position, "as given")
        if elements or not kinked:
            return elements or [Discrepancy(position, "as given", None, *wrong)]
    return []


def _check_elements(
    op: Callable[..., Any],
    inputs: list[Array],
    settings: Mapping[str, Any],
    random: np.random.RandomState,
    position: int,
    where: str,
) -> tuple[list[Discrepancy], bool]:
    """The first wrong element, if any, and whether an element was at a kink."""
    cotangents = _cotangents(op, inputs, settings, random)
    kinked = False
    for index in np.ndindex(inputs[position].shape):
        direction = np.zeros(inputs[position].shape)
        direction[index] = 1.0
        wrong, found = _check_along(op, inputs, settings, cotangents, position, direction)
        if wrong is not None and (where == "as given" or math.isfinite(found.value)):
            return [Discrepancy(position, where, index, *wrong)], kinked
        kinked = kinked or found.interval is not None
    return [], kinked


def _cotangents(
    op: Callable[..., Any], inputs: list[Array], settings: Mapping[str, Any], random: np.random.RandomState
) -> list[Array]:
    y = op(*[x.copy() for x in inputs], **settings)[0]
    return [np.asarray(random.standard_normal(np.shape(part))) for part in (y if isinstance(y, tuple) else (y,))]


def _check_along(
    op: Callable[..., Any],
    inputs: list[Array],
    settings: Mapping[str, Any],
    cotangents: list[Array],
    position: int,
    direction: Array,
) -> tuple[tuple[float, Derivative, str] | None, Derivative]:
    """What is wrong with ⟨gradient, direction⟩: its value, the derivative and a sentence; and the derivative."""
    line = _Line(_forward_of(op), inputs, settings, cotangents, (position,), direction)
    found = _settle(line) if line.finite else Derivative(math.nan, math.inf)

    def wrong(got: float, text: str) -> tuple[tuple[float, Derivative, str], Derivative]:
        return (got, found, f"inputs[{position}]: {text}"), found

    gradient = _gradient(op, inputs, settings, cotangents, position)
    if isinstance(gradient, str):
        return wrong(math.nan, gradient)
    got = float(np.sum(gradient[direction != 0] * direction[direction != 0]))
    if not math.isfinite(found.value):
        return wrong(got, "numerical differentiation finds no finite derivative, so nothing was tested")
    low, high = found.interval or (found.value, found.value)
    # Rounding of the backward: what it adds up, what its cotangents may be off by, and outputs that it starts from.
    rounding = ROUNDING * float(np.sum(np.abs(gradient * direction)))
    rounding += SAFETY * NUDGE_FACTOR * EPS * line.relative_size()
    nudges = np.random.RandomState(0)
    for _ in range(NUDGES):
        above = [c * (1 + EPS * nudges.uniform(-1, 1, c.shape)) for c in cotangents]
        other = _gradient(op, inputs, settings, above, position)
        if not isinstance(other, str) and np.isfinite(other).all():
            rounding += NUDGE_FACTOR * abs(float(np.sum(other * direction)) - got)
    allowed = found.error - (high - low) / 2 + rounding
    if low - allowed <= got <= high + allowed:
        return None, found
    between = f"{found.value:.9g}" if found.interval is None else f"between {low:.9g} and {high:.9g}"
    return wrong(got, f"the backward has {got:.9g}, numerical differentiation {between} ± {allowed:.1g}")


def _gradient(
    op: Callable[..., Any], inputs: list[Array], settings: Mapping[str, Any], cotangents: list[Array], position: int
) -> Array | str:
    """The hand-written gradient towards one input, zeros for None; or what is wrong with it."""
    _, backward = op(*[x.copy() for x in inputs], **settings)
    gradients = backward(*[c.copy() for c in cotangents])
    if len(gradients) != len(inputs):
        return f"backward hands back {len(gradients)} gradients for {len(inputs)} inputs"
    gradient = gradients[position]
    gradient = gradient() if callable(gradient) else gradient
    if gradient is None:
        return np.zeros(inputs[position].shape)
    if np.shape(gradient) != inputs[position].shape:
        return f"its gradient is {np.shape(gradient)}, the input {inputs[position].shape}"
    return np.asarray(gradient)


def _forward_of(op: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *inputs, **settings: op(*inputs, **settings)[0]
