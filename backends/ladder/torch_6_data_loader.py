"""A `DataLoader` replaces the data that was handed over whole, and a `TensorDataset` keeps its pairs together.

The DataLoader now deals the data out in batches, and could shuffle them or prepare them in other processes.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class TwoLayer(nn.Module):
    """Two layers with relu between them; a layer keeps its weight transposed."""

    def __init__(self, w1, w2):
        super().__init__()
        self.l1 = nn.Linear(*w1.shape, bias=False)
        self.l2 = nn.Linear(*w2.shape, bias=False)
        self.l1.weight = nn.Parameter(torch.tensor(w1.T))
        self.l2.weight = nn.Parameter(torch.tensor(w2.T))

    def forward(self, x):
        """Predict y."""
        return self.l2(F.relu(self.l1(x)))


def train(x, y, w1, w2, *, lr, epochs):
    """Yield each epoch's loss, its updated weights and their gradients."""
    model = TwoLayer(w1, w2)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    batches = DataLoader(TensorDataset(torch.tensor(x), torch.tensor(y)), batch_size=len(x))
    for _ in range(epochs):
        for x, y in batches:
            y_p = model(x)
            loss = F.mse_loss(y_p, y)

            optimizer.zero_grad()
            loss.backward()

            optimizer.step()
        weights = list(model.parameters())
        yield loss.detach().numpy(), [w.detach().numpy().T for w in weights], [w.grad.numpy().T for w in weights]


if __name__ == "__main__":
    np.random.seed(1)
    shapes = (2, 3), (2, 3), (3, 2), (2, 3)
    x, y, w1, w2 = (np.random.randn(*shape).astype(np.float32) for shape in shapes)
    for epoch, (loss, _, _) in enumerate(train(x, y, w1, w2, lr=1e-4, epochs=300), 1):
        print(f"{epoch:3} {loss:.9g}")
