"""The two-layer network as a user would write it in each framework: the baseline of timings."""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as torch_F

from backends.compatibility.chainer import import_chainer
from backends.contract import Array

chainer = import_chainer()


def numpy_loop(x: Array, y: Array, w1: Array, w2: Array, lr: float, epochs: int) -> list[Any]:
    """Gradients by hand, as the article's program writes them."""
    w1, w2 = w1.copy(), w2.copy()
    losses = []
    for _ in range(epochs):
        h = x @ w1
        h_r = np.maximum(h, 0)
        y_p = h_r @ w2
        losses.append(np.square(y_p - y).sum() / y.size)
        grad_y_p = 2.0 * (y_p - y) / y.size
        grad_w2 = h_r.T @ grad_y_p
        grad_h_r = grad_y_p @ w2.T
        grad_h = grad_h_r.copy()
        grad_h[h < 0] = 0
        grad_w1 = x.T @ grad_h
        w1 -= lr * grad_w1
        w2 -= lr * grad_w2
    return losses


def chainer_loop(x: Array, y: Array, w1: Array, w2: Array, lr: float, epochs: int) -> list[Any]:
    """Chainer's autograd and its SGD."""
    model = chainer.Chain()
    with model.init_scope():
        model.w1 = chainer.Parameter(w1.copy())
        model.w2 = chainer.Parameter(w2.copy())
    optimizer = chainer.optimizers.SGD(lr=lr).setup(model)
    losses = []
    for _ in range(epochs):
        h = chainer.functions.matmul(x, model.w1)
        y_p = chainer.functions.matmul(chainer.functions.relu(h), model.w2)
        loss = chainer.functions.mean_squared_error(y_p, y)
        losses.append(loss.array)
        model.cleargrads()
        loss.backward()
        optimizer.update()
    return losses


def torch_loop(x: Array, y: Array, w1: Array, w2: Array, lr: float, epochs: int) -> list[Any]:
    """PyTorch's autograd and its SGD."""
    x_t, y_t = torch.tensor(x), torch.tensor(y)
    parameters = [torch.tensor(w1, requires_grad=True), torch.tensor(w2, requires_grad=True)]
    optimizer = torch.optim.SGD(parameters, lr=lr)
    losses = []
    for _ in range(epochs):
        y_p = torch_F.relu(x_t @ parameters[0]) @ parameters[1]
        loss = torch_F.mse_loss(y_p, y_t)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return losses


BARE_LOOPS = {"numpy": numpy_loop, "chainer": chainer_loop, "torch": torch_loop}
