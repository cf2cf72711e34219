"""Settings of the process during a run: one thread per framework, and freed memory kept for reuse.

When NumPy and PyTorch take turns, their thread pools fight over the cores: several times slower than one thread each.
"""

import ctypes
import platform
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from threadpoolctl import threadpool_limits

from harness.errors import Crashed, deed
from harness.recording.loading import LoadedBackend

ALL = -1
"""Instead of a number of bytes."""
MOST_KEPT = 62 * 2**20
"""In bytes, between runs: twice the largest block that glibc keeps at most by itself."""
M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4
"""From glibc's malloc.h."""


@contextmanager
def pinned(backends: Iterable[LoadedBackend], count: int) -> Iterator[None]:
    """Limit BLAS, OpenMP and every backend that has a `threads(count)` context manager to `count` threads."""
    with ExitStack() as stack:
        stack.enter_context(threadpool_limits(limits=count))
        for backend in backends:
            own_pool = getattr(backend.module, "threads", None)
            if own_pool is not None:
                try:
                    with backend.guest.setting_up():
                        stack.enter_context(own_pool(count))
                except Exception as error:
                    raise Crashed(
                        f"backend {backend.name}'s threads({count}) {deed(error)}; it must be a context manager"
                    ) from error
        yield


@contextmanager
def freed_memory_kept() -> Iterator[None]:
    """Have glibc take blocks of every size from its heap and keep what is freed there, whatever the environment says.

    Otherwise large arrays are returned to the system and their pages faulted in at every use, which makes certificates
    several times as slow. Dask sets MALLOC_TRIM_THRESHOLD_ for its workers, which does that. After this block, at
    the next time that something large is freed, what is free at the end of the heap goes back to the system, but for
    MOST_KEPT. That blocks of every size come from the heap stays so. Without glibc this does nothing.
    """
    if platform.libc_ver()[0] != "glibc":
        yield
        return
    library = ctypes.CDLL(None)
    library.mallopt(M_MMAP_MAX, 0)
    library.mallopt(M_TRIM_THRESHOLD, ALL)
    try:
        yield
    finally:
        library.mallopt(M_TRIM_THRESHOLD, MOST_KEPT)
