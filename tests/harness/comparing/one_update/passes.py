"""Captured passes in a few words, for tests of what is made of them."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from backends.capture.calls import LiveCall, Pass
from backends.contract import Array


class Building:
    """A pass that grows call by call; tensors are numbered in the order in which they are added."""

    def __init__(self) -> None:
        self.captured = Pass()

    def leaf(self, array: Any, weight: str = "") -> int:
        """A tensor that no call made: a weight of this name, else data."""
        number = self._add(array)
        if weight:
            self.captured.weights[weight] = number
        else:
            self.captured.batch[number] = f"x{number}"
        return number

    def call(self, kind: str, inputs: tuple[int, ...], array: Any, *, line: int = 0, **settings: Any) -> int:
        """A call with one result, which is the loss until another call follows."""
        number = self._add(array)
        line = line or number
        place, stops = f"file.py:{line}", kind == "detach"
        self.captured.calls.append(LiveCall(kind, kind, inputs, (number,), settings, "", place, stops_gradient=stops))
        self.captured.loss = number
        return number

    def with_gradients(self, gradients: Mapping[int, Any]) -> Pass:
        """The pass, with these gradients by number."""
        self.captured.gradients = {number: np.asarray(array, np.float64) for number, array in gradients.items()}
        return self.captured

    def _add(self, array: Any) -> int:
        number = len(self.captured.arrays) + 1
        made: Array = np.asarray(array)
        self.captured.arrays[number] = made if made.dtype.kind in "iub" else made.astype(np.float64)
        return number


def kinds(calls: Any) -> list[str]:
    """The kinds of calls, in order."""
    return [call.kind for call in calls]
