"""Where a saved run is: a JSON file of `--json`, or one row of a store, named `FILE.db:ID`."""

from pathlib import Path

from harness.errors import InputError
from harness.reading import read_document
from harness.results import Document
from harness.sweeping.store import is_store, read_run


def row_at(address: Path) -> tuple[Path, int] | None:
    """The store and the id that `FILE.db:ID` names; None for anything else."""
    text, colon, number = str(address).rpartition(":")
    return (Path(text), int(number)) if colon and number.isdecimal() and is_store(Path(text)) else None


def run_at(address: Path) -> Document:
    """The saved run at an address. Raises InputError if there is none, or if a whole store is named."""
    if (row := row_at(address)) is not None:
        return read_run(*row)
    if is_store(address):
        raise InputError(f"{address} is a store of many runs; name one of them, as {address}:1")
    return read_document(address)
