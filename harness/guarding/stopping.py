"""Ctrl-C and SIGTERM told apart from what a user's code raises, the time that it may take, and its os._exit()."""

import os
import signal
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn, Protocol

from harness.errors import InputError, ProcessExit

STOPS = (signal.SIGINT, signal.SIGTERM)
"""The signals that ask a program to stop: Ctrl-C, and that of `kill` and `timeout`."""
REPEATED_EVERY = 1.0
"""Seconds after which code that has caught the end of its time is told again."""


class Exit(Protocol):
    """os._exit(), or what stands in for it."""

    def __call__(self, status: int) -> NoReturn:
        """End the process."""


def other_threads() -> frozenset[int | None]:
    """The threads that run beside this one, by their identities."""
    return frozenset(thread.ident for thread in threading.enumerate()) - {threading.get_ident()}


def refusal_to_exit(exit_process: Exit, others: Collection[int | None]) -> Exit:
    """Return what stands in for os._exit() while a user's code runs: it raises ProcessExit.

    In a process that this code has forked, it ends that process. A thread that ran before the code did may still end
    this process: a worker's does when its parent has died.

    others: the threads that ran before the code did.
    """
    process = os.getpid()

    def refuse(status: int) -> NoReturn:
        if os.getpid() != process or threading.get_ident() in others:
            exit_process(status)
        raise ProcessExit(status)

    return refuse


class OutOfTime(BaseException):
    """A user's code has taken more than its time. No Exception, so that `except Exception` doesn't stop it."""


class _Stop:
    """The signal that asked the program to stop, as far as it is known."""

    def __init__(self) -> None:
        self.is_noted = False
        """Whether it would be known."""
        self.signal: signal.Signals | None = None

    def note(self, number: int, frame: FrameType | None) -> None:
        self.signal = signal.Signals(number)
        raise KeyboardInterrupt


_stop = _Stop()


@contextmanager
def stops_noted(*signals: signal.Signals) -> Iterator[None]:
    """Note these signals within this context, so that a KeyboardInterrupt of a user's code is not taken for one.

    Each raises KeyboardInterrupt, as Ctrl-C does. A signal that the program handles in its own way, or ignores, stays
    as it is. Without effect outside of the main thread, where none arrives, and within another such context.
    """
    if not _is_main_thread() or _stop.is_noted:
        yield
        return
    before = {number: signal.getsignal(number) for number in signals}
    if before.get(signal.SIGINT) not in (None, signal.default_int_handler, signal.SIG_IGN):
        yield
        return
    noted = [number for number, handler in before.items() if handler in (signal.default_int_handler, signal.SIG_DFL)]
    for number in noted:
        signal.signal(number, _stop.note)
    _stop.is_noted, _stop.signal = True, None
    try:
        yield
    finally:
        _stop.is_noted, _stop.signal = False, None
        for number in noted:
            signal.signal(number, before[number])


class Deferral:
    """A stop that was asked for and is still to come."""

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None
        """The first signal; None if there was none."""


@contextmanager
def stops_deferred(*signals: signal.Signals) -> Iterator[Deferral]:
    """Only note the first of these signals within this context, so that what is in flight can be finished.

    A second one does what the first would have done. Without effect outside of the main thread.
    """
    deferral = Deferral()
    if not _is_main_thread():
        yield deferral
        return
    before = {number: signal.getsignal(number) for number in signals}

    def note(number: int, frame: FrameType | None) -> None:
        deferral.signal = signal.Signals(number)
        put_back()

    def put_back() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    for number in signals:
        signal.signal(number, note)
    try:
        yield deferral
    finally:
        put_back()


def stopped_by() -> signal.Signals | None:
    """The signal that asked the program to stop, even if a user's code has caught it; None if none did."""
    return _stop.signal


def may_come_from_the_keyboard() -> bool:
    """Whether a KeyboardInterrupt that has just been raised may be the user's."""
    return _stop.signal is not None or (_is_main_thread() and not _stop.is_noted)


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
