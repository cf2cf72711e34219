"""PyTorch's tensors replace NumPy's arrays, operation by operation.

PyTorch now does the arithmetic, and could do it on a GPU; every gradient is still by hand.
"""

import numpy as np
import torch


def train(x, y, w1, w2, *, lr, epochs):
    """Yield each epoch's loss, its updated weights, their gradients, and all values and gradients in between."""
    x, y, w1, w2 = (torch.tensor(array) for array in (x, y, w1, w2))
    for _ in range(epochs):
        h = x @ w1
        h_r = h.clamp(min=0)
        y_p = h_r @ w2
        loss = (y_p - y).square().mean()

        grad_y_p = 2 * (y_p - y) / y.numel()
        grad_h_r = grad_y_p @ w2.T
        grad_w2 = h_r.T @ grad_y_p
        grad_h = torch.where(h > 0, grad_h_r, 0)
        grad_w1 = x.T @ grad_h

        w1 = w1 - lr * grad_w1
        w2 = w2 - lr * grad_w2
        groups = (w1, w2), (grad_w1, grad_w2), (h, h_r, y_p), (grad_h, grad_h_r, grad_y_p)
        yield loss.numpy(), *(tuple(tensor.numpy() for tensor in tensors) for tensors in groups)


if __name__ == "__main__":
    np.random.seed(1)
    shapes = (2, 3), (2, 3), (3, 2), (2, 3)
    x, y, w1, w2 = (np.random.randn(*shape).astype(np.float32) for shape in shapes)
    for epoch, (loss, *_) in enumerate(train(x, y, w1, w2, lr=1e-4, epochs=300), 1):
        print(f"{epoch:3} {loss:.9g}")
