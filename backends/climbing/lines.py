"""Which tensors each line of a rung computes, under the names that results use.

The line that a rung's function begins with stands for what goes into an epoch. Where a framework does several things
in one call, its line computes all of them.
"""

from collections.abc import Mapping

H, H_R, Y_P, LOSS = ("h",), ("h_r",), ("y_p",), ("loss",)
GRADIENTS = ("grad_y_p", "grad_h_r", "grad_w2", "grad_h", "grad_w1")
"""In the order in which a backward pass computes them."""
NEW_W1, NEW_W2 = ("new w1",), ("new w2",)

COMPUTED: Mapping[str, tuple[str, ...]] = {
    "def train(x, y, w1, w2, *, lr, epochs):": ("x", "y", "w1", "w2"),
    "h = x @ w1": H,
    "h = F.matmul(x, w1)": H,
    "h = l1(x)": H,
    "h_r = np.maximum(h, 0)": H_R,
    "h_r = h * (h.array > 0)": H_R,
    "h_r = h.clamp(min=0)": H_R,
    "h_r = F.relu(h)": H_R,
    "y_p = h_r @ w2": Y_P,
    "y_p = F.matmul(h_r, w2)": Y_P,
    "y_p = l2(h_r)": Y_P,
    "return self.l2(F.relu(self.l1(x)))": (*H, *H_R),
    "y_p = model(x)": Y_P,
    "y_p = self.l2(F.relu(self.l1(x)))": (*H, *H_R, *Y_P),
    "loss = np.square(y_p - y).mean()": LOSS,
    "loss = ((y_p - y) ** 2).mean()": LOSS,
    "loss = (y_p - y).square().mean()": LOSS,
    "loss = F.mean_squared_error(y_p, y)": LOSS,
    "loss = F.mse_loss(y_p, y)": LOSS,
    "self.loss = F.mean_squared_error(y_p, y)": LOSS,
    "loss = F.mean_squared_error(self.l2(F.relu(self.l1(x))), y)": (*H, *H_R, *Y_P, *LOSS),
    "grad_y_p = 2 * (y_p - y) / y.size": ("grad_y_p",),
    "grad_y_p = 2 * (y_p - y) / y.numel()": ("grad_y_p",),
    "grad_h_r = grad_y_p @ w2.T": ("grad_h_r",),
    "grad_w2 = h_r.T @ grad_y_p": ("grad_w2",),
    "grad_h = np.where(h > 0, grad_h_r, 0)": ("grad_h",),
    "grad_h = torch.where(h > 0, grad_h_r, 0)": ("grad_h",),
    "grad_w1 = x.T @ grad_h": ("grad_w1",),
    "loss.backward()": GRADIENTS,
    "w1 = w1 - lr * grad_w1": NEW_W1,
    "w2 = w2 - lr * grad_w2": NEW_W2,
    "w1.array = w1.array - lr * w1.grad": NEW_W1,
    "w2.array = w2.array - lr * w2.grad": NEW_W2,
    "l1.W.array = l1.W.array - lr * l1.W.grad": NEW_W1,
    "l2.W.array = l2.W.array - lr * l2.W.grad": NEW_W2,
    "w1 -= lr * w1.grad": NEW_W1,
    "w2 -= lr * w2.grad": NEW_W2,
    "w.array = w.array - lr * w.grad": (*NEW_W1, *NEW_W2),
    "w -= lr * w.grad": (*NEW_W1, *NEW_W2),
    "optimizer.update()": (*NEW_W1, *NEW_W2),
    "optimizer.step()": (*NEW_W1, *NEW_W2),
    "updater.update()": (*GRADIENTS, *NEW_W1, *NEW_W2),
    "trainer.run()": (*GRADIENTS, *NEW_W1, *NEW_W2),
}
"""By the line without its indentation."""


def computed_by(line: str) -> tuple[str, ...]:
    """The tensors that a line of a rung computes; none for one that computes nothing."""
    return COMPUTED.get(line.strip(), ())
