"""Copies what flows between Chainer's functions, with Chainer's FunctionHook for the gradients."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from backends.chainer_autograd.framework import chainer
from backends.contract import Array, Call, Tensors, gradient_name
from backends.recording import Recording, memory_of


class VariableRecording(Recording):
    """The tensors of one update and their gradients."""

    def __init__(self, given: Tensors) -> None:
        super().__init__(given, _contents, lambda tensor: memory_of(_contents(tensor)))

    def keep_outputs(self, call: Call, tensors: Tensors) -> None:
        """Copy the outputs of a call that has just run, and have their gradients copied."""
        super().keep_outputs(call, tensors)
        for name in call.outputs:
            function = tensors[name].creator_node
            if function is not None:
                function.add_hook(_GradientHook(self, call, name, tensors[name].node), name)


class _GradientHook(chainer.FunctionHook):  # type: ignore[misc]
    """Copies the gradient that arrives at one output of a function, and notes what its backward writes over."""

    def __init__(self, recording: Recording, call: Call, name: str, node: Any) -> None:
        super().__init__()
        self._recording, self._call, self._name, self._node = recording, call, name, node

    def backward_preprocess(self, function: Any, in_data: Sequence[Array], out_grad: Sequence[Array]) -> None:
        position = next(i for i, output in enumerate(function.outputs) if output() is self._node)
        if out_grad[position] is not None:
            self._recording.keep(gradient_name(self._name), out_grad[position])

    def backward_postprocess(self, function: Any, in_data: Sequence[Array], out_grad: Sequence[Array]) -> None:
        touched = [array for array in (*in_data, *out_grad) if array is not None]
        self._recording.notice(self._call.op, "backward", self._call.outputs[0], touched)


def _contents(tensor: Any) -> Array:
    return np.asarray(tensor.array if isinstance(tensor, chainer.Variable) else tensor)
