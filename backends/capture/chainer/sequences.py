"""Chainer's functions of whole sequences, which call many others, watched as the one call that a user made."""

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from backends.chainer_autograd.framework import F, chainer

BASES = {
    "NStepLSTM": ("chainer.functions.rnn.n_step_lstm", "n_step_lstm_base"),
    "NStepGRU": ("chainer.functions.rnn.n_step_gru", "n_step_gru_base"),
}
"""What the functions in one direction and in both come down to, by the name that a capture gives them."""
KINDS = {"NStepLSTM": "lstm", "NStepGRU": "gru"}
"""What both frameworks' captures call them."""
Watch = Callable[[str, Callable[[], Any], tuple[Any, ...], dict[str, Any]], Any]
"""Watches a call as one: its name, the call, its tensors in tuples and lists, and its settings; gives its result."""


@contextmanager
def watched_as_one(watch: Watch) -> Iterator[None]:
    """Let `watch` call these functions, unless they draw the masks of a dropout, which are watched one by one."""
    before = {name: getattr(importlib.import_module(module), base) for name, (module, base) in BASES.items()}
    for name, (module, base) in BASES.items():
        setattr(importlib.import_module(module), base, _watched(name, before[name], watch))
    try:
        yield
    finally:
        for name, (module, base) in BASES.items():
            setattr(importlib.import_module(module), base, before[name])


@contextmanager
def random_numbers_as_before() -> Iterator[None]:
    """Let NumPy's global random numbers go on afterwards as if none had been drawn."""
    state = np.random.get_state(legacy=False)
    try:
        yield
    finally:
        np.random.set_state(state)


def _watched(name: str, function: Callable[..., Any], watch: Watch) -> Callable[..., Any]:
    def call(layers: int, ratio: float, *tensors: Any, use_bi_direction: bool, **settings: Any) -> Any:
        def run() -> Any:
            *last, ys = function(layers, ratio, *tensors, use_bi_direction=use_bi_direction, **settings)
            # A step's output is also the next step's state; only a copy gets the gradient from outside alone.
            return *last, tuple(map(F.identity, ys))

        draws = ratio > 0 and layers > 1 and chainer.config.train
        if draws:
            return run()
        with random_numbers_as_before():  # Chainer draws masks also where they drop nothing
            return watch(name, run, tensors, {"bidirectional": use_bi_direction})

    return call
