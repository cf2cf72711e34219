"""Mistakes in sums: another axis, or a term that is missing, counted twice, negated or alone."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from backends.contract import Array
from harness.explaining.causes import Cause, Rank
from harness.explaining.computation import Make, Values
from harness.explaining.wrong_element import WrongElement
from harness.numerics.written.nodes import Element, Node, Summed

WAYS = (
    ("the sum without its {}", 0.0, 1.0),
    ("the sum with its {} twice", 2.0, 1.0),
    ("the sum with the wrong sign on its {}", -1.0, 1.0),
    ("the {} of the sum alone", 1.0, 0.0),
)
"""A mistake with a term: its words, the factor on the term, and the factor on all others."""

MOST_TERMS_TRIED = 32

MOST_SUMMED = 200_000
"""The largest number of results times terms for which the last term of every sum is looked up."""


def wrong_sum(target: WrongElement, node: Node, step: Element) -> Iterator[Cause]:
    """Yield the mistakes in one sum."""
    if isinstance(node, Summed) and len(step.terms):
        yield from _over_another_axis(target, node, step)
        yield from _overwritten(target, node, step)
        yield from _wrong_terms(target, node, step)


def _over_another_axis(target: WrongElement, node: Summed, step: Element) -> Iterator[Cause]:
    settings = node.function.keywords if isinstance(node.function, partial) else {}
    if settings.get("axis") is None:
        return
    (summed,) = node.operands
    name = target.array_name(summed) or target.writing.name(step.term(0)[0])
    axes = {int(axis) % summed.value.ndim for axis in np.atleast_1d(settings["axis"])}
    for axis in sorted(axes):
        for other in sorted(set(range(summed.value.ndim)) - axes):
            changed = tuple(axes - {axis} | {other})
            over = partial(node.function, axis=changed if len(changed) > 1 else other)
            description = f"got comes out if the sum of {name} is over axis {other}, not over axis {axis}"
            yield target.cause(Rank.MOVED, description, node, lambda values, over=over: over(values[summed]))  # type: ignore[misc]


def _overwritten(target: WrongElement, node: Summed, step: Element) -> Iterator[Cause]:
    """= instead of +=, in a scattered sum, whose results may have different numbers of terms."""
    if len(node.operands) > 1 or isinstance(node.function, partial):
        return  # a product, or a sum along axes
    (summed,) = node.operands
    if node.value.size * summed.value.size > MOST_SUMMED:
        return
    positions = [node.positions(index)[0] for index in np.ndindex(node.value.shape)]
    last = [int(places[-1]) if len(places) else summed.value.size for places in positions]

    def make(values: Values) -> Array:
        return np.append(values[summed].ravel(), 0.0)[last].reshape(node.value.shape)

    term = target.writing.written_term(step.term(len(step.terms) - 1))
    phrase = f"the last term of the sum alone, {term}: it overwrites the others, = for +="
    yield target.cause(Rank.STRUCTURE, target.got(step, phrase), node, make)


def _wrong_terms(target: WrongElement, node: Summed, step: Element) -> Iterator[Cause]:
    """A mistake with one term of every sum; over several axes, with the first term, or an end of one axis."""
    first = node.operands[0].value
    places = np.unravel_index(node.positions(step.index)[0], first.shape)
    summed = [axis for axis, along in enumerate(places) if np.ptp(along)]
    for axis in summed:
        length = first.shape[axis]
        if len(np.unique(places[axis])) < length:
            continue  # a window that moves along the axis
        for phrase, factor, other_factor in WAYS:
            for k in _candidates(target, step, factor, other_factor) if len(summed) == 1 else (0, length - 1):
                which = {0: "first", length - 1: "last", 1: "second", 2: "third"}.get(k, f"{k + 1}th")
                if len(summed) == 1:
                    description = f"{phrase.format(f'{which} term')}, {target.writing.written_term(step.term(k))}"
                else:
                    name = target.array_name(node.operands[0]) or "what it sums"
                    description = phrase.format(f"{which} terms along axis {axis} of {name}")
                weights = np.full([length if a == axis else 1 for a in range(first.ndim)], other_factor)
                weights.flat[k] = factor
                yield target.cause(Rank.STRUCTURE, target.got(step, description), node, _weighted(node, weights))
    if len(summed) > 1 and all(len(np.unique(places[axis])) == first.shape[axis] for axis in summed):
        alone = np.zeros([length if axis in summed else 1 for axis, length in enumerate(first.shape)])
        alone.flat[0] = 1.0
        description = f"the first term of the sum alone, {target.writing.written_term(step.term(0))}"
        yield target.cause(Rank.STRUCTURE, target.got(step, description), node, _weighted(node, alone))


def _candidates(target: WrongElement, step: Element, factor: float, other_factor: float) -> list[int]:
    """The terms that account for `got` if the sum is the result; otherwise the first and the last."""
    terms, index, observation = step.terms, target.index, target.observation
    if not target.is_result(step):
        return [0, len(terms) - 1]
    error = np.abs(other_factor * step.value + (factor - other_factor) * terms - observation.got[index])
    return [int(k) for k in np.flatnonzero(error <= observation.tolerance(observation.got)[index])[:MOST_TERMS_TRIED]]


def _weighted(node: Summed, weights: Array) -> Make:
    def make(values: Values) -> Array:
        first, *others = (values[operand] for operand in node.operands)
        return node.function(first * weights, *others)

    return make
