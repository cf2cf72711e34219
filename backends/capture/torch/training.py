"""Drives a live PyTorch model: a Module, its loss and its optimizer."""

import copy
import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from backends.capture.calls import Draws, Pass
from backends.capture.chainer.functions import plain
from backends.capture.errors import TrainingError
from backends.capture.torch.watching import TorchWatch, as_array
from backends.capture.training import Batch, Layer, Rule, Training, described, in_dtype
from backends.contract import Array
from backends.layouts.catalogue import layouts_of_module
from backends.layouts.transformations import LayoutError

KINDS = {
    "SGD": "sgd",
    "Adagrad": "adagrad",
    "RMSprop": "rmsprop",
    "Adadelta": "adadelta",
    "Adam": "adam",
    "AdamW": "adamw",
}


def live(training: Training) -> "TorchTraining":
    """Drive a training's model."""
    return TorchTraining(training, training.model, training.optimizer, "")


class TorchTraining:
    """One training of a PyTorch model."""

    framework = "torch"

    def __init__(self, training: Training, model: nn.Module, optimizer: Any, dtype: str) -> None:
        if optimizer is not None:
            own = {id(parameter) for parameter in model.parameters()}
            trained = [p for group in optimizer.param_groups for p in group["params"]]
            if not any(id(parameter) in own for parameter in trained):
                raise TrainingError(f"the optimizer {type(optimizer).__name__} has none of the model's parameters")
            if _needs_closure(optimizer):
                raise TrainingError(
                    f"the optimizer {type(optimizer).__name__} computes the loss several times in an update, by a "
                    "closure, which can't be followed; give one that takes a step from the gradients, such as SGD"
                )
        self._training, self._model, self._optimizer, self._dtype = training, model, optimizer, dtype

    def weights(self) -> dict[str, Array]:
        """Copies of all parameters, by name."""
        return {name: as_array(parameter) for name, parameter in self._model.named_parameters()}

    def buffers(self) -> dict[str, Array]:
        """Copies of all buffers of real numbers, by name; counters are left out."""
        return {name: as_array(b) for name, b in self._model.named_buffers() if b.is_floating_point()}

    def layers(self) -> list[Layer]:
        """The modules with parameters or buffers of their own; of attention, with those of its last product."""
        found: list[Layer] = []
        whole: list[str] = []
        for path, module in self._model.named_modules():
            if any(path.startswith(f"{outer}.") for outer in whole):
                continue
            is_whole = isinstance(module, nn.MultiheadAttention)
            whole += [path] if is_whole else []
            prefix = f"{path}." if path else ""
            weights = {name: prefix + name for name, _ in module.named_parameters(recurse=is_whole)}
            buffers = {name: prefix + name for name, b in module.named_buffers(recurse=False) if b.is_floating_point()}
            if weights or buffers:
                found.append(Layer(path, _kind(module), weights, buffers))
        return found

    def load(self, arrays: Mapping[str, Array]) -> None:
        """Set parameters and buffers by name."""
        tensors = dict(self._model.named_parameters()) | dict(self._model.named_buffers())
        with torch.no_grad():
            for name, array in arrays.items():
                tensors[name].copy_(torch.from_numpy(np.asarray(array)))

    def in_dtype(self, dtype: str, batch: Batch) -> "TorchTraining":
        """An independent copy, all numbers of which are in a dtype."""
        try:
            model, optimizer = copy.deepcopy((self._model, self._optimizer))
        except Exception as error:
            raise TrainingError(f"the model can't be copied: {type(error).__name__}: {error}") from error
        torch_dtype = getattr(torch, dtype)
        copied = TorchTraining(self._training, model, optimizer, dtype)
        model.to(torch_dtype)
        for state in optimizer.state.values() if optimizer is not None else ():
            state.update({name: _cast(value, torch_dtype) for name, value in state.items()})
        return copied

    def advance(self, batch: Batch, draws: Draws) -> Pass:
        """Compute the loss and its gradients, and update the parameters if there is an optimizer.

        What `torch.compile` has compiled is not watched: it would run uncompiled.
        """
        default = torch.get_default_dtype()
        torch.set_default_dtype(getattr(torch, self._dtype))
        try:
            captured = self._unwatched(batch, draws) if _is_compiled(self._model) else self._watched(batch, draws)
            if self._training.before_update is not None:
                self._training.before_update(self._model, self._optimizer)
            if self._optimizer is not None:
                self._optimizer.step()
        finally:
            torch.set_default_dtype(default)
        return captured

    def _watched(self, batch: Batch, draws: Draws) -> Pass:
        watch = TorchWatch(self._model, draws)
        given = [_tensor(array) for array in in_dtype(batch, self._dtype)]
        watch.give(given, self._training.batch_names(len(given)))
        with watch.watching():
            loss = self._loss(given, draws, watch.captured)
        loss.backward()  # type: ignore[no-untyped-call]
        watch.finish(loss)
        return watch.captured

    def _unwatched(self, batch: Batch, draws: Draws) -> Pass:
        """The loss, the weights and their gradients alone."""
        captured = Pass()
        parameters = dict(self._model.named_parameters())
        for number, (name, parameter) in enumerate(parameters.items(), 1):
            captured.weights[name], captured.arrays[number] = number, as_array(parameter)
        loss = self._loss([_tensor(array) for array in in_dtype(batch, self._dtype)], draws, captured)
        loss.backward()  # type: ignore[no-untyped-call]
        captured.loss = len(parameters) + 1
        captured.arrays[captured.loss] = as_array(loss)
        captured.gradients = {
            captured.weights[name]: as_array(p.grad) for name, p in parameters.items() if p.grad is not None
        }
        return captured

    def _loss(self, given: list[Any], draws: Draws, captured: Pass) -> Tensor:
        """The loss, from random numbers of its own; a note where PyTorch's generator drew some of them."""
        assert self._training.loss is not None
        self._model.zero_grad()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(draws.seed)
            unused = torch.random.get_rng_state()
            loss = self._training.loss(self._model, *given)
            if not torch.equal(unused, torch.random.get_rng_state()):
                captured.notes.append("it draws random numbers of PyTorch's that the other model can't be given")
        if not isinstance(loss, Tensor) or loss.numel() != 1:
            raise TrainingError(f"the loss must be a tensor with one number, not {described(loss)}")
        return loss

    def rule(self) -> Rule | None:
        """The optimizer and the settings of its first group."""
        if self._optimizer is None:
            return None
        return _rule(self._optimizer, self._optimizer.param_groups[0])

    def trained(self) -> dict[str, Rule | None]:
        """The parameters that take a gradient and that the optimizer has, each with the rule of its group."""
        names = {id(parameter): name for name, parameter in self._model.named_parameters() if parameter.requires_grad}
        if self._optimizer is None:
            return dict.fromkeys(names.values())
        return {
            names[id(parameter)]: _rule(self._optimizer, group)
            for group in self._optimizer.param_groups
            for parameter in group["params"]
            if id(parameter) in names
        }


