"""Questions to a store, in SQL that can only read: counts of verdicts by columns and settings, under a condition."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import InputError, did_you_mean
from harness.sweeping.rows import OUTCOMES
from harness.sweeping.store import COLUMNS, opened

SHOWN = tuple(column for column in ("id", *COLUMNS) if column not in ("settings", "document", "versions"))
"""The columns that a question may name; each setting is one more."""
READING = (
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
)


@dataclass(frozen=True)
class Groups:
    """The rows of a store that meet a condition, in groups of equal values."""

    by: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    """For each group the values of `by`, then what is known of it."""
    aggregates: tuple[str, ...]
    """The names of what is known of each group."""


AGGREGATES: dict[str, str] = {
    "runs": "count(*)",
    **{str(verdict): f"sum(verdict = '{verdict}')" for verdict in OUTCOMES},
    "checks": "sum(checks)",
    "failed": "sum(failed)",
    "worst_weight": "max(worst_weight)",
    "seconds": "sum(seconds)",
}
"""What is known of each group, and how it is computed."""


def grouped(path: Path, by: Sequence[str], where: str = "") -> Groups:
    """Group the runs of a store by columns or settings. Raises InputError for an unknown one, or for what is no SQL."""
    with opened(path) as connection:
        view = _View(connection)
        columns = [view.column(name) for name in by]
        aggregates = ", ".join(AGGREGATES.values())
        keys = ", ".join(columns)
        query = f"SELECT {keys}, {aggregates} FROM shown{view.condition(where)} GROUP BY {keys} ORDER BY {keys}"
        return Groups(tuple(by), view.answer(query, where), tuple(AGGREGATES))


def numbers_of(path: Path, where: str = "") -> list[int]:
    """The ids of the runs that meet a condition, in the order in which they finished; not those that crashed."""
    with opened(path) as connection:
        view = _View(connection)
        query = f"SELECT id, verdict FROM shown{view.condition(where)} ORDER BY id"
        return [number for number, verdict in view.answer(query, where) if verdict != "crashed"]


class _View:
    """The runs of a store with a column for each setting, behind a connection that may do nothing but read."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        keys = connection.execute("SELECT DISTINCT key FROM runs, json_each(runs.settings) ORDER BY key")
        own = {column.lower() for column in ("id", *COLUMNS)}
        self._settings: dict[str, str] = {}
        for (key,) in keys:
            name = key
            while name.lower() in own:  # SQL does not tell lr from LR
                name = f"set_{name}"
            own.add(name.lower())
            self._settings[name] = key
        extracted = "".join(
            f", (SELECT value FROM json_each(settings) WHERE key = {_text(key)}) AS {_name(name)}"
            for name, key in self._settings.items()
        )
        columns = ", ".join(SHOWN)
        connection.execute(f"CREATE TEMP VIEW shown AS SELECT {columns}{extracted} FROM runs")
        connection.set_authorizer(_only_reading)

    def column(self, name: str) -> str:
        """A column or a setting as SQL writes it. Raises InputError if there is none of this name."""
        known = [*SHOWN, *self._settings]
        if name not in known:
            raise InputError(f"there is no column {name!r}{did_you_mean(name, known)}")
        return _name(name)

    def condition(self, where: str) -> str:
        """The clause that keeps the rows of a condition; empty for all."""
        if not where.strip():
            return ""
        if not sqlite3.complete_statement(f"SELECT ({where}\n);"):
            raise InputError(f"--where {where!r} is no condition, as in \"lr > 0.01 and verdict != 'agree'\"")
        return f" WHERE ({where}\n)"

    def answer(self, query: str, where: str) -> list[tuple[Any, ...]]:
        """What SQLite answers. Raises InputError with its words where it can't."""
        try:
            return self._connection.execute(query).fetchall()
        except (sqlite3.Error, sqlite3.Warning) as error:
            if not where:
                raise
            columns = ", ".join((*SHOWN, *self._settings))
            raise InputError(f"--where {where!r}: {error}; the columns are {columns}") from error


def _only_reading(action: int, *_: str | None) -> int:
    return sqlite3.SQLITE_OK if action in READING else sqlite3.SQLITE_DENY


def _name(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _text(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
