"""Optimizers that Chainer lacks, written with its interface for them: an update rule for one parameter each."""

from typing import Any, ClassVar

import numpy as np

from backends.chainer_autograd.framework import chainer


class WrittenRule(chainer.optimizer.UpdateRule):  # type: ignore[misc]
    """The update of one parameter, whose state starts at the numbers of `first`. A subclass changes it in place."""

    first: ClassVar[dict[str, float]] = {}

    def init_state(self, param: Any) -> None:
        """Make the state."""
        for name, number in self.first.items():
            self.state[name] = np.full_like(param.array, number)


class WrittenMethod(chainer.optimizer.GradientMethod):  # type: ignore[misc]
    """An optimizer with the hyperparameters that it is given by name, and one `rule` per parameter."""

    rule: ClassVar[type[WrittenRule]] = WrittenRule
    lr = chainer.optimizer.HyperparameterProxy("lr")

    def __init__(self, **hyperparameters: float) -> None:
        super().__init__()
        for name, value in hyperparameters.items():
            setattr(self.hyperparam, name, value)

    def create_update_rule(self) -> WrittenRule:
        """One rule per parameter."""
        return self.rule(self.hyperparam)


class DampenedMomentumRule(WrittenRule):
    """Momentum that takes all of the first gradient, and 1 − dampening of every later one."""

    first: ClassVar[dict[str, float]] = {"v": 0}

    def update_core_cpu(self, param: Any) -> None:
        """One update, in place."""
        v, its = self.state["v"], self.hyperparam
        v *= its.momentum
        v += param.grad if self.t == 1 else (1 - its.dampening) * param.grad
        param.array -= its.lr * v


class DampenedMomentum(WrittenMethod):
    """Momentum with PyTorch's dampening."""

    rule = DampenedMomentumRule


class NesterovRule(WrittenRule):
    """PyTorch's form of Nesterov's momentum."""

    first: ClassVar[dict[str, float]] = {"v": 0}

    def update_core_cpu(self, param: Any) -> None:
        """One update, in place."""
        v, lr, momentum = self.state["v"], self.hyperparam.lr, self.hyperparam.momentum
        v *= momentum
        v -= param.grad
        param.array -= lr * (param.grad - momentum * v)


class Nesterov(WrittenMethod):
    """PyTorch's form of Nesterov's momentum."""

    rule = NesterovRule


class RMSpropWithMomentumRule(WrittenRule):
    """RMSprop whose steps are gathered in a velocity b."""

    first: ClassVar[dict[str, float]] = {"v": 0, "b": 0}

    def update_core_cpu(self, param: Any) -> None:
        """One update, in place."""
        v, b, its = self.state["v"], self.state["b"], self.hyperparam
        v *= its.alpha
        v += (1 - its.alpha) * param.grad * param.grad
        b *= its.momentum
        b += param.grad / (np.sqrt(v) + its.eps)
        param.array -= its.lr * b


class RMSpropWithMomentum(WrittenMethod):
    """RMSprop with PyTorch's momentum."""

    rule = RMSpropWithMomentumRule


class RMSpropCenteredRule(WrittenRule):
    """RMSprop whose steps are divided by the gradient's deviation from its mean."""

    first: ClassVar[dict[str, float]] = {"v": 0, "g": 0}

    def update_core_cpu(self, param: Any) -> None:
        """One update, in place."""
        v, g, its = self.state["v"], self.state["g"], self.hyperparam
        v *= its.alpha
        v += (1 - its.alpha) * param.grad * param.grad
        g *= its.alpha
        g += (1 - its.alpha) * param.grad
        param.array -= its.lr * param.grad / (np.sqrt(v - g * g) + its.eps)


class RMSpropCentered(WrittenMethod):
    """RMSprop, centered as in PyTorch."""

    rule = RMSpropCenteredRule


class MomentsRule(WrittenRule):
    """What rules have in common that keep running means m of the gradient and v of its square."""

    first: ClassVar[dict[str, float]] = {"m": 0, "v": 0}

    def update_moments(self, param: Any) -> tuple[Any, Any]:
        """Move both means, in place."""
        m, v, its = self.state["m"], self.state["v"], self.hyperparam
        m *= its.beta1
        m += (1 - its.beta1) * param.grad
        v *= its.beta2
        v += (1 - its.beta2) * param.grad * param.grad
        return m, v


class AdaMaxRule(WrittenRule):
    """Adam that divides by the largest recent gradient."""

    first: ClassVar[dict[str, float]] = {"m": 0, "u": 0}

    def update_core_cpu(self, param: Any) -> None:
        """One update, in place."""
        m, u, its = self.state["m"], self.state["u"], self.hyperparam
        m *= its.beta1
        m += (1 - its.beta1) * param.grad
        u *= its.beta2
        np.maximum(u, abs(param.grad) + its.eps, out=u)
        param.array -= its.lr / (1 - its.beta1**self.t) * m / u


class AdaMax(WrittenMethod):
    """AdaMax as in PyTorch."""

    rule = AdaMaxRule


class NAdamRule(MomentsRule):
    """Adam with Nesterov's look ahead; mu is the product of all momenta so far."""

    first: ClassVar[dict[str, float]] = {"m": 0, "v": 0, "mu": 1}

    def momentum(self, t: int) -> float:
        """The momentum of update t."""
        return float(self.hyperparam.beta1 * (1 - 0.96 ** (t * self.hyperparam.momentum_decay) / 2))

    def update_core_cpu(self, param: Any) -> None:
        """One update, in place."""
        m, v = self.update_moments(param)
        mu, its = self.state["mu"], self.hyperparam
        now, later = self.momentum(self.t), self.momentum(self.t + 1)
        mu *= now
        deviation = np.sqrt(v / (1 - its.beta2**self.t)) + its.eps
        param.array -= its.lr * (1 - now) / (1 - mu) * param.grad / deviation
        param.array -= its.lr * later / (1 - mu * later) * m / deviation


class NAdam(WrittenMethod):
    """NAdam as in PyTorch."""

    rule = NAdamRule


class RAdamRule(MomentsRule):
    """Adam that is rectified for the variance of its first steps."""

    def update_core_cpu(self, param: Any) -> None:
        """One update, in place."""
        m, v = self.update_moments(param)
        its, t = self.hyperparam, self.t
        step = its.lr / (1 - its.beta1**t) * m
        correction, longest = 1 - its.beta2**t, 2 / (1 - its.beta2) - 1
        length = longest - 2 * t * its.beta2**t / correction
        if length > 5:
            ratio = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
            step *= (ratio * correction) ** 0.5 / (np.sqrt(v) + its.eps)
        param.array -= step


class RAdam(WrittenMethod):
    """RAdam as in PyTorch."""

    rule = RAdamRule


class LionRule(WrittenRule):
    """Steps along the sign of a mean of gradients, and a decoupled weight decay."""

    first: ClassVar[dict[str, float]] = {"m": 0}

    def update_core_cpu(self, param: Any) -> None:
        """One update, in place."""
        m, its = self.state["m"], self.hyperparam
        step = np.sign(its.beta1 * m + (1 - its.beta1) * param.grad)
        param.array *= 1 - its.lr * its.weight_decay
        param.array -= its.lr * step
        m *= its.beta2
        m += (1 - its.beta2) * param.grad


class Lion(WrittenMethod):
    """Lion."""

    rule = LionRule
