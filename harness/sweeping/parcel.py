"""Sends a function to other processes together with the user's code that it needs, which is not installed there."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import cloudpickle

from harness.errors import InputError
from harness.recording.loading import USERS_FILES


def packed(function: Callable[..., Any]) -> bytes:
    """A function as bytes, with the code of the user's files and of what they import from beside them.

    Raises InputError if something in them can't be sent, such as an open file.
    """
    with ExitStack() as stack:
        for module in _users_modules():
            stack.enter_context(_by_value(module))
        try:
            return bytes(cloudpickle.dumps(function))
        except Exception as error:
            files = ", ".join(USERS_FILES.values())
            raise InputError(
                f"{files} can't be sent to other processes: {error}; with --workers 1 all runs are made in this one"
            ) from error


@lru_cache(maxsize=4)
def unpacked(content: bytes) -> Callable[..., Any]:
    """The function, in the process that receives it."""
    from backends.chainer_compatibility import install_stand_ins  # what a user's file finds when it is loaded

    install_stand_ins()
    function: Callable[..., Any] = cloudpickle.loads(content)
    return function


def _users_modules() -> Iterator[ModuleType]:
    """The modules of the user's files, and those that stand beside one and are not installed."""
    files = {Path(file).resolve() for file in USERS_FILES}
    folders = {file.parent for file in files}
    suite = Path(__file__).resolve().parents[2]
    for module in list(sys.modules.values()):
        name = getattr(module, "__file__", None)
        if not isinstance(module, ModuleType) or name is None:
            continue
        file = Path(name).resolve()
        of_the_suite = suite in file.parents and module.__name__.partition(".")[0] in _PACKAGES
        beside = any(folder in file.parents for folder in folders) and "site-packages" not in file.parts
        if file in files or (beside and not of_the_suite and module.__name__ != "__main__"):
            yield module


_PACKAGES = frozenset(("backends", "harness", "lockstep", "reports", "scenarios", "tests"))
"""What is installed wherever the suite is."""


@contextmanager
def _by_value(module: ModuleType) -> Iterator[None]:
    cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        cloudpickle.unregister_pickle_by_value(module)
