"""Rounding bounds: for each element of an array, how far a computation in the run's dtype may end from it.

`Bounds` hold for every array computed by the same formula in that dtype, whatever the order of its sums:
|computed − midpoint| ≤ radius. They hold for the exact value, too.

Several additions in a row make one sum, because `x @ w + b` may be summed with b first. So Bounds store two things
separately: the radii that the terms already had (`inherited`), and what is needed to bound the rounding of the sum
itself. That is the sum of the terms' sizes (`magnitude`) and the number of roundings that a term may pass through
(`depth`):

    radius = inherited + γ(depth)·(magnitude + 2·inherited)

(`inherited` counts twice, since magnitudes are computed in the run's dtype, from midpoints that may have underflowed
there.) After a single rounding (depth 1) the magnitude is |midpoint|, which stays sharp where terms cancel. A radius
that is infinite or NaN means that there is no bound: the value may overflow, or be anything.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Self, TypeVar

import numpy as np

from backends.contract import Array
from harness.numerics.blocks import in_blocks
from harness.numerics.rounding import FEW_ELEMENTS, SLACK, Arithmetic
from harness.numerics.stacking.stacked import all_of, as_array

ULP, TINY, LARGEST = 2.0**-52, 2.0**-1074, float(np.finfo(np.float64).max)
"""No less than a unit in the last place of a float64 number, as a share of it; the smallest positive number, and the
largest one."""

Places = tuple[Array, ...]
"""Of some elements of an array, the indices along each axis."""


class Unsupported(TypeError):
    """A NumPy function that has no rounding bound."""


class Magnitude:
    """Σ|terms| of a value, computed on first use and then kept, since forward and backward both need an input's.

    Later sums refer to this and not to the array, whose elements may have been assigned to by then.
    """

    __slots__ = ("_array", "_compute", "_operands")

    def __init__(self, compute: Callable[..., Array], *operands: Array | Magnitude) -> None:
        self._compute, self._operands = compute, operands
        self._array: Array | None = None

    def __call__(self) -> Array:
        """Compute it, or return what was computed before."""
        if self._array is None:
            self._compute_all()
        return _known(self)

    def _compute_all(self) -> None:
        """Compute this and what it needs, in a loop: a weight's gradient is a sum as long as the weight has uses."""
        waiting = [self]
        while waiting:
            magnitude = waiting[-1]
            missing = [each for each in magnitude._operands if isinstance(each, Magnitude) and each._array is None]
            if missing:
                waiting += missing
                continue
            waiting.pop()
            if magnitude._array is None:
                magnitude._array = magnitude._compute(*map(_known, magnitude._operands))
                magnitude._operands = ()

    @property
    def is_computed(self) -> bool:
        """Whether somebody asked for it."""
        return self._array is not None

    def largest(self) -> float:
        """The largest of all, for which the sizes of an array need not be computed one by one."""
        if self._array is None and self._compute is np.abs:
            (operand,) = self._operands
            if isinstance(operand, np.ndarray):
                return largest_size(operand)
        return largest_size(self())


class SizesOfProducts(Magnitude):
    """Σ|products| of a sum of products, computed in the run's dtype and rounded up from there.

    Where less will do there are `some`, what a part of the products add up to, and `at_most`, which none exceeds.
    """

    __slots__ = ("_factors", "_round_up", "_terms", "computed", "some")

    def __init__(
        self,
        round_up: Callable[[Array], Array],
        computed: Magnitude,
        some: Magnitude | None,
        factors: tuple[Magnitude, Magnitude],
        terms: int,
    ) -> None:
        super().__init__(round_up, computed)
        self._round_up = round_up
        self.computed = computed
        self.some = some
        self._factors = factors
        self._terms = terms

    def largest(self) -> float:
        """The largest of all."""
        return float(self._round_up(np.max(self.computed(), initial=0)))

    def at_most(self) -> float:
        """A number that none of them exceeds."""
        one, other = (factor.largest() for factor in self._factors)
        return float(self._round_up(np.asarray(self._terms * one * other)))


