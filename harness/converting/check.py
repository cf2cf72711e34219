"""Runs both models on one input, in float64, with the weights of the file and the converted ones."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from backends.contract import Array
from harness.converting.models import UsersModel
from harness.errors import InputError

TOLERANCE = 1e-9
"""What two results in float64 may be off by, relative to the largest element: far more than rounding, far less than a
setting that differs."""


@dataclass(frozen=True)
class Checked:
    """How far the results of two models are apart, relative to the largest element."""

    shape: tuple[int, ...]
    """Of the input."""
    off_by: float

    @property
    def agrees(self) -> bool:
        """Whether it is no more than rounding; never if a number is missing."""
        return self.off_by <= TOLERANCE


def check(
    before: tuple[UsersModel, Mapping[str, Array]],
    after: tuple[UsersModel, Mapping[str, Array]],
    shape: tuple[int, ...] | None,
) -> Checked:
    """Compare what two models, each with its arrays, make of one random input.

    Raises InputError where the input's shape isn't known or the results have different shapes, and Crashed where the
    models' own code fails.
    """
    models = (after[0], before[0])
    shape = shape or _input_shape(models)
    try:
        x = _drawn(models, shape)
    except (MemoryError, ValueError) as error:  # NumPy raises the latter for more than an address can say
        raise InputError(f"an input of shape {shape} is too large: {error}") from error
    results = []
    for model, arrays in (before, after):
        own = _of_model(model, arrays)
        model.run(lambda model=model, own=own: model.live.load(own), "the loading of the weights")  # type: ignore[misc]
        results.append(
            model.run(lambda model=model: model.live.forward(x), f"the forward pass for an input of shape {x.shape}")  # type: ignore[misc]
        )
    shapes = [[array.shape for array in arrays] for arrays in results]
    if shapes[0] != shapes[1]:
        raise InputError(
            f"for an input of shape {x.shape}, {before[0].specification} gives {shapes[0]} "
            f"and {after[0].specification} gives {shapes[1]}"
        )
    offs = [_off_by(mine, theirs) for mine, theirs in zip(*results, strict=True)]
    return Checked(x.shape, float(np.max(offs)) if offs else float("nan"))


def _of_model(model: UsersModel, arrays: Mapping[str, Array]) -> Mapping[str, Array]:
    """All arrays of a model, also out of a file of what held the model, such as a classifier its predictor."""
    wanted = model.live.described().shapes
    starts = {re.split(r"[/.]", key)[0] for key in arrays}
    if len(starts) == 1 and not wanted.keys() <= arrays.keys():
        arrays = {key[len(next(iter(starts))) + 1 :]: array for key, array in arrays.items()}
    missing = [key for key in wanted if key not in arrays]
    if missing:
        rest = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise InputError(f"{model.specification} can't be checked without {', '.join(missing[:3])}{rest}")
    return arrays


def _off_by(mine: Array, theirs: Array) -> float:
    """The largest difference, relative to the largest element; NaN where either has NaN."""
    largest = np.max(np.abs(mine), initial=0.0)
    difference = np.max(np.abs(mine - theirs), initial=0.0)
    return float(difference / largest) if largest != 0 else float(difference)


def _input_shape(models: tuple[UsersModel, UsersModel]) -> tuple[int, ...]:
    """The shape that the first layer of one of the models takes."""
    shapes = [shape for model in models if (shape := model.live.input_shape()) is not None]
    if not shapes:
        raise InputError(
            f"the shape of the input of {models[0].specification} isn't known: give it with --input, as 1,3,224,224"
        )
    return shapes[0]


def _drawn(models: tuple[UsersModel, UsersModel], shape: tuple[int, ...]) -> Array:
    """Integers for models that look rows up, else normal numbers."""
    drawn = np.random.default_rng(1)
    rows = max(model.live.rows_looked_up() for model in models)
    return drawn.integers(0, rows, shape) if rows else drawn.normal(size=shape)