def _needs_closure(optimizer: Any) -> bool:
    closure = inspect.signature(optimizer.step).parameters.get("closure")
    return closure is not None and closure.default is inspect.Parameter.empty


def _rule(optimizer: Any, group: Mapping[str, Any]) -> Rule:
    """How a parameter group is updated."""
    name = type(optimizer).__name__
    settings = _settings(group)
    kind = KINDS.get(name, name)
    if name == "SGD" and group.get("momentum"):
        kind = "nesterov" if settings.pop("nesterov", False) else "momentum"
    if settings.pop("decoupled_weight_decay", False):
        kind = "adamw"
    if settings.pop("amsgrad", False):
        kind = "amsgrad" if kind == "adam" else f"{name} with amsgrad"
    if name == "Adadelta" and settings.get("lr") == 1:
        del settings["lr"]
    return Rule(name, kind, settings)


def _settings(group: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a parameter group, without what is switched off."""
    settings = {
        key: plain(value) for key, value in group.items() if isinstance(value, int | float) and value is not False
    }
    if "betas" in group:
        settings["beta1"], settings["beta2"] = group["betas"]
    for absent in ("weight_decay", "momentum", "dampening", "lr_decay", "initial_accumulator_value"):
        if settings.get(absent) == 0:
            del settings[absent]
    return settings


def _is_compiled(model: nn.Module) -> bool:
    return type(model).__name__ == "OptimizedModule" and type(model).__module__.startswith("torch._dynamo")


def _cast(value: Any, dtype: torch.dtype) -> Any:
    return value.to(dtype) if isinstance(value, Tensor) and value.is_floating_point() and value.ndim else value


def _tensor(value: Any) -> Any:
    """PyTorch takes labels as int64."""
    if not isinstance(value, np.ndarray):
        return value
    tensor = torch.from_numpy(np.ascontiguousarray(value))
    return tensor.to(torch.int64) if tensor.dtype == torch.int32 else tensor


def _kind(module: nn.Module) -> str:
    try:
        return layouts_of_module(type(module))[0].module
    except LayoutError:
        return next(c.__name__ for c in type(module).__mro__ if c.__module__.startswith("torch.nn"))
