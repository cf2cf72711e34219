"""Runs what is a user's code in part, and names the training that fails."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

import numpy as np

from backends.capture.calls import Draws, Pass, users_place_in
from backends.capture.errors import TrainingError
from backends.capture.training import Batch, Layer, LiveTraining, Rule, Training
from backends.contract import Array
from harness.errors import Crashed, InputError, deed

SideName = Literal["left", "right", "scenario_from"]
"""How messages begin: with the side of a comparison, or the function that a single training was given to."""


class GuardedTraining:
    """A live training of one side, whose errors say which side it is.

    Its methods are those of LiveTraining. They raise InputError for a training that can't be driven, and Crashed for
    a model that raises an error.
    """

    def __init__(self, side: SideName, live: LiveTraining, dtype: str = "", hint: str = "") -> None:
        self.side: SideName = side
        self._live = live
        self._dtype = dtype
        self.hint = hint
        """What in the code is likely to be the cause if it fails, such as a loss that uses another model."""
        self.framework = live.framework

    @staticmethod
    def start(side: SideName, training: Training) -> "GuardedTraining":
        """Drive what a user gave."""
        with _naming(side):
            return GuardedTraining(side, training.live(), hint=training.use_of_outer_model())

    def weights(self) -> dict[str, Array]:
        """Copies of all weights, by their paths."""
        return self._live.weights()

    def buffers(self) -> dict[str, Array]:
        """Copies of what is kept and not trained."""
        return self._live.buffers()

    def arrays(self) -> dict[str, Array]:
        """Copies of weights and buffers."""
        return {**self.buffers(), **self.weights()}

    def layers(self) -> list[Layer]:
        """The layers in the order in which the model has them."""
        return self._live.layers()

    def load(self, arrays: Mapping[str, Array]) -> None:
        """Set weights and buffers by name."""
        with _naming(self.side):
            self._live.load(arrays)

    def in_dtype(self, dtype: str, batch: Batch) -> "GuardedTraining":
        """An independent copy that computes in a dtype."""
        with (
            _naming(self.side, dtype, self.hint),
            own_random_numbers(0),
        ):  # layers that learn their shapes draw their weights now
            return GuardedTraining(self.side, self._live.in_dtype(dtype, batch), dtype, self.hint)

    def advance(self, batch: Batch, draws: Draws) -> Pass:
        """Compute the loss and its gradients, and update the weights if there is an optimizer."""
        with _naming(self.side, self._dtype, self.hint), own_random_numbers(draws.seed) as unused:
            captured = self._live.advance(batch, draws)
            if not np.array_equal(unused, np.random.get_state(legacy=False)["state"]["key"]):
                captured.notes.append("it draws random numbers of NumPy's that the other model can't be given")
            return captured

    def trained(self) -> dict[str, Rule | None]:
        """The names of the weights that are trained, each with the rule that updates it, if that is known."""
        return self._live.trained()

    def rule(self) -> Rule | None:
        """What updates the weights, if that is known."""
        return self._live.rule()


@contextmanager
def _naming(side: SideName, dtype: str = "", hint: str = "") -> Iterator[None]:
    computing = f", computing in {dtype}," if dtype else ""
    try:
        yield
    except TrainingError as error:
        raise InputError(f"{side}: {error}") from error
    except InputError:
        raise
    except Exception as error:
        place = users_place_in(error)
        said = f"{side}: its code{computing} {deed(error, line=f', at {place}' if place else '')}"
        raise Crashed(f"{said}; {hint}" if hint else said) from error


@contextmanager
def own_random_numbers(seed: int) -> Iterator[Array]:
    """Let NumPy's global random numbers start from a seed within, and go on afterwards as if nothing had been drawn.

    Yields the state that they start from.
    """
    state = np.random.get_state(legacy=False)
    np.random.seed(seed)
    try:
        yield np.array(np.random.get_state(legacy=False)["state"]["key"])
    finally:
        np.random.set_state(state)
