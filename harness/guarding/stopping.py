"""Ctrl-C told apart from a KeyboardInterrupt of a user's code, the time that it may take, and its os._exit()."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn, Protocol

from harness.errors import InputError, ProcessExit

REPEATED_EVERY = 1.0
"""Seconds after which code that has caught the end of its time is told again."""


class Exit(Protocol):
    """os._exit(), or what stands in for it."""

    def __call__(self, status: int) -> NoReturn:
        """End the process."""


def refusal_to_exit(exit_process: Exit) -> Exit:
    """Return what stands in for os._exit() while a user's code runs: it raises ProcessExit.

    In a process that this code has forked, it ends that process.
    """
    process = os.getpid()

    def refuse(status: int) -> NoReturn:
        if os.getpid() != process:
            exit_process(status)
        raise ProcessExit(status)

    return refuse


class OutOfTime(BaseException):
    """A user's code has taken more than its time. No Exception, so that `except Exception` doesn't stop it."""


class _Interrupts:
    """Whether the user pressed Ctrl-C, as far as it is known."""

    def __init__(self) -> None:
        self.are_noted = False
        self.arrived = False

    def note(self, number: int, frame: FrameType | None) -> None:
        self.arrived = True
        raise KeyboardInterrupt


_interrupts = _Interrupts()


@contextmanager
def interrupts_noted() -> Iterator[None]:
    """Note every Ctrl-C within this context, so that a KeyboardInterrupt of a user's code is not taken for one.

    Without effect where the program handles Ctrl-C in its own way, and outside of the main thread, where none arrives.
    """
    if not _is_main_thread() or _interrupts.are_noted:
        yield
        return
    handler = signal.getsignal(signal.SIGINT)
    if handler not in (signal.default_int_handler, signal.SIG_IGN):
        yield
        return
    if handler is not signal.SIG_IGN:  # else none arrives, as in a shell's background job
        signal.signal(signal.SIGINT, _interrupts.note)
    _interrupts.are_noted, _interrupts.arrived = True, False
    try:
        yield
    finally:
        _interrupts.are_noted, _interrupts.arrived = False, False
        signal.signal(signal.SIGINT, handler)


def was_interrupted() -> bool:
    """Whether Ctrl-C was pressed, even if a user's code has caught it."""
    return _interrupts.arrived


def may_come_from_the_keyboard() -> bool:
    """Whether a KeyboardInterrupt that has just been raised may be the user's."""
    return _interrupts.arrived or (_is_main_thread() and not _interrupts.are_noted)


class Clock:
    """The time that each turn of a user's code may take."""

    def __init__(self) -> None:
        self.seconds: float | None = None
        """None: any time."""
        self.ran_out = False
        self._runs = False

    def start(self) -> None:
        """Begin a turn."""
        self.ran_out, self._runs = False, True
        assert self.seconds is not None
        signal.setitimer(signal.ITIMER_REAL, self.seconds, REPEATED_EVERY)

    def stop(self) -> None:
        """End a turn."""
        self._runs = False  # first: an alarm may come before the next line
        signal.setitimer(signal.ITIMER_REAL, 0.0)

    def alarm(self, number: int, frame: FrameType | None) -> None:
        """Handle SIGALRM."""
        if self._runs:
            self.ran_out = True
            raise OutOfTime


clock = Clock()
"""The process has one timer, and so one clock."""


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Let each turn of a user's code take this many seconds within this context: an import, an update; None: any time.

    Raises InputError where no turn can be interrupted: outside of the main thread, and on Windows.
    """
    if seconds is None:
        yield
        return
    if not hasattr(signal, "setitimer"):
        raise InputError("a timeout needs signal.setitimer, which this system does not have")
    if not _is_main_thread():
        raise InputError("a timeout works in the main thread only; leave it out in other threads")
    before, handler = clock.seconds, signal.signal(signal.SIGALRM, clock.alarm)
    clock.seconds = seconds
    try:
        yield
    finally:
        clock.seconds = before
        signal.signal(signal.SIGALRM, handler)


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
