"""Records what flows between PyTorch's functions in a rung, with PyTorch's TorchFunctionMode."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch.overrides import TorchFunctionMode

from backends.climbing.flow import Flow


class Watch(TorchFunctionMode):
    """Keeps h, h_r and y_p of an epoch, and their gradients."""

    def __init__(self) -> None:
        super().__init__()
        self._outputs: list[torch.Tensor] = []

    def __torch_function__(
        self,
        function: Callable[..., Any],
        types: Any,
        arguments: tuple[Any, ...] = (),
        settings: Mapping[str, Any] | None = None,
    ) -> Any:
        result = function(*arguments, **(settings or {}))
        if isinstance(result, torch.Tensor) and result.grad_fn is not None:
            result.retain_grad()
            self._outputs.append(result)
        return result

    @contextmanager
    def over(self, dtype: str) -> Iterator[None]:
        """Watch while a rung trains for an epoch."""
        self._outputs.clear()
        with self:
            yield

    def next_flow(self) -> Flow:
        """The flow of the epoch: the first three tensors that PyTorch made with a gradient."""
        tensors = self._outputs[:3]
        h, h_r, y_p = (tensor.detach().numpy() for tensor in tensors)
        grad_h, grad_h_r, grad_y_p = (np.asarray(tensor.grad) for tensor in tensors)
        return Flow((h, h_r, y_p), (grad_h, grad_h_r, grad_y_p))
