"""Writes files whole or not at all; devices and pipes as they are."""

import contextlib
import os
import stat
import sys
import tempfile
from pathlib import Path

from harness.errors import InputError

STDOUT = 1
"""Its file descriptor; a command may have pointed it elsewhere, and writes to `sys.stdout`."""
DESCRIPTORS = (Path("/dev/fd"), Path("/proc/self/fd"))
"""The folders whose files are the open file descriptors of this process."""
MOST_LINKS = 40
"""As many as Linux follows."""


def write_file(path: Path, content: str | bytes) -> None:
    """Write text or bytes to a file. Raises InputError.

    A regular file is replaced at once and keeps its permissions; a failure leaves the old one untouched. A link is
    followed to what it points at. A device, a pipe and an open file descriptor, such as /dev/stdout, are written to as
    they are, and a pipe's reader may go away before the end.
    """
    check_writable(path)
    data = content if isinstance(content, bytes) else content.encode()
    try:
        target = _followed(path)
        if (descriptor := _descriptor(target)) is not None:
            _write_to_descriptor(descriptor, data)
        elif _is_replaced(target):
            _replace(target, data)
        else:
            _write_to_device(target, data)
    except OSError as error:
        raise InputError(f"can't write {path}: {error.strerror}") from error


def check_writable(path: Path) -> None:
    """Raise InputError if a file could not be written there, before a long run is spent on it."""
    if problem := _problem(path):
        raise InputError(f"can't write {path}: {problem}")


def make_folder(path: Path, takes: str) -> None:
    """Make a folder, unless it is there. Raises InputError if it can't be made; `takes` says what the option takes."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise InputError(f"{path} is a file; {takes}") from error
    except OSError as error:
        raise InputError(f"can't make the folder {path}: {error.strerror}") from error


def file_exists(path: Path) -> bool:
    """Whether a path leads to a file; no path that is too long does."""
    with contextlib.suppress(OSError):
        return path.is_file()
    return False


def folder_exists(path: Path) -> bool:
    """Whether a path leads to a folder; no path that is too long does."""
    with contextlib.suppress(OSError):
        return path.is_dir()
    return False


def _problem(path: Path) -> str:
    """Why nothing can be written to a path; empty if something can."""
    if "\0" in str(path):
        return "its name has an embedded null character"
    try:
        target = _followed(path)
        if _descriptor(target) is not None:
            return ""
        if target.is_dir():
            return "it is a folder"
        if not target.parent.is_dir():
            return f"there is no folder {target.parent}"
        if not target.exists():
            return "" if os.access(target.parent, os.W_OK) else f"no permission to write in {target.parent}"
        if not target.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) or not os.access(target, os.W_OK):
            return "it is read-only"
        if _is_replaced(target) and not os.access(target.parent, os.W_OK):
            return f"no permission to write in {target.parent}"
    except OSError as error:  # such as a name that is too long
        return error.strerror or str(error)
    return ""


def _followed(path: Path) -> Path:
    """What a path stands for after all its links, up to an open file descriptor. Raises OSError for a ring of links."""
    for _ in range(MOST_LINKS):
        if _descriptor(path) is not None or not path.is_symlink():
            return path
        path = path.parent / path.readlink()
    raise OSError(None, "its links lead to each other")


def _descriptor(path: Path) -> int | None:
    """The open file descriptor of this process that a path names."""
    own = (*DESCRIPTORS, Path(f"/proc/{os.getpid()}/fd"))
    return int(path.name) if path.parent in own and path.name.isdecimal() else None


def _is_replaced(path: Path) -> bool:
    """Whether a new file takes the place of what is there, if anything is."""
    return not path.exists() or stat.S_ISREG(path.stat().st_mode)


def _replace(path: Path, data: bytes) -> None:
    permissions = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~_umask()
    temporary: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            temporary = Path(file.name)
            file.write(data)
        temporary.chmod(permissions)
        temporary.replace(path)
    except BaseException:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()
        raise


def _write_to_device(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY)  # that of a pipe waits for a reader
    try:
        with contextlib.suppress(BrokenPipeError):
            _write_all(descriptor, data)
    finally:
        os.close(descriptor)


def _write_to_descriptor(descriptor: int, data: bytes) -> None:
    if descriptor == STDOUT:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return
    with contextlib.suppress(BrokenPipeError):
        _write_all(descriptor, data)


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
