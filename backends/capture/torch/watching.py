"""Watches PyTorch's functions while a model computes its loss."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules import module as modules
from torch.overrides import TorchFunctionMode

from backends.capture.calls import Arguments, Draws, Given, LiveCall, Pass, users_place
from backends.capture.torch import attention_dropout
from backends.capture.torch.exchanging import exchanged, l1_loss
from backends.capture.torch.functions import shared_name
from backends.contract import Array

VIEWS = {"T", "mT", "H", "mH", "real", "imag"}
"""Attributes that compute a tensor."""
NO_RESULTS = {"requires_grad_", "copy_", "data", "grad", "get", "set", "retain_grad", "backward", "clone_"}
"""What is no arithmetic, though it gives or takes a tensor."""


class TorchWatch(TorchFunctionMode):
    """Numbers the tensors of one pass, and keeps what every function was given and gave."""

    def __init__(self, model: nn.Module, draws: Draws) -> None:
        super().__init__()
        self.captured = Pass()
        self._draws = draws
        self._paths = {id(module): path for path, module in model.named_modules()}
        self._weights = {id(parameter): name for name, parameter in model.named_parameters()}
        self._buffers = {id(buffer): name for name, buffer in model.named_buffers() if buffer.is_floating_point()}
        self._numbers: dict[int, int] = {}
        self._alive: list[Any] = []
        self._layers: list[str] = []

    def give(self, batch: Sequence[Any], names: Sequence[str]) -> None:
        """Number the tensors of the batch, which the loss has these names for."""
        for tensor, name in zip(batch, names, strict=True):
            if isinstance(tensor, Tensor):
                self.captured.batch[self._numbered(tensor)] = name

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch every function that is called within."""

        def enter(module: nn.Module, inputs: Any) -> None:
            self._layers.append(self._paths.get(id(module), type(module).__name__))

        def leave(module: nn.Module, inputs: Any, outputs: Any) -> None:
            self._layers.pop()

        hooks = [
            modules.register_module_forward_pre_hook(enter),
            modules.register_module_forward_hook(leave),
        ]
        try:
            with exchanged(l1_loss=l1_loss), self:
                yield
        finally:
            for hook in hooks:
                hook.remove()

    def finish(self, loss: Tensor) -> None:
        """Note the loss, and the gradients of the weights that its backward left."""
        self.captured.loss = self._number_of(loss)
        for number, tensor in [(n, t) for t, n in self._used_weights()]:
            if tensor.grad is not None:
                self.captured.gradients[number] = as_array(tensor.grad)

    def __torch_function__(
        self, function: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Call the function, or replay what it would draw, and keep what it gave."""
        named = dict(kwargs or {})
        name = _name(function)
        inputs = _tensors([args, named])
        for tensor in inputs:
            if id(tensor) in self._buffers:
                self._number_of(tensor)  # before the function changes it in place
        needs_gradient = any(tensor.requires_grad for tensor in inputs)
        versions = {id(tensor): tensor._version for tensor in inputs}
        result, drawn = self._drawn(name, args, named)
        if result is None:
            result = function(*args, **named)
        outputs = _tensors(result)
        is_arithmetic = any(map(_has_numbers, outputs)) and name not in NO_RESULTS
        is_passed_on = all(versions.get(id(tensor)) == tensor._version for tensor in outputs)
        if inputs and is_arithmetic and not is_passed_on:
            stops = needs_gradient and not any(tensor.requires_grad for tensor in outputs)
            self._keep(name, args, named | drawn, inputs, outputs, stops_gradient=stops)
        return result

    def _keep(
        self,
        name: str,
        args: tuple[Any, ...],
        named: dict[str, Any],
        inputs: list[Tensor],
        outputs: list[Tensor],
        *,
        stops_gradient: bool,
    ) -> None:
        kind, settings = shared_name(name, args, named)
        if any(tensor.is_complex() for tensor in [*inputs, *outputs]):
            name = f"{name} of complex numbers"  # another function than the one that ops compute
        given = tuple(self._number_of(tensor) for tensor in inputs)
        arguments = Arguments(self._with_numbers(args), self._with_numbers(named))
        made = tuple(self._numbered(tensor) for tensor in outputs)
        for number, tensor in zip(made, outputs, strict=True):
            if tensor.requires_grad and not tensor.is_leaf:
                tensor.register_hook(partial(self._keep_gradient, number))  # type: ignore[no-untyped-call]
        layer = self._layers[-1] if self._layers else ""
        if name in ("lstm", "gru", "rnn_tanh", "rnn_relu") and any(isinstance(a, float) and a > 0 for a in args):
            self.captured.notes.append(f"{layer}: the dropout inside {name} can't be given to the other model")
        call = LiveCall(
            name, kind, given, made, settings, layer, users_place(), arguments, stops_gradient=stops_gradient
        )
        self.captured.calls.append(call)

    def _keep_gradient(self, number: int, gradient: Tensor | None) -> None:
        if gradient is not None:  # of several outputs, one that leads nowhere
            self.captured.gradients[number] = as_array(gradient)

    def _drawn(
        self, name: str, args: tuple[Any, ...], named: Mapping[str, Any]
    ) -> tuple[Tensor | None, dict[str, Tensor]]:
        """What a function that draws random numbers gives, from the numbers that other models get, too.

        With it the mask of a dropout, which is drawn inside and is no argument.
        """
        if name == "dropout":
            given = {**dict(zip(("input", "p", "training", "inplace"), args, strict=False)), **named}
            x, ratio = given["input"], given.get("p", 0.5)
            if not given.get("training", True) or ratio == 0:
                return None, {}
            mask = self._kept(x, ratio)
            scale = 0.0 if ratio == 1 else 1.0 / (1 - ratio)  # PyTorch drops everything, where asked to
            y = x * (mask * scale)
            return x.copy_(y) if given.get("inplace") else y, {"mask": mask}
        if name in attention_dropout.FUNCTIONS:
            return attention_dropout.replayed(name, args, named, self._kept)
        if name in ("randn_like", "rand_like"):
            like = args[0]
            return self._numbers_like(name, tuple(like.shape), named.get("dtype") or like.dtype), {}
        if name in ("randn", "rand"):
            sizes = args[0] if args and not isinstance(args[0], int) else args
            shape = tuple(named.get("size", sizes))
            return self._numbers_like(name, shape, named.get("dtype") or torch.get_default_dtype()), {}
        return None, {}

    def _kept(self, x: Tensor, ratio: float) -> Tensor:
        """The mask of a dropout of x: 1 for what is kept."""
        mask = torch.from_numpy(self._draws.uniform(x.shape) >= ratio).to(x.dtype)
        self._numbered(mask)
        return mask

    def _numbers_like(self, name: str, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
        draw = self._draws.normal if name.startswith("randn") else self._draws.uniform
        return torch.from_numpy(draw(shape)).to(dtype)

    def _number_of(self, tensor: Tensor) -> int:
        """The number of a tensor; a new one if it comes from nowhere."""
        number = self._numbers.get(id(tensor))
        if number is None:
            number = self._numbered(tensor)
            if id(tensor) in self._weights:
                self.captured.weights[self._weights[id(tensor)]] = number
            if id(tensor) in self._buffers:
                self.captured.buffers[self._buffers[id(tensor)]] = number
        return number

    def _with_numbers(self, value: Any) -> Any:
        """An argument with the numbers of its tensors, also within tuples, lists and dictionaries."""
        if isinstance(value, Tensor):
            return Given(self._number_of(value))
        if isinstance(value, Mapping):
            return {name: self._with_numbers(item) for name, item in value.items()}
        return tuple(map(self._with_numbers, value)) if isinstance(value, tuple | list) else value

    def _used_weights(self) -> Iterator[tuple[Tensor, int]]:
        for tensor in self._alive:
            if id(tensor) in self._weights and id(tensor) in self._numbers:
                yield tensor, self._numbers[id(tensor)]

    def _numbered(self, tensor: Tensor) -> int:
        number = len(self.captured.arrays) + 1
        self._numbers[id(tensor)] = number
        self._alive.append(tensor)
        self.captured.arrays[number] = as_array(tensor)
        return number


def _name(function: Any) -> str:
    """A function's name without underscores at its ends; of an attribute, the attribute's."""
    name = str(getattr(function, "__name__", function))
    if name == "__get__":
        attribute = str(getattr(getattr(function, "__self__", None), "__name__", ""))
        return attribute if attribute in VIEWS else "get"
    return name.strip("_")


def _tensors(value: Any) -> list[Tensor]:
    """The tensors in a value, also within tuples, lists and dictionaries, in order."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, Mapping):
        return [tensor for item in value.values() for tensor in _tensors(item)]
    if isinstance(value, tuple | list):
        return [tensor for item in value for tensor in _tensors(item)]
    return []


def _has_numbers(tensor: Tensor) -> bool:
    """Whether a tensor holds real or complex numbers, not indices or truth values."""
    return tensor.is_floating_point() or tensor.is_complex()


def as_array(tensor: Tensor) -> Array:
    """A copy of a tensor's numbers.

    Those of bfloat16, which NumPy has not, are float32, which holds them all; complex ones are pairs of their real and
    imaginary parts, along a last axis.
    """
    held = tensor.detach().cpu()
    if held.is_complex():
        held = torch.view_as_real(held.resolve_conj())
    return np.array((held.float() if held.dtype == torch.bfloat16 else held).numpy())
