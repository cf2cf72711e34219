"""Chainer's functions that would compute in any dtype and check that it is float32, in a model of float64."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import numpy as np

from backends.chainer_autograd.framework import chainer

MODULE = "chainer.functions.array.resize_images"
CLASSES = ("ResizeImages", "ResizeImagesGrad")
CHECK = "check_type_forward"


@contextmanager
def float64_taken() -> Iterator[None]:
    """Let them take float64 within: only a check of theirs refuses it. What else they refuse, they still do."""
    functions = [getattr(import_module(MODULE), name) for name in CLASSES]
    checks = [getattr(function, CHECK) for function in functions]
    for function, check in zip(functions, checks, strict=True):
        setattr(function, CHECK, _taking_float64(check))
    try:
        yield
    finally:
        for function, check in zip(functions, checks, strict=True):
            setattr(function, CHECK, check)


def _taking_float64(check: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """A check of images that asks no more of float64 than of float32."""
    type_check = chainer.utils.type_check

    def check_or_take(function: Any, in_types: Any) -> None:
        (images,) = in_types
        if type_check.eval(images.dtype) == np.float64:
            type_check.expect(images.ndim == 4)
        else:
            check(function, in_types)

    return check_or_take