def _known(operand: Array | Magnitude) -> Array:
    array = operand._array if isinstance(operand, Magnitude) else operand
    assert array is not None
    return array


class Radius:
    """A radius that each element has by itself, computed when somebody asks: for all elements, or for a few.

    `compute` works element by element, and never gives less where the size of an operand's element is larger.
    """

    __slots__ = ("_array", "_compute", "_operands")

    def __init__(self, compute: Callable[..., Array], *operands: Array) -> None:
        self._compute, self._operands = compute, operands
        self._array: Array | None = None

    def __call__(self) -> Array:
        """That of all elements."""
        if self._array is None:
            self._array = self._compute(*self._operands)
        return self._array

    def at(self, places: Places) -> Array:
        """That of these elements."""
        return self._compute(*(operand[places] for operand in self._operands))

    def widest(self) -> float:
        """No less than the largest of all."""
        return float(self._compute(*(np.asarray(largest_size(operand)) for operand in self._operands)))


class Bounds:
    """Midpoints in float64, and how far a computation in `arithmetic.dtype` may end from them.

    midpoint: float64, any shape.
    inherited: the terms' own radii, of the same shape; None if there are none, as for recorded values.
    sizes: Σ|terms|, of the same shape; None means |midpoint|.
    depth: the number of roundings of the sum that a term may pass through; 0 for what is not a sum.
    share: what part of its size each term's own radius is at least, by the formula alone, whatever the numbers are.
    """

    __slots__ = ("_inherited", "arithmetic", "depth", "midpoint", "share", "sizes")

    def __init__(
        self,
        midpoint: Array,
        arithmetic: Arithmetic,
        inherited: Array | Radius | None = None,
        sizes: Magnitude | None = None,
        depth: float = 0,
        share: float = 0.0,
    ) -> None:
        self.midpoint = as_array(midpoint)
        self.arithmetic = arithmetic
        self._inherited = inherited if inherited is None or isinstance(inherited, Radius) else as_array(inherited)
        self.sizes = Magnitude(np.abs, self.midpoint) if sizes is None else sizes
        self.depth = depth
        self.share = share

    def like(
        self,
        midpoint: Array,
        inherited: Array | Radius | None = None,
        sizes: Magnitude | None = None,
        depth: float = 0,
        share: float = 0.0,
    ) -> Self:
        """Other bounds of the same type in the same arithmetic."""
        return type(self)(midpoint, self.arithmetic, inherited, sizes, depth, share)

    @property
    def inherited(self) -> Array | None:
        """The terms' own radii; None if there are none."""
        if isinstance(self._inherited, Radius):
            self._inherited = inherited = as_array(self._inherited())
            return inherited
        return self._inherited

    @property
    def unasked(self) -> Array | Radius | None:
        """The terms' own radii, which nobody may have asked for yet."""
        return self._inherited

    @property
    def magnitude(self) -> Array:
        """Σ|terms|, which is |midpoint| for what is not a sum."""
        return self.sizes()

    @property
    def radius(self) -> Array | None:
        """How far a computed value may be from the midpoint; None if it is exact."""
        return self._radius(self.arithmetic.gamma(self.depth))

    @property
    def likely_radius(self) -> Array | None:
        """The probabilistic bound, which is smaller than `radius` where many terms were summed."""
        return self._radius(self.arithmetic.likely(self.depth))

    def _radius(self, growth: float) -> Array | None:
        if self.depth == 0:
            return self.inherited
        inherited = self.inherited
        passed_on = SLACK + 2 * growth
        share = growth if inherited is None else growth / passed_on

        # In place where possible: large temporaries are what certificates spend their time on.
        def grown(sizes: Array, inherited: Array | None = None) -> Array:
            if self.depth == 1:
                sizes *= share
            if inherited is not None:
                sizes += inherited
                sizes *= passed_on
            return sizes

        sizes = as_array(np.abs(self.midpoint) if self.depth == 1 else self.magnitude * share)
        radius = in_blocks(grown, sizes, *(() if inherited is None else (inherited,)))
        return self.arithmetic.bounding(radius, growth)

    @property
    def exact(self) -> bool:
        """Whether the radius is 0: for values as they were recorded, and selections of them."""
        return self._inherited is None and self.depth == 0

    @property
    def surely_allowed(self) -> float:
        """The share of its size that each element's radius is at least, and its likely radius, too.

        It follows from the formula and the shapes alone: another update of its form has the same share, whatever
        its numbers are.
        """
        return max(self.share + self.arithmetic.likely(self.depth), 0.0) if self.depth else self.share

    def radius_at(self, places: Places) -> Array | None:
        """The radius of some elements of what was rounded once."""
        assert self.depth == 1
        inherited = self._inherited
        some = (
            inherited.at(places) if isinstance(inherited, Radius) else None if inherited is None else inherited[places]
        )
        return self.like(self.midpoint[places], some, depth=1).radius

    def no_radius_above(self, largest: float) -> float:
        """A number that no radius of what was rounded once exceeds, if it is not infinite; no midpoint is larger."""
        assert self.depth == 1
        inherited = self._inherited
        own = (
            inherited.widest()
            if isinstance(inherited, Radius)
            else 0.0
            if inherited is None
            else largest_size(inherited)
        )
        growth = self.arithmetic.gamma(1)
        return (largest * growth + own * (1 + 2 * growth)) * SLACK * SLACK

    def holds(self, array: Array) -> bool:
        """Whether every element of an array of this shape is within a finite radius of its midpoint."""
        error, radius = np.abs(np.subtract(array, self.midpoint, dtype=np.float64)), or_zero(self.radius)
        return bool(((error <= radius) & (radius < np.inf)).all())

    def settled(self) -> Self:
        """The same bounds as of a value that is not a sum, for operations that are not additive."""
        return self if self.depth == 0 else self.like(self.midpoint, self.radius, share=self.surely_allowed)


