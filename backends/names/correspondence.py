"""One line of the table from Chainer's public names to PyTorch: expressions that are shown and run as they stand."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from backends.contract import Array

Kind = Literal["function", "link", "optimizer", "hook"]
Status = Literal["identical", "differs", "no counterpart"]
KINDS: tuple[Kind, ...] = ("function", "link", "optimizer", "hook")

MODULES: Mapping[str, Kind] = {
    "chainer.functions": "function",
    "chainer.links": "link",
    "chainer.optimizers": "optimizer",
    "chainer.optimizer_hooks": "hook",
}
"""Chainer's modules of public names."""
SHORT = {
    "F": "chainer.functions",
    "L": "chainer.links",
    "optimizers": "chainer.optimizers",
    "optimizer_hooks": "chainer.optimizer_hooks",
}
"""What expressions call these modules."""


@dataclass(frozen=True)
class Draw:
    """How an input is drawn: normally, uniformly from `low` to `high`, as integers, or these values.

    "whole" draws whole numbers as float32, which holds their products and sums exactly: for functions without float64.
    """

    kind: Literal["normal", "uniform", "integers", "whole", "values"]
    shapes: tuple[tuple[int, ...], ...] = ()
    """A proof is run once for each; an input with fewer shapes than another starts over."""
    low: float = 0
    high: float = 1
    array: tuple[object, ...] = ()

    def draw(self, random: np.random.RandomState, variant: int) -> Array:
        """A new array, float64, int32 or float32 where the draw is whole, of the shape number `variant`."""
        if self.kind == "values":
            array = np.array(self.array)
            return array.astype(np.int32) if array.dtype.kind == "i" else array
        shape = self.shapes[variant % len(self.shapes)]
        if self.kind == "integers":
            return random.randint(int(self.low), int(self.high), shape).astype(np.int32)
        if self.kind == "whole":
            return random.randint(-4, 5, shape).astype(np.float32)
        return np.asarray(random.randn(*shape) if self.kind == "normal" else random.uniform(self.low, self.high, shape))


def normal(*shape: int) -> Draw:
    """Numbers around 0, of one shape."""
    return Draw("normal", (shape,))


def uniform(low: float, high: float, *shape: int) -> Draw:
    """Numbers between two, of one shape; of several shapes where none is given."""
    return Draw("uniform", (shape,) if shape else SEVERAL, low, high)


def integers(high: int, *shape: int, low: int = 0) -> Draw:
    """Integers from `low` to below `high`."""
    return Draw("integers", (shape,), low, high)


def whole(*shape: int) -> Draw:
    """Whole numbers in float32."""
    return Draw("whole", (shape,))


def values(*array: object) -> Draw:
    """The values that are given."""
    return Draw("values", array=array)


SEVERAL = ((3, 4), (2, 3, 5), (2, 1, 3, 2))
"""The shapes of inputs to functions of single elements."""
ANY = Draw("normal", SEVERAL)
POSITIVE = Draw("uniform", SEVERAL, 0.5, 2)
BETWEEN = Draw("uniform", SEVERAL, -0.9, 0.9)


