"""PyTorch's form of Nesterov's momentum, which Chainer lacks, written with Chainer's interface for optimizers."""

from typing import Any

import numpy as np

from backends.chainer_autograd.framework import chainer


class NesterovRule(chainer.optimizer.UpdateRule):  # type: ignore[misc]
    """The update of one parameter."""

    def init_state(self, param: Any) -> None:
        """The velocity starts at 0."""
        self.state["v"] = np.zeros_like(param.array)

    def update_core_cpu(self, param: Any) -> None:
        """One update, in place."""
        v, lr, momentum = self.state["v"], self.hyperparam.lr, self.hyperparam.momentum
        v *= momentum
        v -= param.grad
        param.array -= lr * (param.grad - momentum * v)


class Nesterov(chainer.optimizer.GradientMethod):  # type: ignore[misc]
    """Stochastic gradient descent with Nesterov's momentum, as PyTorch has it."""

    lr = chainer.optimizer.HyperparameterProxy("lr")
    momentum = chainer.optimizer.HyperparameterProxy("momentum")

    def __init__(self, lr: float, momentum: float) -> None:
        super().__init__()
        self.hyperparam.lr = lr
        self.hyperparam.momentum = momentum

    def create_update_rule(self) -> NesterovRule:
        """One rule per parameter."""
        return NesterovRule(self.hyperparam)
