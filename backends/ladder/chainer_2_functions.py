"""`chainer.functions` replaces the formulas of the forward pass.

Chainer now knows each function by name and differentiates it as one: with the mask of relu, and the mean's division.
"""

import numpy as np

from backends.compatibility.chainer import import_chainer  # Chainer is older than today's NumPy

chainer = import_chainer()
F = chainer.functions


def train(x, y, w1, w2, *, lr, epochs):
    """Yield each epoch's loss, its updated weights and their gradients."""
    w1, w2 = chainer.Variable(w1), chainer.Variable(w2)
    for _ in range(epochs):
        h = F.matmul(x, w1)
        h_r = F.relu(h)
        y_p = F.matmul(h_r, w2)
        loss = F.mean_squared_error(y_p, y)

        w1.cleargrad()
        w2.cleargrad()
        loss.backward()

        w1.array = w1.array - lr * w1.grad
        w2.array = w2.array - lr * w2.grad
        yield loss.array, (w1.array, w2.array), (w1.grad, w2.grad)


if __name__ == "__main__":
    np.random.seed(1)
    shapes = (2, 3), (2, 3), (3, 2), (2, 3)
    x, y, w1, w2 = (np.random.randn(*shape).astype(np.float32) for shape in shapes)
    for epoch, (loss, _, _) in enumerate(train(x, y, w1, w2, lr=1e-4, epochs=300), 1):
        print(f"{epoch:3} {loss:.9g}")
