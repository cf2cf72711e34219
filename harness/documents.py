"""Reads JSON documents, also damaged and hostile ones: what is wrong is one sentence with its path in the document."""

import os
import select
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from harness.errors import InputError, escaped

STDIN = Path("-")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
PATIENCE = 5.0
"""Seconds that a named pipe may stay without a writer."""

T = TypeVar("T")


def read_json(path: Path) -> Any:
    """What a JSON file holds, or stdin, named `-`. Raises InputError if it can't be read or is not JSON."""
    return decoded_json(_read(path), _title(path))


def decoded_json(content: bytes, title: str) -> Any:
    """What JSON text holds, with or without a byte order mark. Raises InputError, with its title, if it is none."""
    try:
        return msgspec.json.decode(content.removeprefix(BYTE_ORDER_MARK))
    except RecursionError as error:
        raise InputError(f"{title} is not JSON that can be read: it is nested too deeply") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{title} is not JSON: {error}") from error


def schema_of(decoded: Any) -> Any:
    """The schema that decoded JSON names; None if it names none."""
    return decoded.get("schema") if isinstance(decoded, dict) else None


def document_of(
    decoded: Any, path: Path, kind: type[T], schema: str, what: str, problems: Callable[[T], Iterator[str]]
) -> T:
    """A document from the decoded JSON of a file, with control characters in its texts escaped.

    `what` is what a message calls it, and `problems` finds what does not fit together in it, in sentences.

    Raises InputError for JSON of another schema, for what is missing or of a wrong type, and for the first problem.
    """
    named = schema_of(decoded)
    if named != schema:
        raise InputError(f"{_title(path)} is not a {what} of lockstep: its schema is {named!r}, not {schema!r}")
    broken = f"{_title(path)} is a broken {schema} document"
    try:
        document = msgspec.convert(decoded, kind)
        for problem in problems(document):
            raise InputError(f"{broken}: {problem}")
        if all(escaped(text) == text for text in _texts(decoded)):
            return document
        return msgspec.convert(_with_escapes(decoded), kind)
    except msgspec.ValidationError as error:
        raise InputError(f"{broken}: {error}") from error
    except RecursionError as error:
        raise InputError(f"{broken}: it is nested too deeply") from error


def is_printable(text: str) -> bool:
    """Whether a text is a name: not empty, on one line, and without characters that a terminal obeys or hides."""
    return bool(text) and text.isprintable()


def _texts(decoded: Any) -> Iterator[str]:
    """Every string in decoded JSON. A list that begins with a number is one of numbers."""
    if isinstance(decoded, str):
        yield decoded
    elif isinstance(decoded, dict):
        yield from decoded
        for value in decoded.values():
            yield from _texts(value)
    elif isinstance(decoded, list) and not (decoded and isinstance(decoded[0], int | float)):
        for value in decoded:
            yield from _texts(value)


def _with_escapes(decoded: Any) -> Any:
    if isinstance(decoded, str):
        return escaped(decoded)
    if isinstance(decoded, dict):
        return {escaped(key): _with_escapes(value) for key, value in decoded.items()}
    return [_with_escapes(value) for value in decoded] if isinstance(decoded, list) else decoded


def _title(path: Path) -> str:
    return "stdin" if path == STDIN else str(path)


def _read(path: Path) -> bytes:
    if path == STDIN:
        return sys.stdin.buffer.read()
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as file:
            mode = os.fstat(descriptor).st_mode
            if stat.S_ISFIFO(mode):
                _wait_for_writer(descriptor, path)
            elif not stat.S_ISREG(mode):
                raise InputError(f"can't read {path}: it is a device")
            return file.read()
    except ValueError as error:  # a NUL in the name
        raise InputError(f"can't read {str(path)!r}: {error}") from error
    except OSError as error:
        raise InputError(f"can't read {path}: {error.strerror}") from error


def _wait_for_writer(pipe: int, path: Path) -> None:
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    if not poll.poll(PATIENCE * 1e3):
        raise InputError(f"can't read {path}: it is a pipe that nothing is written to")
    os.set_blocking(pipe, True)
