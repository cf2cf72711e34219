"""Drives code with named arrays, such as a NumPy network with gradients written by hand."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from backends.capture.calls import Draws, Pass
from backends.capture.errors import TrainingError
from backends.capture.training import Batch, Layer, Rule, Training, in_dtype, is_generator
from backends.contract import Array


class ArrayTraining:
    """One training of such code, from its own copies of the weights."""

    framework = "numpy"

    def __init__(self, training: Training, weights: Mapping[str, Array] | None = None, dtype: str = "") -> None:
        assert training.step is not None
        assert training.weights is not None
        self._training, self._step = training, training.step
        given = training.weights if weights is None else weights
        self._weights: dict[str, Array] = {name: np.array(array, dtype or array.dtype) for name, array in given.items()}
        self._dtype = dtype or str(next(iter(self._weights.values())).dtype)
        self._waiting: list[list[Any]] = []
        self._yields = self._step(self._weights, self._batches()) if is_generator(self._step) else None

    def weights(self) -> dict[str, Array]:
        """Copies of all weights, by name."""
        return {name: np.array(array) for name, array in self._weights.items()}

    def buffers(self) -> dict[str, Array]:
        """Nothing: such code has weights only."""
        return {}

    def layers(self) -> list[Layer]:
        """Every weight by itself: which of them make a layer is not known."""
        return [Layer(name, "", {name: name}) for name in self._weights]

    def load(self, arrays: Mapping[str, Array]) -> None:
        """Set weights by name."""
        for name, array in arrays.items():
            self._weights[name][...] = array

    def in_dtype(self, dtype: str, batch: Batch) -> "ArrayTraining":
        """A training from copies of the starting weights, in a dtype."""
        return ArrayTraining(self._training, self._weights, dtype)

    def advance(self, batch: Batch, draws: Draws) -> Pass:
        """Let the code train one update. Raises TrainingError where it gives no loss and gradients."""
        captured = Pass()
        before = self.weights()
        for number, (name, array) in enumerate(before.items(), 1):
            captured.weights[name] = number
            captured.arrays[number] = array
        loss, gradients = self._update(in_dtype(batch, self._dtype))
        captured.loss = len(before) + 1
        captured.arrays[captured.loss] = self._checked_loss(loss)
        for name, gradient in gradients.items():
            if name not in before:
                raise TrainingError(
                    f"step gives a gradient for {name}, which is no weight; the weights are {_listed(before)}"
                )
            if np.shape(gradient) != before[name].shape:
                shapes = f"{np.shape(gradient)} for {name}, whose shape is {before[name].shape}"
                raise TrainingError(f"step gives a gradient of shape {shapes}")
            captured.gradients[captured.weights[name]] = np.array(gradient)
        for name, array in self._weights.items():
            if np.shape(array) != before[name].shape:
                raise TrainingError(f"step leaves {name} with shape {np.shape(array)}; it was {before[name].shape}")
        return captured

    def trained(self) -> dict[str, Rule | None]:
        """All weights."""
        return dict.fromkeys(self.weights())

    def rule(self) -> Rule | None:
        """None: how such code updates its weights is not known."""
        return None

    def _update(self, batch: list[Any]) -> tuple[Any, Mapping[str, Array]]:
        if self._yields is not None:
            self._waiting.append(batch)
            yielded = next(self._yields, None)
            if not isinstance(yielded, tuple) or len(yielded) != 3:
                raise TrainingError(
                    "step must yield three things per batch: the loss, the weights, the gradients by name"
                )
            loss, weights, gradients = yielded
            self._weights.update({name: np.asarray(array) for name, array in weights.items()})
            return loss, gradients
        result = self._step(self._weights, *batch)
        if self._training.grads is not None:
            return result, self._training.grads
        if not isinstance(result, tuple) or len(result) != 2 or not isinstance(result[1], Mapping):
            raise TrainingError("step must return two things: the loss, and the gradients by name")
        return result

    def _checked_loss(self, loss: Any) -> Array:
        array = np.asarray(loss)
        if array.shape != () or array.dtype.kind != "f":
            raise TrainingError(
                f"step must give the loss as one real number, not {type(loss).__name__} of shape {array.shape}"
            )
        return array

    def _batches(self) -> Iterator[list[Any]]:
        while True:
            yield self._waiting.pop()


def _listed(names: Mapping[str, Any]) -> str:
    return ", ".join(names)
