"""Sends a function to other processes together with the user's code that it needs, which is not installed there.

Such code is sent by value. It keeps the names of its files, and their text goes with it, since tensors have the names
that the text assigns them to, and messages name its lines.
"""

import io
import linecache
import pickle
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import cloudpickle

from harness.errors import InputError
from harness.recording.users_files import USERS_FILES
from harness.sweeping.sources import PACKAGES, SUITE


def packed(function: Callable[..., Any]) -> bytes:
    """A function as bytes, with the code of the user's files and of what they import from beside them.

    Raises InputError if something in them can't be sent, such as an open file.
    """
    content = io.BytesIO()
    pickler = _Pickler(content)
    with ExitStack() as stack:
        for module in _users_modules():
            stack.enter_context(_by_value(module))
        try:
            pickler.dump(function)
        except Exception as error:
            files = ", ".join(USERS_FILES.values()) or "this"
            raise InputError(
                f"{files} can't be sent to other processes: {error}; with --workers 1 all runs are made in this one"
            ) from error
    sources = {file: "".join(linecache.getlines(file)) for file in sorted(pickler.files)}
    return pickle.dumps((sources, content.getvalue()))


@lru_cache(maxsize=4)
def unpacked(content: bytes) -> Callable[..., Any]:
    """The function, in the process that receives it."""
    from backends.compatibility.chainer import install_stand_ins  # what a user's file finds when it is loaded

    install_stand_ins()
    sources, pickled = pickle.loads(content)
    for file, text in sources.items():
        linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    function: Callable[..., Any] = pickle.loads(pickled)
    return function


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc]
    """Keeps the file of code that is sent by value, which cloudpickle leaves out."""

    def __init__(self, file: io.BytesIO) -> None:
        reducers: Mapping[type, Callable[..., Any]] = cloudpickle.Pickler.dispatch_table
        self._reduce_code = reducers[CodeType]
        self.files: set[str] = set()
        """The files of all that code."""
        self.dispatch_table = {**reducers, CodeType: self._code_with_its_file}  # before __init__, which looks it up
        super().__init__(file)

    def _code_with_its_file(self, code: CodeType) -> tuple[Any, ...]:
        self.files.add(code.co_filename)
        make, arguments = self._reduce_code(code)[:2]
        return _made_in, (code.co_filename, make, arguments)


def _made_in(file: str, make: Callable[..., CodeType], arguments: tuple[Any, ...]) -> CodeType:
    return make(*arguments).replace(co_filename=file)


def _users_modules() -> Iterator[ModuleType]:
    """The modules of the user's files, and those that stand beside one and are not installed."""
    files = {Path(file).resolve() for file in USERS_FILES}
    folders = {file.parent for file in files}
    for module in list(sys.modules.values()):
        name = getattr(module, "__file__", None)
        if not isinstance(module, ModuleType) or name is None:
            continue
        file = Path(name).resolve()
        of_the_suite = SUITE in file.parents and module.__name__.partition(".")[0] in PACKAGES
        beside = any(folder in file.parents for folder in folders) and "site-packages" not in file.parts
        if file in files or (beside and not of_the_suite and module.__name__ != "__main__"):
            yield module


@contextmanager
def _by_value(module: ModuleType) -> Iterator[None]:
    cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        cloudpickle.unregister_pickle_by_value(module)
