"""A user's code in its turns: what it sets in the process holds for itself alone, and it can't end the run.

Before each turn the settings that it made in earlier ones come into force; after it, those of everyone else do again.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

from harness.errors import Ended
from harness.guarding.stopping import clock, may_come_from_the_keyboard, other_threads, refusal_to_exit, stopped_by

if TYPE_CHECKING:
    from backends.process import Switch


class _Watched:
    """Switches, and how they are read fast."""

    def __init__(self, switches: "Sequence[Switch]") -> None:
        self.switches = switches
        self.reads: Sequence[Callable[[], Any]] = [switch.read for switch in switches]
        self.places = {switch: place for place, switch in enumerate(switches)}
        self.unsteady = [place for switch, place in self.places.items() if not switch.is_steady]


@cache
def _watched(*, all_of_them: bool) -> _Watched:
    """All switches, or those that are quick to read."""
    from backends.process import SWITCHES  # on first use: it imports NumPy, and naming a backend should not

    return _Watched([switch for switch in SWITCHES if all_of_them or switch.is_quick])


class _Own(NamedTuple):
    """Settings before a guest changed some of them, and after."""

    before: Any
    after: Any

    def over(self, everyones: Any) -> Any:
        """Everyone's settings of now, but for those that the guest changed."""
        if not isinstance(everyones, tuple):
            return self.after
        return tuple(
            [
                others if mine == before else mine
                for others, before, mine in zip(everyones, self.before, self.after, strict=True)
            ]
        )


@dataclass
class Guest:
    """Code that runs in this process and belongs to someone else: a backend, or a scenario."""

    changes: list[str] = field(default_factory=list)
    """What it changed for the whole process, had it not been put back, in words that follow its name."""
    settings: "dict[Switch, _Own]" = field(default_factory=dict)
    """What it set when it was imported, which holds whenever it runs."""
    is_trusted: bool = False
    """Whether it is the suite's own code, which sets nothing in the process and need not be watched."""

    def importing(self) -> "Stay":
        """The stay in which it is imported; what it sets there it inherits."""
        return _Import(self, _watched(all_of_them=True))

    def stay(self) -> "Stay":
        """A new stay, such as one training."""
        if self.is_trusted:
            return Stay(self, _Watched([]))
        return Stay(self, _watched(all_of_them=not all(switch.is_quick for switch in self.settings)))

    def setting_up(self) -> "Stay":
        """A stay in which it sets up the process for everyone, as the number of threads; nothing is put back."""
        return Stay(Guest(self.changes), _Watched([]))


class Stay:
    """Turns of a guest, one after the other: what it sets in one holds in the next, and for nobody else.

    A turn is a `with` block. It raises Ended, in place of what would have ended the process: SystemExit, a
    KeyboardInterrupt that is not the user's, another BaseException, a call of os._exit(), or the end of the time that a
    turn may take. Other exceptions pass through.
    """

    def __init__(self, guest: Guest, watched: _Watched) -> None:
        self._guest = guest
        self._watched = watched
        self._own = dict(guest.settings)
        self._everyones = [read() for read in watched.reads]
        self._is_timed = False
        self._others = other_threads()

    def __enter__(self) -> None:
        for place in self._watched.unsteady:
            self._everyones[place] = self._watched.reads[place]()
        for switch, own in self._own.items():
            switch.write(own.over(self._everyones[self._watched.places[switch]]))
        self._exit, os._exit = os._exit, refusal_to_exit(os._exit, self._others)
        self._is_timed = clock.seconds is not None
        if self._is_timed:
            clock.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._is_timed:
            clock.stop()
        os._exit = self._exit
        now = [read() for read in self._watched.reads]
        if self._own or now != self._everyones:
            self._put_back(now)
        if stopped_by() is not None:
            raise KeyboardInterrupt
        if self._is_timed and clock.ran_out:
            raise Ended(error or TimeoutError(), clock.seconds).with_traceback(traceback)
        if error is None or isinstance(error, Exception):
            return
        if not (isinstance(error, KeyboardInterrupt) and may_come_from_the_keyboard()):
            raise Ended(error).with_traceback(traceback) from error

    def _put_back(self, now: Sequence[Any]) -> None:
        """Keep what the guest has set in this turn, and restore what holds for everyone."""
        for place, (switch, settings) in enumerate(zip(self._watched.switches, now, strict=True)):
            if settings is None:
                continue
            if self._everyones[place] is None:
                self._everyones[place] = switch.fresh(settings)
            everyones = self._everyones[place]
            if settings != (self._own[switch].over(everyones) if switch in self._own else everyones):
                self._note(switch.changes(everyones, settings))
                self._own[switch] = _Own(everyones, settings)
            if settings != everyones:
                switch.write(everyones)
            else:
                self._own.pop(switch, None)

    def _note(self, changes: Iterable[str]) -> None:
        self._guest.changes += [change for change in changes if change not in self._guest.changes]


class _Import(Stay):
    """The turn in which a guest is imported."""

    def _put_back(self, now: Sequence[Any]) -> None:
        super()._put_back(now)
        self._guest.settings = {switch: own for switch, own in self._own.items() if switch.is_inherited}
