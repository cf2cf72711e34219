"""Watches Chainer's functions while a model computes its loss."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from backends.capture.calls import Arguments, Draws, Given, LiveCall, Pass, users_place
from backends.capture.chainer.float64 import float64_taken
from backends.capture.chainer.functions import shared_name
from backends.capture.chainer.names import functions_being_called, name_of_link
from backends.capture.chainer.sequences import KINDS, watched_as_one
from backends.chainer_autograd.framework import chainer

HELD = ("running_mean", "running_var", "condition")
"""Attributes of a function that are tensors beside its inputs. It changes running statistics in place."""
PLAIN = (bool, int, float, str, slice, type(None), type(Ellipsis), np.generic)
"""What settings of a function are made of, beside tuples."""
ARRAYS = ("class_weight", "value", "slices", "indices", "pad_bw")
"""Settings that may be arrays, too."""


class ChainerWatch:
    """Numbers the variables of one pass, and keeps what every function was given and gave."""

    def __init__(self, model: Any, draws: Draws) -> None:
        self.captured = Pass()
        self._draws = draws
        self._paths = {id(link): path.strip("/").replace("/", ".") for path, link in model.namedlinks()}
        self._weights = {id(p): path.strip("/").replace("/", ".") for path, p in model.namedparams()}
        self._buffers = {
            id(getattr(link, name)): f"{path}/{name}".strip("/").replace("/", ".")
            for path, link in model.namedlinks()
            for name in sorted(link._persistent)
            if isinstance(getattr(link, name), np.ndarray)
        }
        self._numbers: dict[int, int] = {}
        self._alive: list[Any] = []
        self._computed: list[tuple[int, Any]] = []
        self._is_inside = False
        """Whether a function is being called whose own calls are a part of it."""
        self._layers: list[tuple[str, str]] = []
        """The path of each link that is being called, and what links of its kind are called."""

    def give(self, batch: Sequence[Any], names: Sequence[str]) -> None:
        """Number the arrays of the batch, which the loss has these names for."""
        for array, name in zip(batch, names, strict=True):
            if isinstance(array, np.ndarray):
                self.captured.batch[self._numbered(array, array)] = name

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch every function that is applied within."""
        node_type = chainer.FunctionNode
        apply = node_type.apply

        def watched(node: Any, inputs: Sequence[Any]) -> Any:
            if self._is_inside:
                return apply(node, inputs)
            held = self._held(node, inputs)
            outputs = apply(node, inputs)
            self._keep(node, inputs, outputs, held)
            return outputs

        node_type.apply = watched
        try:
            with _LayerHook(self._layers, self._paths), watched_as_one(self._called_as_one), float64_taken():
                yield
        finally:
            node_type.apply = apply

    def finish(self, loss: Any) -> None:
        """Note the loss; compute its gradients, and note them: of what was computed, as they arrive.

        Some of Chainer's functions write into the gradient that they receive.
        """
        self.captured.loss = self._number_of(loss)
        with _ArrivalHook(self._numbers, self.captured.gradients), float64_taken():
            loss.backward(retain_grad=True)
        for number, variable in self._computed:
            if variable.grad is not None:
                self.captured.gradients.setdefault(number, np.array(variable.grad))

    def _held(self, node: Any, inputs: Sequence[Any]) -> dict[str, Given]:
        """Number what a function holds beside its inputs: running statistics, conditions, masks and noise.

        A function that would draw random numbers is given those that other models get, too.
        """
        shape, dtype = np.shape(_array(inputs[0])), _array(inputs[0]).dtype
        held = {name: getattr(node, name) for name in HELD if isinstance(getattr(node, name, None), np.ndarray)}
        if type(node).__name__ == "Dropout":
            if node.mask is None:
                kept = self._draws.uniform(shape) >= node.dropout_ratio
                node.mask = dtype.type(1.0 / (1 - node.dropout_ratio)) * kept.astype(dtype)
            held["mask"] = (node.mask != 0).astype(dtype)
        if type(node).__name__ == "Gaussian":
            if node.eps is None:
                node.eps = self._draws.normal(shape).astype(dtype)
            held["eps"] = node.eps
        return {name: Given(self._number_of(array)) for name, array in held.items()}

    def _keep(self, node: Any, inputs: Sequence[Any], outputs: Sequence[Any], held: Mapping[str, Given]) -> None:
        function = node.function if isinstance(node, chainer.function.FunctionAdapter) else node
        arguments = Arguments(self._with_numbers(inputs), {**_settings(function), **held})
        self._keep_call(type(function).__name__, shared_name(function), arguments, inputs, outputs)

    def _called_as_one(self, name: str, run: Callable[[], Any], tensors: tuple[Any, ...], settings: Any) -> Any:
        """Call a function without watching what it calls, and keep it as one call."""
        arguments = Arguments(self._with_numbers(tensors), settings)
        self._is_inside = True
        try:
            result = run()
        finally:
            self._is_inside = False
        self._keep_call(name, (KINDS[name], settings), arguments, _flat(tensors), _flat(result))
        return result

    def _keep_call(
        self,
        name: str,
        shared: tuple[str, dict[str, Any]],
        arguments: Arguments,
        inputs: Sequence[Any],
        outputs: Sequence[Any],
    ) -> None:
        """Keep a call that was made, under its own name and the one that both frameworks share."""
        kind, settings = shared
        given = tuple(self._number_of(tensor) for tensor in inputs)
        made = tuple(self._numbered(output.node, output.array) for output in outputs)
        self._alive.extend(outputs)
        self._computed.extend(zip(made, outputs, strict=True))
        layer = self._layers[-1][0] if self._layers else ""
        links = (link for _, link in reversed(self._layers) if link)
        names = (*dict.fromkeys(links), *functions_being_called())
        needs_gradient = any(isinstance(tensor, chainer.Variable) and tensor.requires_grad for tensor in inputs)
        stops = needs_gradient and all(output.creator_node is None for output in outputs)
        call = LiveCall(name, kind, given, made, settings, layer, users_place(), arguments, names, stops)
        self.captured.calls.append(call)

    def _with_numbers(self, tensors: Any) -> Any:
        """The numbers of tensors, also within tuples and lists."""
        is_several = isinstance(tensors, tuple | list)
        return tuple(map(self._with_numbers, tensors)) if is_several else Given(self._number_of(tensors))

    def _number_of(self, tensor: Any) -> int:
        """The number of a variable or an array; a new one if it comes from nowhere."""
        if not isinstance(tensor, chainer.Variable):
            known = self._numbers.get(id(tensor)) or self._numbered(tensor, tensor)
            if id(tensor) in self._buffers:
                self.captured.buffers[self._buffers[id(tensor)]] = known
            return known
        number = self._numbers.get(id(tensor.node)) or self._numbers.get(id(tensor.array))
        if number is None:
            number = self._numbered(tensor.node, tensor.array)
            if id(tensor) in self._weights:
                self.captured.weights[self._weights[id(tensor)]] = number
                self._computed.append((number, tensor))
        return number

    def _numbered(self, identity: Any, array: Any) -> int:
        number = len(self.captured.arrays) + 1
        self._numbers[id(identity)] = number
        self._alive.append(identity)
        self.captured.arrays[number] = np.array(array)
        return number


