"""Layers that give their units a mean of 0 and a variance of 1."""

from backends.chainer_autograd.framework import F, Variable, chainer


def layer_norm(x: Variable, gain: Variable, bias: Variable, *, eps: float) -> Variable:
    """y = gain·(x − μ) / √(σ² + eps) + bias, by row.  x (…, D), gain (D,), bias (D,) → y (…, D)."""
    # Chainer normalises the rows of a matrix.
    return F.reshape(F.layer_normalization(F.reshape(x, (-1, x.shape[-1])), gain, bias, eps=eps), x.shape)


def batch_norm(
    x: Variable,
    gain: Variable,
    bias: Variable,
    running_mean: Variable,
    running_var: Variable,
    *,
    eps: float,
    momentum: float,
) -> tuple[Variable, Variable, Variable]:
    """y = gain·(x − μ) / √(σ² + eps) + bias, by channel over the batch; and the new running mean and variance."""
    # Chainer writes the running statistics in place, into arrays; its decay is the share of the old ones that stays.
    new_mean = chainer.as_variable(running_mean).array.copy()
    new_var = chainer.as_variable(running_var).array.copy()
    y = F.batch_normalization(x, gain, bias, eps=eps, running_mean=new_mean, running_var=new_var, decay=1 - momentum)
    return y, chainer.as_variable(new_mean), chainer.as_variable(new_var)


def group_norm(x: Variable, gain: Variable, bias: Variable, *, groups: int, eps: float) -> Variable:
    """y = gain·(x − μ) / √(σ² + eps) + bias, by group of channels.  x (N, C, …), gain (C,), bias (C,)."""
    return F.group_normalization(x, groups, gain, bias, eps)


def local_response_norm(x: Variable, *, n: int, k: float, alpha: float, beta: float) -> Variable:
    """y = x / (k + alpha·Σ x² over the n channels around)^beta.  x (N, C, …) → y (the same)."""
    return F.local_response_normalization(x, n, k, alpha, beta)
