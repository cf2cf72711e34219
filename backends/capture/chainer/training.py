"""Drives a live Chainer model: a Chain or any Link, its loss and its optimizer."""

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np

from backends.capture.calls import Draws, Pass
from backends.capture.chainer.rules import is_trained, rule_of
from backends.capture.chainer.watching import ChainerWatch
from backends.capture.errors import TrainingError
from backends.capture.training import Batch, Layer, Rule, Training, described, in_dtype
from backends.chainer_autograd.framework import chainer
from backends.contract import Array
from backends.layouts.catalogue import layouts_of_link
from backends.layouts.transformations import LayoutError


def live(training: Training) -> "ChainerTraining":
    """Drive a training's model."""
    return ChainerTraining(training, training.model, training.optimizer, "")


class ChainerTraining:
    """One training of a Chainer model."""

    framework = "chainer"

    def __init__(self, training: Training, model: Any, optimizer: Any, dtype: str) -> None:
        if optimizer is not None and getattr(optimizer, "target", None) is not model:
            kind = type(optimizer).__name__
            raise TrainingError(f"the optimizer {kind} was not set up with the model: call optimizer.setup(model)")
        self._training, self._model, self._optimizer, self._dtype = training, model, optimizer, dtype

    def weights(self) -> dict[str, Array]:
        """Copies of all parameters that have a shape, by their links' paths."""
        return {name: np.array(p.array) for name, p in self._parameters().items() if p.array is not None}

    def buffers(self) -> dict[str, Array]:
        """Copies of the arrays of real numbers that links keep as persistent values; counters are left out."""
        return {
            _dotted(path, name): np.array(getattr(link, name))
            for path, link in self._model.namedlinks()
            for name in _buffers(link)
        }

    def layers(self) -> list[Layer]:
        """The links with parameters or buffers of their own; one that has a layout is one layer with its children.

        A layer's names are Chainer's own, such as `upward/W`.
        """
        found: list[Layer] = []
        whole: list[str] = []
        for path, link in self._model.namedlinks():
            if any(path.startswith(f"{outer}/") for outer in whole):
                continue
            if _is_whole(link):
                whole.append(path)
                weights = {name.strip("/"): _dotted(path, name) for name, _ in sorted(link.namedparams())}
            else:
                weights = {name: _dotted(path, name) for name in sorted(link._params)}
            buffers = {name: _dotted(path, name) for name in _buffers(link)}
            if weights or buffers:
                found.append(Layer(_dotted(path), _kind(link), weights, buffers))
        return found

    def load(self, arrays: Mapping[str, Array]) -> None:
        """Set parameters and persistent values by name."""
        parameters = self._parameters()
        links = {_dotted(path): link for path, link in self._model.namedlinks()}
        for name, array in arrays.items():
            if name in parameters:
                parameters[name].array[...] = array
            else:
                path, _, attribute = name.rpartition(".")
                getattr(links[path], attribute)[...] = array

    def in_dtype(self, dtype: str, batch: Batch) -> "ChainerTraining":
        """An independent copy, all numbers of which are in a dtype."""
        try:
            model, optimizer = copy.deepcopy((self._model, self._optimizer))
        except Exception as error:
            raise TrainingError(f"the model can't be copied: {type(error).__name__}: {error}") from error
        copied = ChainerTraining(self._training, model, optimizer, dtype)
        copied._cast()
        if any(p.array is None for p in model.params()):
            buffers = copied.buffers()
            copied._forward(batch, Draws(0, 0))
            copied._cast()
            copied.load(buffers)
        return copied

    def advance(self, batch: Batch, draws: Draws) -> Pass:
        """Compute the loss and its gradients, and update the parameters if there is an optimizer."""
        watch = self._forward(batch, draws, backward=True)
        if self._training.before_update is not None:
            self._training.before_update(self._model, self._optimizer)
        if self._optimizer is not None:
            with np.errstate(all="ignore"):
                self._optimizer.update()
        return watch.captured

    def rule(self) -> Rule | None:
        """The optimizer and its hyperparameters, with the hooks that decay weights and clip gradients."""
        if self._optimizer is None:
            return None
        return rule_of(self._optimizer)

    def trained(self) -> dict[str, Rule | None]:
        """The parameters whose update rule is enabled, each with that rule."""
        if self._optimizer is None:
            return dict.fromkeys(self._parameters())
        return {
            name: rule_of(self._optimizer, parameter.update_rule)
            for name, parameter in self._parameters().items()
            if is_trained(parameter)
        }

    def _forward(self, batch: Batch, draws: Draws, *, backward: bool = False) -> ChainerWatch:
        watch = ChainerWatch(self._model, draws)
        given = [_with_labels(array) for array in in_dtype(batch, self._dtype)]
        watch.give(given, self._training.batch_names(len(given)))
        assert self._training.loss is not None
        with (
            chainer.using_config("dtype", np.dtype(self._dtype)),
            chainer.using_config("train", True),
            np.errstate(all="ignore"),
        ):
            self._model.cleargrads()
            with watch.watching():
                loss = self._training.loss(self._model, *given)
            if not isinstance(loss, chainer.Variable) or loss.size != 1:
                raise TrainingError(f"the loss must be a Variable with one number, not {described(loss)}")
            if backward:
                watch.finish(loss)
        return watch

    def _parameters(self) -> dict[str, Any]:
        return {_dotted(path): parameter for path, parameter in self._model.namedparams()}

    def _cast(self) -> None:
        for parameter in self._model.params():
            if parameter.array is not None:
                parameter.array = parameter.array.astype(self._dtype)
            if parameter.update_rule is not None and parameter.update_rule.state is not None:
                state = parameter.update_rule.state
                state.update({name: _cast(value, self._dtype) for name, value in state.items()})
        for link in self._model.links():
            for name in link._persistent:
                setattr(link, name, _cast(getattr(link, name), self._dtype))


def _cast(value: Any, dtype: str) -> Any:
    return value.astype(dtype) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value


def _with_labels(value: Any) -> Any:
    """Chainer takes labels as int32."""
    return value.astype(np.int32) if isinstance(value, np.ndarray) and value.dtype == np.int64 else value


def _dotted(path: str, name: str = "") -> str:
    return ".".join(part for part in f"{path}/{name}".split("/") if part)


def _is_whole(link: Any) -> bool:
    """Whether a link with children has a layout of its own, as an LSTM has."""
    try:
        return bool(layouts_of_link(type(link)))
    except LayoutError:
        return False


def _buffers(link: Any) -> list[str]:
    return [
        name
        for name in sorted(link._persistent)
        if isinstance(getattr(link, name), np.ndarray) and getattr(link, name).dtype.kind == "f"
    ]


def _kind(link: Any) -> str:
    try:
        return layouts_of_link(type(link))[0].link
    except LayoutError:
        return next(c.__name__ for c in type(link).__mro__ if c.__module__.startswith("chainer.link"))