@dataclass(frozen=True, kw_only=True)
class Correspondence:
    """A public name of Chainer, and what to write in PyTorch.

    The expressions of a function compute its result from the inputs. Those of a link make it, and `use` computes the
    result; if `weights` is None, PyTorch's computes the result from the inputs and from Chainer's weights. Those of an
    optimizer make it, from `params` in PyTorch; those of a hook run before an update.
    """

    name: str
    """Chainer's full name."""
    status: Status
    chainer: str
    """Chainer's expression: F is chainer.functions, L is chainer.links."""
    torch: str
    """PyTorch's expression that computes the same, or in words what to use instead if `unproven` says why."""
    naive: str | None = None
    """The obvious expression, which computes something else."""
    how: str = ""
    """What differs, or what to know, in a sentence."""
    difference: str | None = None
    """The entry of the catalogue of differences that says more; without inputs, its code is the proof."""
    inputs: Mapping[str, Draw] = field(default_factory=dict)
    weights: Mapping[str, str] | None = None
    """For each weight of PyTorch's module, an expression of Chainer's weights: `upward_W` is `link.upward.W`."""
    use: tuple[str, str] = ("link(x)", "module(x)")
    """What computes the result in Chainer and in PyTorch, for a link, and for a function that `weights` belong to."""
    training: bool = True
    """What chainer.config.train is set to."""
    requires: str | None = None
    """The package that Chainer computes it with, which has to be installed for the proof."""
    unproven: str | None = None
    """Why no code proves this line; None if code does."""

    @property
    def kind(self) -> Kind:
        """The kind of thing that the name names."""
        return MODULES[self.name.rpartition(".")[0]]

    @property
    def is_proven_by_entry(self) -> bool:
        """Whether the code of the difference that it names is its whole proof."""
        if self.kind in ("function", "link"):
            return self.difference is not None and not self.inputs
        return self.difference is not None and self.naive is None

    @property
    def is_whole(self) -> bool:
        """Whether it is proven on whole numbers in float32."""
        return any(draw.kind == "whole" for draw in self.inputs.values())

    @property
    def variants(self) -> int:
        """How many times the proof is run, each time with inputs of other shapes."""
        return max((len(draw.shapes) for draw in self.inputs.values() if draw.shapes), default=1)

    def draw(self, random: np.random.RandomState, variant: int) -> dict[str, Array]:
        """The inputs, drawn anew."""
        return {name: draw.draw(random, variant) for name, draw in self.inputs.items()}


def identical(
    chainer: str,
    torch: str,
    *,
    how: str = "",
    weights: Mapping[str, str] | None = None,
    use: tuple[str, str] = ("link(x)", "module(x)"),
    training: bool = True,
    requires: str | None = None,
    given: Mapping[str, Draw] | None = None,
    **inputs: Draw,
) -> Correspondence:
    """A line whose obvious expression computes the same."""
    return Correspondence(
        name=_name(chainer),
        status="identical",
        chainer=chainer,
        torch=torch,
        how=how,
        weights=weights,
        use=use,
        training=training,
        requires=requires,
        inputs={**(given or {}), **inputs},
    )


def differs(
    chainer: str,
    torch: str,
    naive: str | None = None,
    *,
    how: str = "",
    difference: str | None = None,
    weights: Mapping[str, str] | None = None,
    use: tuple[str, str] = ("link(x)", "module(x)"),
    training: bool = True,
    given: Mapping[str, Draw] | None = None,
    **inputs: Draw,
) -> Correspondence:
    """A line whose obvious expression, `naive`, computes something else. Without inputs the difference proves it."""
    return Correspondence(
        name=_name(chainer),
        status="differs",
        chainer=chainer,
        torch=torch,
        naive=naive,
        how=how,
        difference=difference,
        weights=weights,
        use=use,
        training=training,
        inputs={**(given or {}), **inputs},
    )


def no_counterpart(
    chainer: str,
    torch: str,
    *,
    how: str = "",
    difference: str | None = None,
    use: tuple[str, str] = ("link(x)", "module(x)"),
    training: bool = True,
    requires: str | None = None,
    given: Mapping[str, Draw] | None = None,
    **inputs: Draw,
) -> Correspondence:
    """A line without a single call of PyTorch: the expression is what to write instead."""
    return Correspondence(
        name=_name(chainer),
        status="no counterpart",
        chainer=chainer,
        torch=torch,
        how=how,
        difference=difference,
        use=use,
        training=training,
        requires=requires,
        inputs={**(given or {}), **inputs},
    )


def unproven(chainer: str, torch: str, why: str, *, status: Status = "no counterpart") -> Correspondence:
    """A line that no code proves, and why."""
    return Correspondence(name=_name(chainer), status=status, chainer=chainer, torch=torch, unproven=why)


def _name(expression: str) -> str:
    """The full name of the first thing of Chainer in an expression."""
    found = re.search(r"\b(F|L|optimizers|optimizer_hooks)\.(\w+)", expression)
    if found is None:
        raise ValueError(f"{expression!r} names nothing of Chainer")
    return f"{SHORT[found[1]]}.{found[2]}"
