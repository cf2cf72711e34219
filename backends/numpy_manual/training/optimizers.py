"""The optimizers' rules for one weight: `momentum(w, grad_w, v, *, lr, momentum)` returns the new w and v.

Every rule computes each element from the elements in the same place; `backends.rules.is_elementwise` relies on it.
State starts at 0, or at the default that the signature gives it; where a scenario sets `initial_v`, v starts at that.
"""

import numpy as np

from backends.contract import Array


def sgd(w: Array, grad_w: Array, *, lr: float) -> Array:
    """w ← w − lr·∂L/∂w.  Any shape; lr is the learning rate (Robbins & Monro 1951)."""
    return w - lr * grad_w


def momentum(w: Array, grad_w: Array, v: Array, *, lr: float, momentum: float) -> tuple[Array, Array]:
    """v ← momentum·v + ∂L/∂w,  w ← w − lr·v.  Any shape; v starts at 0 (Polyak 1964; Sutskever et al. 2013)."""
    v = momentum * v + grad_w
    return w - lr * v, v


def dampened_momentum(
    w: Array, grad_w: Array, v: Array, *, t: int, lr: float, momentum: float, dampening: float
) -> tuple[Array, Array]:
    """v ← momentum·v + (1 − dampening)·∂L/∂w, but all of ∂L/∂w at the first step,  w ← w − lr·v.

    Any shape; v starts at 0; t is the number of the step (Polyak 1964, dampened as in PyTorch's SGD).
    """
    taken = 1 - dampening * (t > 1)
    v = momentum * v + taken * grad_w
    return w - lr * v, v


def nesterov(w: Array, grad_w: Array, v: Array, *, lr: float, momentum: float) -> tuple[Array, Array]:
    """v ← momentum·v + ∂L/∂w,  w ← w − lr·(∂L/∂w + momentum·v): a look ahead along the new velocity.

    Any shape; v starts at 0. PyTorch's rule, which is Nesterov's in the form of Sutskever et al. 2013.
    """
    v = momentum * v + grad_w
    return w - lr * (grad_w + momentum * v), v


def nesterov_ag(w: Array, grad_w: Array, v: Array, *, lr: float, momentum: float) -> tuple[Array, Array]:
    """v ← momentum·v − lr·∂L/∂w,  w ← w + momentum²·v − (1 + momentum)·lr·∂L/∂w.

    Any shape; v starts at 0. The rule of Chainer's NesterovAG, after Bengio et al. 2013 (arXiv:1212.0901), whose
    formula has the old velocity where this one has the new one; not the same rule as nesterov.
    """
    v = momentum * v - lr * grad_w
    return w + momentum * momentum * v - (1 + momentum) * lr * grad_w, v


def adagrad(w: Array, grad_w: Array, h: Array, *, lr: float, eps: float) -> tuple[Array, Array]:
    """h ← h + (∂L/∂w)²,  w ← w − lr·∂L/∂w / (√h + eps).  Any shape; h starts at 0 or initial_h (Duchi et al. 2011)."""
    h = h + grad_w * grad_w
    return w - lr * grad_w / (np.sqrt(h) + eps), h


def rmsprop(w: Array, grad_w: Array, v: Array, *, lr: float, alpha: float, eps: float) -> tuple[Array, Array]:
    """v ← alpha·v + (1 − alpha)·(∂L/∂w)²,  w ← w − lr·∂L/∂w / (√v + eps).

    Any shape; v starts at 0 or initial_v (Tieleman & Hinton 2012, lecture 6.5).
    """
    v = alpha * v + (1 - alpha) * grad_w * grad_w
    return w - lr * grad_w / (np.sqrt(v) + eps), v


def rmsprop_eps_inside(
    w: Array, grad_w: Array, v: Array, *, lr: float, alpha: float, eps: float
) -> tuple[Array, Array]:
    """v ← alpha·v + (1 − alpha)·(∂L/∂w)²,  w ← w − lr·∂L/∂w / √(v + eps).

    Any shape; v starts at 0 or initial_v (Tieleman & Hinton 2012, lecture 6.5, with eps as Chainer's eps_inside_sqrt
    puts it).
    """
    v = alpha * v + (1 - alpha) * grad_w * grad_w
    return w - lr * grad_w / np.sqrt(v + eps), v


