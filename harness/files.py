"""Writes files whole or not at all, and reads JSON."""

import contextlib
import os
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from harness.errors import InputError


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write text or bytes to a file; a failure leaves the old file untouched. Raises InputError."""
    temporary: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            temporary = Path(file.name)
            file.write(content if isinstance(content, bytes) else content.encode())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()
        raise InputError(f"can't write {path}: {error.strerror}") from error


def read_json(path: Path) -> Any:
    """What a JSON file holds. Raises InputError if it can't be read or is not JSON."""
    try:
        return msgspec.json.decode(path.read_bytes())
    except OSError as error:
        raise InputError(f"can't read {path}: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not JSON: {error}") from error


def check_writable(path: Path) -> None:
    """Raise InputError if a file could not be written there, before a long run is spent on it."""
    if path.is_dir():
        raise InputError(f"can't write {path}: it is a folder")
    if not path.parent.is_dir():
        raise InputError(f"can't write {path}: there is no folder {path.parent}")
    if not os.access(path.parent, os.W_OK):
        raise InputError(f"can't write {path}: no permission to write in {path.parent}")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
