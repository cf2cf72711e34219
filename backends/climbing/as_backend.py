"""Wraps a rung as a backend, so that the harness compares and certifies it like any other."""

import importlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from backends.climbing.flow import Flow
from backends.contract import Array, Program, Step
from backends.vocabulary import BUILT_IN


def rung_as_backend(ladder: str, rung: ModuleType | SimpleNamespace) -> SimpleNamespace:
    """A backend that trains the article's network with a rung's own code.

    It has its framework's ops, thread pool and formulas, as the contract asks, but its `train` calls no op.
    """
    framework = importlib.import_module(BUILT_IN[ladder])

    def train(
        ops: Any,
        program: Program,
        weights: Mapping[str, Array],
        batches: Iterable[Mapping[str, Array]],
        *,
        trace: bool = False,
    ) -> Iterator[Step]:
        # A rung takes the number of epochs up front, and the same data in every epoch.
        batches = list(batches)
        x, y, w1, w2 = (np.array(array) for array in (*batches[0].values(), *weights.values()))
        epochs = rung.train(x, y, w1, w2, lr=program.optimizer.settings["lr"], epochs=len(batches))
        watch = None if ladder == "numpy" else importlib.import_module(f"backends.climbing.watching_{ladder}").Watch()
        while True:
            with watch.over(x.dtype.name) if watch else nullcontext():
                epoch = next(epochs, None)
            if epoch is None:
                return
            loss, updated, gradients, *intermediates = epoch
            flow = watch.next_flow() if watch is not None and not intermediates else Flow(*intermediates)
            yield Step(
                loss=np.asarray(loss),
                weights=dict(zip(program.weights, updated, strict=True)),
                grads=dict(zip(program.weights, gradients, strict=True)),
                values=dict(zip(program.values, (*flow.values, np.asarray(loss)), strict=True)) if trace else {},
                value_grads=dict(zip(program.values, flow.gradients, strict=False)) if trace else {},
            )

    return SimpleNamespace(**{**vars(framework), "train": train, "__file__": rung.__file__})
