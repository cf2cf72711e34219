"""How much memory a run may take."""

import contextlib
import os
from pathlib import Path

CONTAINERS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
"""Where Linux says how many bytes a container may take, in version 2 and 1 of its control groups."""


def most_memory() -> int | None:
    """Bytes that this process may take: those of the machine, of its container or of `ulimit -v`; None if unknown."""
    limits = [_of_container(file) for file in CONTAINERS]
    if hasattr(os, "sysconf"):
        limits += [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"), _of_process()]
    return min((limit for limit in limits if limit is not None), default=None)


def in_gib(count: float) -> str:
    """A number of bytes in words, as `7.45 GiB`."""
    gib = count / 2**30
    return f"{gib:,.0f} GiB" if gib >= 100 else f"{gib:.3g} GiB"


def _of_container(file: Path) -> int | None:
    with contextlib.suppress(OSError, ValueError):  # no such file, or `max`
        return int(file.read_text(encoding="ascii"))
    return None


def _of_process() -> int | None:
    import resource  # which Windows lacks

    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    return None if limit == resource.RLIM_INFINITY else limit
