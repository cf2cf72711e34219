"""An optimizer replaces the update by hand.

The optimizer now applies its rule to every parameter of the model; another rule, such as Adam, is just another name.
"""

import numpy as np

from backends.compatibility.chainer import import_chainer  # Chainer is older than today's NumPy

chainer = import_chainer()
F, L = chainer.functions, chainer.links


class TwoLayer(chainer.Chain):
    """Two links with relu between them."""

    def __init__(self, w1, w2):
        super().__init__()
        with self.init_scope():
            self.l1 = L.Linear(*w1.shape, nobias=True, initialW=w1.T)
            self.l2 = L.Linear(*w2.shape, nobias=True, initialW=w2.T)

    def forward(self, x):
        """Predict y."""
        return self.l2(F.relu(self.l1(x)))


def train(x, y, w1, w2, *, lr, epochs):
    """Yield each epoch's loss, its updated weights and their gradients."""
    model = TwoLayer(w1, w2)
    optimizer = chainer.optimizers.SGD(lr).setup(model)
    for _ in range(epochs):
        y_p = model(x)
        loss = F.mean_squared_error(y_p, y)

        model.cleargrads()
        loss.backward()

        optimizer.update()
        yield loss.array, [w.array.T for w in model.params()], [w.grad.T for w in model.params()]


if __name__ == "__main__":
    np.random.seed(1)
    shapes = (2, 3), (2, 3), (3, 2), (2, 3)
    x, y, w1, w2 = (np.random.randn(*shape).astype(np.float32) for shape in shapes)
    for epoch, (loss, _, _) in enumerate(train(x, y, w1, w2, lr=1e-4, epochs=300), 1):
        print(f"{epoch:3} {loss:.9g}")
