"""A `Trainer` replaces the loop, and extensions replace everything in it beside training.

The Trainer now decides when to stop and what to call after each epoch: to print, to draw a plot or to save the model.
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

    def forward(self, x, y):
        """Predict y, and report and return the loss."""
        loss = F.mean_squared_error(self.l2(F.relu(self.l1(x))), y)
        chainer.report({"loss": loss}, self)
        return loss


def train(x, y, w1, w2, *, lr, epochs):
    """Yield each epoch's loss, its updated weights and their gradients."""
    model = TwoLayer(w1, w2)
    optimizer = chainer.optimizers.SGD(lr).setup(model)
    batches = chainer.iterators.SerialIterator(chainer.datasets.TupleDataset(x, y), len(x), shuffle=False)
    updater = chainer.training.StandardUpdater(batches, optimizer)
    trainer = chainer.training.Trainer(updater, (epochs, "epoch"), out=".")  # where extensions write files
    log = []

    @trainer.extend
    def keep(trainer):
        loss = trainer.observation["main/loss"]
        log.append((loss.array, [w.array.T.copy() for w in model.params()], [w.grad.T.copy() for w in model.params()]))

    trainer.run()
    yield from log


if __name__ == "__main__":
    np.random.seed(1)
    shapes = (2, 3), (2, 3), (3, 2), (2, 3)
    x, y, w1, w2 = (np.random.randn(*shape).astype(np.float32) for shape in shapes)
    for epoch, (loss, _, _) in enumerate(train(x, y, w1, w2, lr=1e-4, epochs=300), 1):
        print(f"{epoch:3} {loss:.9g}")
