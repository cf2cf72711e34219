"""Settings of the process during a run: one thread per framework, and freed memory kept for reuse.

When NumPy and PyTorch take turns, their thread pools fight over the cores: several times slower than one thread each.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

import numpy as np
from threadpoolctl import threadpool_limits

from harness.errors import Crashed, deed
from harness.recording.loading import LoadedBackend

LARGEST_KEPT_BLOCK = 31 * 2**20
"""In bytes: just under 32 MiB, from which on glibc returns freed blocks to the system at once."""


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


def keep_freed_memory() -> None:
    """Free one large, untouched block, so that glibc keeps freed blocks of up to that size for reuse.

    Otherwise arrays of a few hundred kilobytes are returned to the system and their pages faulted in at every use,
    which makes certificates three times as slow. Without glibc this does nothing.
    """
    np.empty(LARGEST_KEPT_BLOCK, np.uint8)