class _LayerHook(chainer.LinkHook):  # type: ignore[misc]
    """Keeps the paths of the links that are being called, and their names."""

    name = "LockstepLayers"

    def __init__(self, layers: list[tuple[str, str]], paths: dict[int, str]) -> None:
        self._layers, self._paths = layers, paths

    def forward_preprocess(self, args: Any) -> None:
        path = self._paths.get(id(args.link), type(args.link).__name__)
        self._layers.append((path, name_of_link(type(args.link))))

    def forward_postprocess(self, args: Any) -> None:
        self._layers.pop()


class _ArrivalHook(chainer.FunctionHook):  # type: ignore[misc]
    """Copies the gradients that each function receives."""

    name = "LockstepArrivals"

    def __init__(self, numbers: Mapping[int, int], gradients: dict[int, Any]) -> None:
        self._numbers, self._gradients = numbers, gradients

    def backward_preprocess(self, function: Any, in_data: Any, out_grad: Any) -> None:
        for output, gradient in zip(function.outputs, out_grad, strict=True):
            number = self._numbers.get(id(output()))
            if number is not None and gradient is not None:
                self._gradients[number] = np.array(gradient)


def _settings(function: Any) -> dict[str, Any]:
    """The attributes of a function that are settings."""
    return {name: value for name, value in vars(function).items() if _is_setting(name, value)}


def _is_setting(name: str, value: Any) -> bool:
    if isinstance(value, np.ndarray):
        return name in ARRAYS
    if isinstance(value, Mapping):
        return all(_is_setting(str(key), item) for key, item in value.items())
    if isinstance(value, tuple | list):
        return all(_is_setting(name, item) for item in value)
    return isinstance(value, PLAIN)


def _flat(tensors: Any) -> list[Any]:
    """The tensors in tuples and lists, in order."""
    return [each for item in tensors for each in _flat(item)] if isinstance(tensors, tuple | list) else [tensors]


def _array(tensor: Any) -> Any:
    return tensor.array if isinstance(tensor, chainer.Variable) else tensor
