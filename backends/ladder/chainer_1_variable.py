"""`chainer.Variable` and its `backward()` replace the gradients by hand.

Chainer now keeps a record of what computed the loss, goes back through it and leaves a gradient in every Variable.
"""

import numpy as np

from backends.compatibility.chainer import import_chainer  # Chainer is older than today's NumPy

chainer = import_chainer()


def train(x, y, w1, w2, *, lr, epochs):
    """Yield each epoch's loss, its updated weights and their gradients."""
    w1, w2 = chainer.Variable(w1), chainer.Variable(w2)
    for _ in range(epochs):
        h = x @ w1
        h_r = h * (h.array > 0)
        y_p = h_r @ w2
        loss = ((y_p - y) ** 2).mean()

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
