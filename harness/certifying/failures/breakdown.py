"""Where a hand-written op breaks down on a backend's own numbers, so that there is nothing to expect of the backend."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from backends.contract import Array
from backends.deferred import computed, of_given
from harness.certifying.check import Check, is_finite
from harness.certifying.uses import Expectation, Formulas, Use


def expected_elements(expectation: Expectation, check: Check, formulas: Formulas, dtype: str) -> Array:
    """Those of a failing check's elements, as a mask, of which the hand-written ops of `formulas` know better.

    They know nothing where their inputs are not finite, or where their outputs overflow. A gradient may also be
    infinite at a pole, as that of a root at 0: then they know the elements that they themselves get within the bound.
    """
    assert check.failing is not None
    nowhere, gradient, has_pole = np.zeros_like(check.failing), np.zeros(check.failing.shape), False
    for use in expectation.uses:
        if not all(map(is_finite, use.arrays)):
            return nowhere
        outputs, gradients = _computed(use, formulas, dtype)
        if not _are_finite(outputs):
            return nowhere
        has_pole |= not _are_finite(gradients)
        for (name, _), array in zip(use.inputs, gradients, strict=False):
            if name == expectation.node.of and array is not None:
                gradient = gradient + array
    if not has_pole:
        return check.failing
    error = np.abs(gradient - check.bound.midpoint)
    known: Array = check.failing & (error <= check.allowed)
    return known


def is_at_pole(expectation: Expectation, check: Check) -> bool:
    """Whether it is a gradient that is not finite though everything that goes in is."""
    return (
        expectation.node.kind == "gradient"
        and not is_finite(check.bound.midpoint)
        and all(is_finite(array) for use in expectation.uses for array in use.arrays)
    )


def _computed(use: Use, formulas: Formulas, dtype: str) -> tuple[Sequence[Any], Sequence[Any]]:
    """What an op or a rule makes of recorded arrays, in the run's dtype: its outputs, and the gradients of its inputs.

    There are gradients only if some arrive.
    """
    result = formulas[use.op](*[array for _, array in use.inputs], **use.settings)
    results = result if isinstance(result, tuple) else (result,)
    if not callable(results[-1]):
        return results, ()
    *outputs, backward = results
    if not use.arriving:
        return outputs, ()
    arriving = [array.astype(dtype) for _, array in use.arriving]
    return outputs, [computed(gradient) for gradient in of_given(backward(*arriving), len(use.inputs))]


def _are_finite(arrays: Iterable[Any]) -> bool:
    flat = [array for part in arrays for array in (part if isinstance(part, tuple) else (part,))]
    return all(array is None or is_finite(np.asarray(array)) for array in flat)
