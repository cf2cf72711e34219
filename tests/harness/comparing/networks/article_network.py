"""The article's two layers: by hand in NumPy, wrapped in a few lines, and as a reader's Chain."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from backends.capture.training import Training
from backends.contract import Array
from lockstep import import_chainer

chainer: Any = import_chainer()
F, L = chainer.functions, chainer.links
ROWS, INPUTS, HIDDEN, OUTPUTS = 16, 30, 12, 4
LR = 1e-4


def train(
    weights: dict[str, Array], batches: Iterator[Any]
) -> Iterator[tuple[Any, Mapping[str, Array], dict[str, Array]]]:
    """Squared errors, gradients by hand, plain gradient descent."""
    w1, w2 = weights["W1"], weights["W2"]
    for x, y in batches:
        h = x.dot(w1)
        h_relu = np.maximum(h, 0)
        y_pred = h_relu.dot(w2)
        loss = np.square(y_pred - y).sum()
        grad_y_pred = 2.0 * (y_pred - y)
        grad_w2 = h_relu.T.dot(grad_y_pred)
        grad_h = grad_y_pred.dot(w2.T)
        grad_h[h < 0] = 0
        grad_w1 = x.T.dot(grad_h)
        w1 = w1 - w1.dtype.type(LR) * grad_w1
        w2 = w2 - w2.dtype.type(LR) * grad_w2
        yield loss, {"W1": w1, "W2": w2}, {"W1": grad_w1, "W2": grad_w2}


def step(weights: dict[str, Array], x: Array, y: Array) -> tuple[Any, dict[str, Array]]:
    """One update of the same, with a slip: the mask asks for the wrong sign."""
    h = x.dot(weights["W1"])
    h_relu = np.maximum(h, 0)
    y_pred = h_relu.dot(weights["W2"])
    grad_y_pred = 2.0 * (y_pred - y)
    grad_h = grad_y_pred.dot(weights["W2"].T)
    grad_h[h > 0] = 0
    grads = {"W1": x.T.dot(grad_h), "W2": h_relu.T.dot(grad_y_pred)}
    for name, grad in grads.items():
        weights[name] -= weights[name].dtype.type(LR) * grad
    return np.square(y_pred - y).sum(), grads


class ReadersChain(chainer.Chain):  # type: ignore[misc]
    """What a reader writes after the article."""

    def __init__(self) -> None:
        super().__init__()
        with self.init_scope():
            self.l1 = L.Linear(INPUTS, HIDDEN, nobias=True)
            self.l2 = L.Linear(HIDDEN, OUTPUTS, nobias=True)

    def forward(self, x: Any) -> Any:
        h = self.l1(x)
        h_relu = F.relu(h)
        return self.l2(h_relu)


def loss(model: Any, x: Any, y: Any) -> Any:
    """The sum of squared errors."""
    return F.sum(F.square(model(x) - y))


def weights() -> dict[str, Array]:
    """Starting weights of float32."""
    random = np.random.RandomState(1)
    shapes = {"W1": (INPUTS, HIDDEN), "W2": (HIDDEN, OUTPUTS)}
    return {name: random.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}


def batches() -> list[tuple[Array, Array]]:
    """The same rows at every update."""
    random = np.random.RandomState(2)
    return [
        (
            random.standard_normal((ROWS, INPUTS)).astype(np.float32),
            random.standard_normal((ROWS, OUTPUTS)).astype(np.float32),
        )
    ]


def in_chainer() -> Training:
    """The Chain's training."""
    model = ReadersChain()
    return Training(model, loss, chainer.optimizers.SGD(lr=LR).setup(model))
