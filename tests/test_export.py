"""Exported programs need one framework and NumPy, and print the losses of the run bit for bit."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from lockstep.loading import BUILT_IN_BACKENDS, LoadedBackend, built_in_scenarios, load_backend

EPOCHS = 2
"""Enough for the optimizer's state, masks drawn again and batches shuffled again to count."""


@pytest.fixture(scope="module")
def backends() -> list[LoadedBackend]:
    return [load_backend(name) for name in BUILT_IN_BACKENDS]


@contextmanager
def undone() -> Iterator[None]:
    """What a program changes for itself (variables, stand-ins for Chainer) is changed back."""
    environment, modules, numpy_names = dict(os.environ), dict(sys.modules), dict(vars(np))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(environment)
        sys.modules.clear()
        sys.modules.update(modules)
        vars(np).clear()
        vars(np).update(numpy_names)


@pytest.mark.parametrize("name", built_in_scenarios())
def test_x(name: str, backends: list[LoadedBackend], capsys, tmp_path) -> None:
    pass
