"""Leaves PyTorch's compiler unimported for as long as nothing is compiled.

Optimizers import it, which takes as long as half of PyTorch: to have it skip `add_param_group` and `zero_grad`, and to
cut its graphs around `step`. Unless somebody has imported it, nothing is being compiled, so there is nothing to skip or
to cut. As soon as it is imported, by `torch.compile` or whatever else, every optimizer is as PyTorch made it.
"""

import sys
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import torch
from torch.optim import Optimizer

COMPILER = "torch._dynamo"
SKIPPED = ("add_param_group", "zero_grad", "state_dict", "load_state_dict")
"""The methods of an optimizer that the compiler is told to skip."""
CUT = "_use_grad"
"""The function of PyTorch that cuts the compiler's graphs before and after a step."""


def leave_compiler_unimported() -> None:
    """Have PyTorch's optimizers work without the compiler until it is imported. Does nothing where it already is.

    A method that another release of PyTorch made in another way is left as it is.
    """
    if COMPILER in sys.modules:
        return
    for name in SKIPPED:
        skipped: Any = vars(Optimizer).get(name)
        if hasattr(skipped, "__wrapped__"):
            setattr(Optimizer, name, _either(skipped, skipped.__wrapped__))
    for optimizer in _optimizers():
        step = vars(optimizer)["step"]
        if getattr(step, "__code__", None) is not None and step.__code__.co_name == CUT:
            optimizer.step = _either(step, _uncut(step.__wrapped__))  # type: ignore[method-assign]


def _optimizers() -> Iterator[type[Optimizer]]:
    """PyTorch's optimizers that have a step of their own."""
    for each in vars(torch.optim).values():
        if isinstance(each, type) and issubclass(each, Optimizer) and "step" in vars(each):
            yield each


def _either(original: Callable[..., Any], plain: Callable[..., Any]) -> Callable[..., Any]:
    """The plain function for as long as the compiler is not imported, and then the original."""

    @wraps(original)
    def call(*arguments: Any, **settings: Any) -> Any:
        function = original if COMPILER in sys.modules else plain
        return function(*arguments, **settings)

    return call


def _uncut(step: Callable[..., Any]) -> Callable[..., Any]:
    """A step with gradients off, or on where it is to be differentiated itself."""

    def uncut(optimizer: Optimizer, *arguments: Any, **settings: Any) -> Any:
        with torch.set_grad_enabled(optimizer.defaults["differentiable"]):
            return step(optimizer, *arguments, **settings)

    return uncut
