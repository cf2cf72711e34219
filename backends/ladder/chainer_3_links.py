"""`L.Linear` links replace the Variables that stood by themselves.

A link now keeps its weight (transposed) together with the product that uses it, and draws one if you give none.
"""

import numpy as np

from backends.compatibility.chainer import import_chainer  # Chainer is older than today's NumPy

chainer = import_chainer()
F, L = chainer.functions, chainer.links


def train(x, y, w1, w2, *, lr, epochs):
    """Yield each epoch's loss, its updated weights and their gradients."""
    l1 = L.Linear(*w1.shape, nobias=True, initialW=w1.T)
    l2 = L.Linear(*w2.shape, nobias=True, initialW=w2.T)
    for _ in range(epochs):
        h = l1(x)
        h_r = F.relu(h)
        y_p = l2(h_r)
        loss = F.mean_squared_error(y_p, y)

        l1.cleargrads()
        l2.cleargrads()
        loss.backward()

        l1.W.array = l1.W.array - lr * l1.W.grad
        l2.W.array = l2.W.array - lr * l2.W.grad
        yield loss.array, (l1.W.array.T, l2.W.array.T), (l1.W.grad.T, l2.W.grad.T)


if __name__ == "__main__":
    np.random.seed(1)
    shapes = (2, 3), (2, 3), (3, 2), (2, 3)
    x, y, w1, w2 = (np.random.randn(*shape).astype(np.float32) for shape in shapes)
    for epoch, (loss, _, _) in enumerate(train(x, y, w1, w2, lr=1e-4, epochs=300), 1):
        print(f"{epoch:3} {loss:.9g}")
