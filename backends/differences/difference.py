"""One difference between Chainer and PyTorch: what each documents, and code that proves it."""

import inspect
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from backends.contract import Array
from backends.differences.running import (
    Result,
    chainer_expression,
    chainer_trajectory,
    least_squares,
    torch_expression,
    torch_trajectory,
)

Kind = Literal["optimizer", "loss", "layer", "default", "tie", "shape"]
Version = Literal["in_chainer", "naive", "normalised", "normalised_chainer"]

Matters = Callable[[Mapping[str, Any]], bool]

SEED = 0


def always(settings: Mapping[str, Any]) -> bool:
    """Whatever the settings are."""
    return True


@dataclass(frozen=True, kw_only=True)
class Code:
    """The same thing in Chainer and in PyTorch, as a user would write it.

    Every function takes tensors of its framework and returns one or several; their values and gradients are compared.
    An entry without `inputs` is about optimizers: its functions take the model (Chainer) or the list of parameters
    (PyTorch) and return an optimizer, or an optimizer and a function to call after every update.
    """

    in_chainer: Callable[..., Any]
    naive: Callable[..., Any]
    """The obvious translation to PyTorch, which computes something else."""
    normalised: Callable[..., Any] | None
    """The translation that computes the same; None if no call of PyTorch does."""
    normalised_chainer: Callable[..., Any] | None = None
    """The Chainer code that `normalised` agrees with instead of `in_chainer`, if it is Chainer's side that changes."""
    inputs: Callable[[np.random.RandomState], tuple[Array, ...]] | None = None


@dataclass(frozen=True, kw_only=True)
class Difference:
    """An entry of the catalogue."""

    name: str
    kind: Kind
    title: str
    chainer: str
    """Chainer's call with the defaults that matter, and after a colon what the signature doesn't say."""
    torch: str
    code: Code
    raises: type[Exception] | None = None
    """What the naive translation raises, if it raises."""
    instead: str | None = None
    """What to use if nothing in PyTorch computes the same."""
    matters: Matters = always
    """Whether it is about a call of a subject with these settings, under the names that captured calls share."""
    also: tuple[str, ...] = ()
    """Chainer's names of what else it is about, such as a link that holds the one that it shows."""

    @property
    def subjects(self) -> tuple[str, ...]:
        """Chainer's names of what it is about, such as `chainer.links.BatchNormalization`."""
        return (self.chainer.partition("(")[0], *self.also)

    def run(self, version: Version) -> Result:
        """Run one of the functions in float64, always on the same inputs."""
        function = getattr(self.code, version)
        arrays = (self.code.inputs or least_squares)(np.random.RandomState(SEED))
        return self._runner(version)(function, arrays)

    def sources(self) -> Mapping[Version, str]:
        """The source of each function that the entry has."""
        versions: tuple[Version, ...] = ("in_chainer", "naive", "normalised", "normalised_chainer")
        functions = {version: getattr(self.code, version) for version in versions}
        return {
            version: textwrap.dedent(inspect.getsource(function)) for version, function in functions.items() if function
        }

    def _runner(self, version: Version) -> Callable[..., Result]:
        by_chainer = version in ("in_chainer", "normalised_chainer")
        if self.code.inputs is None:
            return chainer_trajectory if by_chainer else torch_trajectory
        return chainer_expression if by_chainer else torch_expression


def difference(
    kind: Kind,
    *,
    chainer: str,
    torch: str,
    raises: type[Exception] | None = None,
    instead: str | None = None,
    matters: Matters = always,
    also: tuple[str, ...] = (),
) -> Callable[[Callable[[], Code]], Difference]:
    """Make an entry from a function that returns its code; the function's name and docstring become name and title."""

    def entry(function: Callable[[], Code]) -> Difference:
        return Difference(
            name=function.__name__,
            kind=kind,
            title=" ".join(inspect.cleandoc(function.__doc__ or "").split()),
            chainer=chainer,
            torch=torch,
            code=function(),
            raises=raises,
            instead=instead,
            matters=matters,
            also=also,
        )

    return entry