def largest_size(array: Array) -> float:
    """The largest absolute value; NaN if there is one, 0 of no elements."""
    array = all_of(array)
    if array.size > FEW_ELEMENTS:
        return max(float(array.max()), -float(array.min()))
    return max(float(array.item(array.argmax())), -float(array.item(array.argmin()))) if array.size else 0.0


ANY_SHARE = math.inf
"""The share of zeros that the code makes up: a radius is never less than any share of 0."""
NO_SHARE = -math.inf
"""The share of a sum with a number that may be 0 at other updates, where it adds nothing and rounds nothing."""


AnyBounds = TypeVar("AnyBounds", bound=Bounds)
"""Bounds or a subclass, for results of the same type as an operand."""


def plus(a: Array | None, b: Array | None) -> Array | None:
    """The sum of two radii, either of which may be None for 0."""
    if a is None or b is None:
        return b if a is None else a
    return a + b


def or_zero(radius: Array | None) -> Array:
    """A radius as an array that broadcasts."""
    return np.zeros(()) if radius is None else radius


def interval(x: Bounds) -> tuple[Array, Array]:
    """The lowest and the highest value that x may have, rounded outward."""
    radius = x.radius
    if radius is None:
        return x.midpoint, x.midpoint
    return below(x.midpoint - radius), above(x.midpoint + radius)


def hull(low: Array, high: Array, like: AnyBounds, share: float) -> AnyBounds:
    """The interval from low to high as a rounded midpoint and a radius; NaN if it is infinite."""
    middle = low + (high - low) / 2
    return like.like(middle, above(np.maximum(high - middle, middle - low)), share=share)


def below(array: Array) -> Array:
    """Numbers that are one to two units in the last place smaller; infinities stay as they are.

    np.nextafter takes ten times as long.
    """
    return array - _unit_of(array)


def above(array: Array) -> Array:
    """Numbers that are one to two units in the last place larger; infinities stay as they are."""
    return array + _unit_of(array)


def _unit_of(array: Array) -> Array:
    """No less than a unit in the last place of each number, and finite."""
    return np.minimum(np.abs(array), LARGEST) * ULP + TINY
