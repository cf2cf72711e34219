"""What a user calls for the functions that Chainer applies: one public function may apply several, in other classes."""

import sys
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from backends.chainer_autograd.framework import F, chainer

CHAINER = str(Path(chainer.__file__).parent)
CAPTURE = str(Path(__file__).parent)


def functions_being_called() -> tuple[str, ...]:
    """The public functions that are being executed, up to the line that is not Chainer's own; the innermost first."""
    found: dict[str, None] = {}
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith((CHAINER, CAPTURE)):
        found.update(dict.fromkeys(_functions().get(frame.f_code, ())))
        frame = frame.f_back
    return tuple(found)


def name_of_link(kind: type) -> str:
    """The public link that a class is or is derived from, such as `chainer.links.Linear`; empty if there is none."""
    names = (base.__name__ for base in kind.__mro__ if getattr(chainer.links, base.__name__, None) is base)
    return next((f"chainer.links.{name}" for name in names), "")


@cache
def _functions() -> dict[CodeType, list[str]]:
    """All names of each function of chainer.functions, by its code."""
    names: dict[CodeType, list[str]] = {}
    for name in dir(F):
        function: Any = getattr(F, name)
        if hasattr(function, "__code__"):
            names.setdefault(function.__code__, []).append(f"chainer.functions.{name}")
    return names
