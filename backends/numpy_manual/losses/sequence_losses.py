"""Losses of whole sequences."""

import numpy as np

from backends.contract import Array
from backends.numpy_manual.activations.smooth import log_softmax
from backends.numpy_manual.gradients import Backward, Gradient
from backends.numpy_manual.losses.loss_reductions import REDUCTIONS


def ctc(
    x: Array,
    labels: Array,
    input_lengths: Array,
    label_lengths: Array,
    *,
    blank: int = 0,
    reduction: str = "mean",
) -> tuple[Array, Backward]:
    """loss = −mean over sequences of ln Σ Π p[t, π(t)] over all paths π that are the labels, p = softmax(x).

    A path says a class or `blank` at every step; what it is comes out where repeats are merged and then blanks dropped.
    x (T, N, C) scores, labels (N, L) without blanks, input_lengths and label_lengths (N,) integers → loss (), or (N,)
    with the reduction "none".  Chainer's mean is this one; PyTorch's first divides each loss by its number of labels.
    α[t, s] sums what paths say up to step t that end at place s of the labels with blanks around each, and β[t, s] what
    they say after it, both as logarithms; −ln Σ α·β is the loss.  ∂loss/∂x[t, c] = p[t, c] − Σ α·β / Σ α·β over the
    places where c stands, and 0 behind the end, divided by N in a mean  (Graves et al. 2006, ICML, equations 5 to 16).

    Why:
        T = 2
        L = 1
        p[t,n,c] = exp(x[t,n,c]) / Σ_k exp(x[t,n,k])
        own[n] = Σ_l labels[n,l]
        q[n,j] = [1 < input_lengths[n]]·p[1,n,j] + [1 ≥ input_lengths[n], j = blank]
        one[n,i,j] = [i = own[n], j = own[n]] + [i = own[n], j = blank] + [i = blank, j = own[n]]
        fits[n,i,j] = [label_lengths[n] = 1]·one[n,i,j] + [label_lengths[n] = 0, i = blank, j = blank]
        z[n] = Σ_ij fits[n,i,j]·p[0,n,i]·q[n,j]
        loss = −Σ_n log(z[n]) / N
        at[t,n,c] = Σ_ij fits[n,i,j]·p[0,n,i]·q[n,j]·([t = 0]·[i = c] + [t = 1]·[j = c]) / z[n]
        ∂loss/∂x[t,n,c] = [t < input_lengths[n]]·(p[t,n,c] − at[t,n,c]) / N
        ∂L/∂x[t,n,c] = ∂L/∂loss·∂loss/∂x[t,n,c] = ∂L/∂loss·[t < input_lengths[n]]·(p[t,n,c] − at[t,n,c]) / N
        () → (T, N, C)
        grad_x = grad_loss * (np.arange(T)[:, None, None] < input_lengths[:, None]) * (p - at) / N
    """
    if wrong := _ctc_misfit(x, labels, input_lengths, label_lengths, blank, reduction):
        raise ValueError(wrong)
    steps, rows, classes = x.shape
    path = np.full((rows, 2 * labels.shape[1] + 1), blank)
    path[:, 1::2] = labels
    places = 2 * label_lengths[:, None] + 1
    log_p, _ = log_softmax(x)
    said = log_p[:, np.arange(rows)[:, None], path]  # (T, N, S), what is said at each place of the path
    alpha, can_come = _log_alpha(said, path, places)
    ends = np.clip(places - np.array([1, 2]), 0, None)
    last = (input_lengths - 1)[:, None], np.arange(rows)[:, None], ends
    each = -_log_sum(alpha[last].T, (can_come[last] & (places > np.array([0, 1]))).T)
    divisor = rows if reduction == "mean" else 1

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        beta, can_go = _log_beta(said, path, places, input_lengths)
        shares = np.where(can_come & can_go, np.exp(np.where(can_come & can_go, alpha + beta + each[:, None], 0)), 0)
        of_class = (path[:, :, None] == np.arange(classes)).astype(x.dtype)
        lives = (np.arange(steps)[:, None] < input_lengths)[:, :, None]
        grad_x = np.where(lives, np.exp(log_p) - np.einsum("tns,nsc->tnc", shares, of_class), 0)
        return grad_x * (grad_loss[:, None] if reduction == "none" else grad_loss) / divisor, None, None, None

    return each if reduction == "none" else np.sum(each) / divisor, backward


