"""The streams of the command: stdout is for its data alone, and a reader that goes away is no error."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from harness.errors import InputError
from harness.guarding.printing import stray_output_to

STDOUT, STDERR = 1, 2
"""Their file descriptors."""


@contextmanager
def data_alone_on_stdout() -> Iterator[None]:
    """Send to stderr what a user's code prints, by whatever way; only what the command writes goes to stdout.

    The command writes to `sys.stdout`, as ever, which is then a stream of its own. File descriptor 1, which compiled
    code and subprocesses write to, stays pointed at stderr until the process ends. Where stdout is no file, as in a
    test that captures it, only what is printed through `sys.stdout` is sent elsewhere.

    Raises InputError if stdout can't be written to.
    """
    if sys.stdin is None:
        # Keeps descriptor 0 taken: a pipe that got it would be closed by child processes.
        os.open(os.devnull, os.O_RDONLY)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            os.open(os.devnull, os.O_WRONLY)  # takes the free number, which another file would get
            setattr(sys, name, io.TextIOWrapper(io.BufferedWriter(_Closed(name)), "utf-8", line_buffering=True))
    if not _is_descriptor(sys.stdout, STDOUT):
        with stray_output_to(sys.stderr):
            yield
        return
    sys.stdout.flush()
    data = _text(os.dup(STDOUT), "stdout", like=sys.stdout)
    if _is_descriptor(sys.stderr, STDERR):
        os.dup2(STDERR, STDOUT)
        sys.stderr = _text(STDERR, "stderr", like=sys.stderr)
        stray = _text(STDERR, "stderr", like=sys.stderr)
    else:
        _discard(STDOUT)
        stray = _text(STDOUT, "stderr", like=sys.stdout)
    sys.stdout = data
    try:
        with stray_output_to(stray):
            yield
    finally:
        data.flush()
        sys.stdout = stray  # what a user's code prints when the process ends


def give_stdout_back() -> None:
    """Point file descriptor 1 at stdout again, for a program that takes this one's place, or that this one starts."""
    with suppress(AttributeError, OSError, ValueError):
        sys.stdout.flush()
        os.dup2(sys.stdout.fileno(), STDOUT)


def _is_descriptor(stream: TextIO | None, number: int) -> bool:
    """Whether a stream, if there is one, writes to this file descriptor."""
    with suppress(AttributeError, OSError, ValueError):
        return stream is not None and stream.fileno() == number
    return False


def _text(descriptor: int, name: str, *, like: TextIO | None = None) -> TextIO:
    """A stream to a file descriptor, with the encoding of another; it never closes the descriptor."""
    return io.TextIOWrapper(
        io.BufferedWriter(_Output(descriptor, name)),
        encoding=like.encoding if like else "utf-8",
        errors=like.errors if like else "replace",
        line_buffering=True,
    )


class _Output(io.FileIO):
    """Writes to a file descriptor; after an error, to nowhere."""

    def __init__(self, descriptor: int, title: str) -> None:
        super().__init__(descriptor, "w", closefd=False)
        self._title = title

    def write(self, data: object) -> int:
        try:
            return super().write(data)  # type: ignore[arg-type]
        except OSError as error:
            _discard(self.fileno())
            if isinstance(error, BrokenPipeError):  # its reader has seen enough, as `head` has
                return memoryview(data).nbytes  # type: ignore[arg-type]
            raise InputError(f"can't write to {self._title}: {error.strerror}") from error


class _Closed(io.RawIOBase):
    """Stands for a stream that is closed, and says on stderr, once, that what goes to stdout is lost."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._is_told = title == "stderr"

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        if not self._is_told:
            self._is_told = True
            print("lockstep: stdout is closed, and what is written to it is lost", file=sys.stderr)
        return memoryview(data).nbytes  # type: ignore[arg-type]


def _discard(descriptor: int) -> None:
    """Point a file descriptor at nothing."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
