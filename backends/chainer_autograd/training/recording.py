"""Copies what flows between Chainer's functions, by what each function's `backward` receives and returns."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from backends.chainer_autograd.framework import F, Variable, chainer
from backends.contract import Array, Call, Tensors
from backends.recording import AutogradRecording, memory_of

FunctionNode = Any
VariableNode = Any
Gradients = Sequence[Variable | None]


class VariableRecording(AutogradRecording):
    """The tensors of one update and their gradients.

    Chainer adds gradients up into a new array, but the only gradient of a tensor is the very array that was returned,
    and that of a weight waits until the whole backward is over.
    """

    def __init__(self, given: Tensors) -> None:
        super().__init__(given, _contents, lambda tensor: memory_of(_contents(tensor)))
        self._names_of: dict[VariableNode, list[str]] = {}
        self._known_functions: set[FunctionNode] = set()
        for name, tensor in given.items():
            self._names_of[tensor.node] = [name]

    def keep_outputs(self, call: Call, tensors: Tensors) -> None:
        """Copy the outputs of a call that has just run, and have their gradients copied.

        Where Chainer returns the very variable that it was given, as it does of a tensor that has the shape asked for,
        the output becomes one of its own, whose gradient is not that of all uses of the other.
        """
        for name in call.outputs:
            if tensors[name].node in self._names_of:
                tensors[name] = F.identity(tensors[name])
        super().keep_outputs(call, tensors)
        for name in call.outputs:
            self._names_of.setdefault(tensors[name].node, []).append(name)
        self._watch_backwards(call, [tensors[name].creator_node for name in call.outputs])

    def _watch_backwards(self, call: Call, functions: list[FunctionNode | None]) -> None:
        """Exchange the `backward` of each function that a call added to the graph.

        Chainer's hooks of functions see the gradients that a function receives, but not those that it returns.
        """
        while functions:
            function = functions.pop()
            if function is not None and function not in self._known_functions:
                self._known_functions.add(function)
                self.waits(call)
                function.backward = self._recorded(call, function, function.backward)
                functions.extend(node.creator_node for node in function.inputs)

    def stop_watching(self) -> None:
        """Give every function its own `backward` back: what took its place refers to the graph that it is a part of.

        In such a circle the arrays of an update would stay until Python looks for circles.
        """
        for function in self._known_functions:
            del function.backward
        self._known_functions.clear()

    def _recorded(self, call: Call, function: FunctionNode, backward: Callable[..., Gradients]) -> Any:
        """The `backward` of a function, with what it receives, writes over and returns recorded."""

        def recorded(indexes: tuple[int, ...], received: Gradients) -> Gradients:
            for output, gradient in zip(function.outputs, received, strict=True):
                for name in self._names_of.get(output(), ()) if gradient is not None else ():
                    self.keep_arrived(name, gradient)
            returned = backward(indexes, received)
            inputs = function.inputs if len(returned) == len(function.inputs) else [function.inputs[i] for i in indexes]
            # Some functions, such as F.concat, return a gradient of what is computed from data alone, too.
            pairs = [(node, each) for node, each in zip(inputs, returned, strict=False) if node.requires_grad]
            gradients = [each for each in pairs if _is_given(each[1])]
            read = [memory_of(node.data) for node in function.inputs if node.data is not None]
            given = [(self._names_of.get(node, ()), gradient) for node, gradient in gradients]
            self.ran(call, [gradient for gradient in received if _is_given(gradient)], read, given)
            return returned

        return recorded


def _is_given(gradient: Variable | None) -> bool:
    return gradient is not None and gradient.array is not None


def _contents(tensor: Any) -> Array:
    return np.asarray(tensor.array if isinstance(tensor, chainer.Variable) else tensor)
