"""Exported programs need one framework and NumPy, and print the losses of the run bit for bit."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from lockstep.draws import draw
from lockstep.experiment import prepare
from lockstep.loading import BUILT_IN_BACKENDS, LoadedBackend, built_in_scenarios, find_scenarios, load_backend
from lockstep.stepping import Runner
from lockstep.threads import pinned
from reports.export import exported
from scenarios import Scenario

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
