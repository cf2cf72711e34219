"""Pins the thread pools of the frameworks for the time of a run.

NumPy and PyTorch taking turns with a pool each fight over the cores: several times slower than one thread each.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from threadpoolctl import threadpool_limits

from harness.errors import InputError
from harness.recording.loading import LoadedBackend


@contextmanager
def pinned(backends: Iterable[LoadedBackend], count: int) -> Iterator[None]:
    """Limit BLAS, OpenMP and every backend that has a `threads(count)` context manager to `count` threads."""
    with ExitStack() as stack:
        stack.enter_context(threadpool_limits(limits=count))
        for backend in backends:
            own_pool = getattr(backend.module, "threads", None)
            if own_pool is not None:
                try:
                    stack.enter_context(own_pool(count))
                except Exception as error:
                    raise InputError(
                        f"backend {backend.name}'s threads({count}) raised {type(error).__name__}: {error}; "
                        "it must be a context manager"
                    ) from error
        yield