def rmsprop_with_momentum(
    w: Array, grad_w: Array, v: Array, b: Array, *, lr: float, momentum: float, alpha: float, eps: float
) -> tuple[Array, Array, Array]:
    """v ← alpha·v + (1 − alpha)·(∂L/∂w)²,  b ← momentum·b + ∂L/∂w / (√v + eps),  w ← w − lr·b.

    Any shape; v starts at 0 or initial_v, b at 0 (Tieleman & Hinton 2012, lecture 6.5, with momentum as in PyTorch).
    """
    v = alpha * v + (1 - alpha) * grad_w * grad_w
    b = momentum * b + grad_w / (np.sqrt(v) + eps)
    return w - lr * b, v, b


def rmsprop_centered(
    w: Array, grad_w: Array, v: Array, g: Array, *, lr: float, alpha: float, eps: float
) -> tuple[Array, Array, Array]:
    """v and g, running means of (∂L/∂w)² and of ∂L/∂w,  w ← w − lr·∂L/∂w / (√(v − g²) + eps).

    v ← alpha·v + (1 − alpha)·(∂L/∂w)²,  g ← alpha·g + (1 − alpha)·∂L/∂w: v − g² is the gradient's variance.  Any
    shape; v and g start at 0 (Graves 2013, arXiv:1308.0850, section 4.2, with eps as in PyTorch's RMSprop).
    """
    v = alpha * v + (1 - alpha) * grad_w * grad_w
    g = alpha * g + (1 - alpha) * grad_w
    return w - lr * grad_w / (np.sqrt(v - g * g) + eps), v, g


def rmsprop_graves(
    w: Array, grad_w: Array, v: Array, g: Array, delta: Array, *, lr: float, momentum: float, alpha: float, eps: float
) -> tuple[Array, Array, Array, Array]:
    """v and g as in rmsprop_centered,  delta ← momentum·delta − lr·∂L/∂w / √(v − g² + eps),  w ← w + delta.

    Any shape; v, g and delta, the step, start at 0 (Graves 2013, arXiv:1308.0850, equations 38 to 41).
    """
    v = alpha * v + (1 - alpha) * grad_w * grad_w
    g = alpha * g + (1 - alpha) * grad_w
    delta = momentum * delta - lr * grad_w / np.sqrt(v - g * g + eps)
    return w + delta, v, g, delta


def smorms3(
    w: Array,
    grad_w: Array,
    length: Array = 1,  # type: ignore[assignment]
    g: Array = 0,  # type: ignore[assignment]
    v: Array = 0,  # type: ignore[assignment]
    *,
    lr: float,
    eps: float,
) -> tuple[Array, Array, Array, Array]:
    """g and v, means of ∂L/∂w and its square over about `length` updates,  w ← w − min(g²/v, lr)·∂L/∂w / (√v + eps).

    r = 1 / (length + 1),  g ← (1 − r)·g + r·∂L/∂w,  v ← (1 − r)·v + r·(∂L/∂w)²,  length ← 1 + length·(1 − g²/v), with
    v + eps where g² is divided.  Any shape; length starts at 1, g and v at 0 (S. Funk 2015, RMSprop loses to SMORMS3;
    as in Chainer).
    """
    r = 1 / (length + 1)
    g = (1 - r) * g + r * grad_w
    v = (1 - r) * v + r * grad_w * grad_w
    steadiness = g * g / (v + eps)
    step = grad_w * np.minimum(steadiness, lr) / (np.sqrt(v) + eps)
    return w - step, 1 + length * (1 - steadiness), g, v


def adadelta(w: Array, grad_w: Array, v: Array, u: Array, *, rho: float, eps: float) -> tuple[Array, Array, Array]:
    """v ← rho·v + (1 − rho)·g²,  d = √((u + eps) / (v + eps))·g,  u ← rho·u + (1 − rho)·d²,  w ← w − d, with g = ∂L/∂w.

    Any shape; v and u, the running means of squared gradients and of squared steps, start at 0 (Zeiler 2012,
    arXiv:1212.5701, Algorithm 1).
    """
    v = rho * v + (1 - rho) * grad_w * grad_w
    step = np.sqrt(u + eps) / np.sqrt(v + eps) * grad_w
    return w - step, v, rho * u + (1 - rho) * step * step
