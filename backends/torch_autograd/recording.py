"""Copies what flows between PyTorch's ops, with hooks of tensors for the gradients."""

from collections.abc import Hashable
from functools import partial

import torch

from backends.contract import Array, Call, Tensors, gradient_name
from backends.recording import Recording


class TensorRecording(Recording):
    """The tensors of one update and their gradients."""

    def __init__(self, given: Tensors) -> None:
        super().__init__(given, _contents, _memory)

    def keep_outputs(self, call: Call, tensors: Tensors) -> None:
        """Copy the outputs of a call that has just run, and have their gradients copied.

        A hook that is set before a tensor is written over gets the gradient of what it was before.
        """
        super().keep_outputs(call, tensors)
        for name in call.outputs:
            if tensors[name].requires_grad:
                tensors[name].register_hook(partial(self.keep, gradient_name(name)))


def _contents(tensor: torch.Tensor) -> Array:
    array: Array = tensor.detach().numpy()
    return array


def _memory(tensor: torch.Tensor) -> Hashable:
    return tensor.untyped_storage().data_ptr()
