"""Records what flows between Chainer's functions in a rung, with Chainer's FunctionHook."""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from backends.chainer_autograd.framework import chainer
from backends.climbing.flow import Flow
from backends.contract import Array


class Watch(chainer.FunctionHook):  # type: ignore[misc]
    """Keeps h, h_r and y_p of every epoch, and their gradients."""

    name = "watch"

    def __init__(self) -> None:
        super().__init__()
        self._received: list[Array] = []
        self._arrived: list[Array] = []
        self._epochs: deque[Flow] = deque()

    def forward_preprocess(self, function: Any, in_data: Sequence[Array]) -> None:
        """Keep a function's first input, unless Chainer calls the function in its backward pass."""
        if chainer.config.enable_backprop:
            self._received.append(in_data[0])

    def backward_preprocess(self, function: Any, in_data: Sequence[Array], out_grad: Sequence[Array]) -> None:
        """Keep the gradient of a function's output. The first product, whose input is data, is reached last."""
        self._arrived.append(out_grad[0])
        if not function.inputs[0].requires_grad:
            _, h, h_r, y_p = self._received[:4]
            grad_y_p, grad_h_r, grad_h = self._arrived[-3:]
            self._epochs.append(Flow((h, h_r, y_p), (grad_h, grad_h_r, grad_y_p)))
            self._received.clear()
            self._arrived.clear()

    @contextmanager
    def over(self, dtype: str) -> Iterator[None]:
        """Watch while a rung trains, and give its links this dtype."""
        with self, chainer.using_config("dtype", dtype):
            yield

    def next_flow(self) -> Flow:
        """The flow of the next epoch. A Trainer runs all epochs before the first flow is read."""
        return self._epochs.popleft()
