"""The store: one SQLite file of finished runs, to which several commands may append at once.

Each run is appended in a transaction of its own, in SQLite's write-ahead log, so that whatever ends the process, what
was appended before stays. docs/sweeping.md describes the table for those who read it with other programs.
"""

import json
import re
import sqlite3
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from harness.documents import decoded_json
from harness.errors import InputError
from harness.files import check_writable, file_exists
from harness.reading import run_document
from harness.results import Document
from harness.sweeping.rows import Row

APPLICATION = 0x4C6B7374
"""What SQLite keeps in the file's header to tell whose it is: "Lkst"."""
MOST_BYTES = 2**30
"""More than a run takes; a damaged file may claim any size."""
WAIT = 60.0
"""Seconds that a second writer waits for the first one to finish its transaction."""

MIGRATIONS = (
    """
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        run TEXT NOT NULL,
        program TEXT NOT NULL,
        command TEXT NOT NULL,
        origin TEXT NOT NULL,
        finished TEXT NOT NULL,
        scenario TEXT NOT NULL,
        dtype TEXT NOT NULL,
        seed INTEGER NOT NULL,
        epochs INTEGER NOT NULL,
        batch_size INTEGER,
        optimizer TEXT NOT NULL,
        settings TEXT NOT NULL,
        backends TEXT NOT NULL,
        versions TEXT NOT NULL,
        verdict TEXT NOT NULL,
        headline TEXT NOT NULL,
        loss REAL,
        worst_loss REAL,
        worst_gradient REAL,
        worst_state REAL,
        worst_weight REAL,
        checks INTEGER NOT NULL,
        failed INTEGER NOT NULL,
        suspect INTEGER NOT NULL,
        unchecked INTEGER NOT NULL,
        culprits TEXT NOT NULL,
        seconds REAL NOT NULL,
        document BLOB
    );
    CREATE INDEX runs_by_content ON runs (run);
    """,
)
"""What makes a store of each version from one of the version before; the first starts from an empty file."""

COLUMNS = tuple(re.findall(r"^ {8}(?!id )(\w+) ", MIGRATIONS[0], re.MULTILINE))
"""The columns but for the id, which SQLite counts."""
INSERTION = f"INSERT INTO runs ({', '.join(COLUMNS)}) VALUES ({', '.join(f':{column}' for column in COLUMNS)})"


class Store:
    """A store that is open for appending and reading."""

    def __init__(self, path: Path) -> None:
        """Open a store, or make one where there is no file. Raises InputError if it is none or can't be written."""
        check_writable(path)
        self.path = path
        with _said(path), _closed_on_failure(_connected(path, read_only=False)) as self._connection:
            self._migrate()
            # A commit is in the log when it returns; only a failure of the machine itself may take the last ones.
            self._connection.execute("PRAGMA synchronous = NORMAL")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def append(self, *rows: Row) -> None:
        """Append finished runs in one transaction; if another process is appending, wait for it."""
        finished = datetime.now(UTC).isoformat(timespec="seconds")
        with _said(self.path), self._transaction():
            self._connection.executemany(INSERTION, [_values(row, finished) for row in rows])

    def outcomes(self) -> dict[str, str]:
        """The outcome of every run in the store by the hash of its content; of the last one where there are several."""
        with _said(self.path):
            return dict(self._connection.execute("SELECT run, verdict FROM runs ORDER BY id"))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _migrate(self) -> None:
        version = _version(self._connection, self.path)
        if version == len(MIGRATIONS):
            return
        if version == 0:
            self._begin_log()
        with self._transaction():
            for number in range(_version(self._connection, self.path), len(MIGRATIONS)):
                for statement in MIGRATIONS[number].split(";"):
                    self._connection.execute(statement)
            self._connection.execute(f"PRAGMA application_id = {APPLICATION}")
            self._connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")

    def _begin_log(self) -> None:
        """Begin the write-ahead log. SQLite itself does not wait where another process begins it at the same time."""
        started = time.monotonic()
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() - started > WAIT:
                    raise
                time.sleep(0.01)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")


def is_store(path: Path) -> bool:
    """Whether a path is that of a store: a file of SQLite, whatever its name, or a name that ends in .db."""
    if not file_exists(path):
        return path.suffix == ".db"
    try:
        with path.open("rb") as file:
            return file.read(16) == b"SQLite format 3\0"
    except OSError:  # whoever reads it next says why it can't be read
        return False


def read_run(path: Path, number: int) -> Document:
    """The run with this id. Raises InputError if there is none, if it crashed, or if its document does not fit."""
    with opened(path) as connection:
        found = connection.execute("SELECT headline, document FROM runs WHERE id = ?", (number,)).fetchone()
        if found is None:
            (most,) = connection.execute("SELECT max(id) FROM runs").fetchone()
            raise InputError(f"{path} has no run {number}" + (f"; its last one is {most}" if most else ": it is empty"))
    headline, document = found
    if document is None:
        raise InputError(f"run {number} of {path} crashed, so there is nothing to show: {headline}")
    where = Path(f"{path}:{number}")
    try:
        text = zlib.decompressobj().decompress(document, MOST_BYTES)
    except (zlib.error, TypeError) as error:
        raise InputError(f"{where} is damaged: {error}") from error
    return run_document(decoded_json(text, str(where)), where)


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that can only read. Raises InputError if the file is no store, or for what goes wrong in it."""
    if not file_exists(path):
        raise InputError(f"there is no file {path}")
    with _said(path):
        connection = _connected(path, read_only=True)
        try:
            _version(connection, path)
            yield connection
        finally:
            connection.close()


def _connected(path: Path, *, read_only: bool) -> sqlite3.Connection:
    with _said(path):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}",
            uri=True,
            timeout=WAIT,
            isolation_level=None,  # every transaction begins and ends where it is written
        )
        with _closed_on_failure(connection):
            connection.execute("PRAGMA schema_version")  # the first read finds out whether it is a database
        return connection


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """The version of a store; 0 for an empty file. Raises InputError for another program's file, or a newer one."""
    # The tables first: another process may be making them, and with them what is read next.
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if tables and application != APPLICATION:
        raise InputError(f"{path} is a database of another program")
    if version > len(MIGRATIONS):
        raise InputError(f"{path} is a store of version {version}, and this Lockstep reads up to {len(MIGRATIONS)}")
    return int(version)


@contextmanager
def _closed_on_failure(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    try:
        yield connection
    except BaseException:
        connection.close()
        raise


@contextmanager
def _said(path: Path) -> Iterator[None]:
    """Raise InputError for what SQLite says of a file."""
    try:
        yield
    except sqlite3.Error as error:
        raise InputError(f"{path}: {error}") from error


def _values(row: Row, finished: str) -> dict[str, Any]:
    """The values of a row's columns."""
    values: dict[str, Any] = {column: getattr(row, column, None) for column in COLUMNS}
    values |= {f"worst_{kind}": row.worst.get(kind) for kind in ("loss", "gradient", "state", "weight")}
    values |= {column: json.dumps(dict(getattr(row, column))) for column in ("settings", "versions")}
    return values | {"finished": finished, "backends": _listed(row.backends), "culprits": "; ".join(row.culprits)}


def _listed(names: Iterable[str]) -> str:
    return ",".join(names)