def _log_alpha(said: Array, path: Array, places: Array) -> tuple[Array, Array]:
    """ln α (T, N, S), and where a path can be at all: from a place to itself, to the next, or over a blank between."""
    inside = np.arange(path.shape[1]) < places
    skips = _shift(path != np.roll(path, -2, axis=1), 2)
    can = inside & (np.arange(path.shape[1]) < 2)
    alphas, cans = [np.where(can, said[0], 0)], [can]
    for of_step in said[1:]:
        before = [alphas[-1], _shift(alphas[-1], 1), _shift(alphas[-1], 2)]
        comes = np.stack([can, _shift(can, 1), _shift(can, 2) & skips]) & inside
        can = np.any(comes, axis=0)
        alphas.append(np.where(can, _log_sum(np.stack(before), comes) + of_step, 0))
        cans.append(can)
    return np.stack(alphas), np.stack(cans)


def _log_beta(said: Array, path: Array, places: Array, input_lengths: Array) -> tuple[Array, Array]:
    """ln β (T, N, S), and where a path can still get to the end: what is said after a step, that step left out."""
    inside = np.arange(path.shape[1]) < places
    is_end = inside & (np.arange(path.shape[1]) >= places - 2)
    skips = path != np.roll(path, -2, axis=1)
    can = np.zeros(path.shape, bool)
    beta = np.zeros_like(said[0])
    betas, cans = [], []
    for t in reversed(range(len(said))):
        is_last = (input_lengths == t + 1)[:, None]
        if t + 1 < len(said):
            onward = beta + said[t + 1]
            after = [onward, _shift(onward, -1), _shift(onward, -2)]
            goes = np.stack([can, _shift(can, -1), _shift(can, -2) & skips]) & inside
            can = np.any(goes, axis=0)
            beta = np.where(can & ~is_last, _log_sum(np.stack(after), goes), 0)
        can = np.where(is_last, is_end, can)
        betas.append(beta)
        cans.append(can)
    return np.stack(betas[::-1]), np.stack(cans[::-1])


def _shift(x: Array, count: int) -> Array:
    """(N, S), every row moved on by so many places, with zeros where nothing comes from; back, where it is below 0."""
    width = ((0, 0), (max(count, 0), max(-count, 0)))
    padded = np.pad(x, width)
    return padded[:, : x.shape[1]] if count > 0 else padded[:, -x.shape[1] :]


def _log_sum(terms: Array, counts: Array) -> Array:
    """ln Σ exp over the first axis, of the terms that count; 0 where none does. The largest is taken off first."""
    allowed = np.where(counts, terms, np.min(terms, axis=0))
    largest = np.max(allowed, axis=0)
    total = np.sum(np.where(counts, np.exp(allowed - largest), 0), axis=0)
    some = np.any(counts, axis=0)
    y: Array = np.where(some, largest + np.log(np.where(some, total, 1)), 0)
    return y


def _ctc_misfit(x: Array, labels: Array, input_lengths: Array, label_lengths: Array, blank: int, reduction: str) -> str:
    """What would be right where scores, labels and lengths do not fit; empty where they do."""
    if x.ndim != 3 or labels.ndim != 2 or not x.size:
        return "x must be (T, N, C), with elements, and labels (N, L)"
    steps, rows, classes = x.shape
    if any(array.dtype.kind not in "iu" for array in (labels, input_lengths, label_lengths)):
        return "labels, input_lengths and label_lengths must be integers"
    if len(labels) != rows or input_lengths.shape != (rows,) or label_lengths.shape != (rows,):
        return "labels must be (N, L), and input_lengths and label_lengths (N,), for x (T, N, C)"
    if not 0 <= blank < classes:
        return "blank must be a class, from 0 to C - 1"
    if not np.all((labels >= 0) & (labels < classes)):
        return "labels must be from 0 to C - 1, those behind the end of a sequence, too"
    if not np.all((input_lengths >= 1) & (input_lengths <= steps)):
        return "every input length must be from 1 to T"
    if not np.all((label_lengths >= 0) & (label_lengths <= labels.shape[1])):
        return "every label length must be from 0 to L, for labels (N, L)"
    counts = np.arange(labels.shape[1]) < label_lengths[:, None]
    if np.any(counts & (labels == blank)):
        return "no label may be the blank"
    repeats = np.sum(counts[:, 1:] & (labels[:, 1:] == labels[:, :-1]), axis=1)
    if np.any(label_lengths + repeats > input_lengths):
        return "a sequence must have a step for each of its labels, and one more between two that are the same"
    return "" if reduction in REDUCTIONS else 'reduction must be "mean", "sum" or "none"'
