"""Products of matrices and stacks of them, and sums of products that are written with letters."""

import numpy as np

from backends.contract import Array
from backends.numpy_manual.arithmetic.elementwise import _broadcast, _sum_to_shape
from backends.numpy_manual.gradients import Backward, Gradient


def matmul(x: Array, w: Array) -> tuple[Array, Backward]:
    """y = x·w.

    x (N, D), w (D, H) → y (N, H).  ∂L/∂x = ∂L/∂y·wᵀ,  ∂L/∂w = xᵀ·∂L/∂y  (Goodfellow et al., Deep Learning, 6.5.6).

    Why:
        y[n,h] = Σ_d x[n,d]·w[d,h]
        ∂L/∂x[n,d] = Σ_h ∂L/∂y[n,h]·∂y[n,h]/∂x[n,d] = Σ_h ∂L/∂y[n,h]·w[d,h]
        (N, H)·(H, D) → (N, D)
        grad_x = grad_y @ w.T
        ∂L/∂w[d,h] = Σ_n ∂L/∂y[n,h]·∂y[n,h]/∂w[d,h] = Σ_n x[n,d]·∂L/∂y[n,h]
        (D, N)·(N, H) → (D, H)
        grad_w = x.T @ grad_y
    """
    if x.ndim != 2 or w.ndim != 2 or x.shape[1] != w.shape[0]:
        raise ValueError("x must be (N, D) and w (D, H); batch_matmul takes stacks of matrices")

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return lambda: grad_y @ w.T, lambda: x.T @ grad_y

    return x @ w, backward


def batch_matmul(x: Array, w: Array) -> tuple[Array, Backward]:
    """y = x·w, matrix by matrix.

    x (…, N, D), w (…, D, H) or (D, H) → y (…, N, H).  ∂L/∂x = ∂L/∂y·wᵀ,  ∂L/∂w = xᵀ·∂L/∂y for each matrix; the
    gradient of a matrix that is used several times is summed over its uses  (Giles 2008, Collected Matrix Derivative
    Results, 2.2.2).

    Why:
        y[s,t,n,h] = Σ_d x[s,t,n,d]·w[d,h]
        ∂L/∂x[s,t,n,d] = Σ_h ∂L/∂y[s,t,n,h]·∂y[s,t,n,h]/∂x[s,t,n,d] = Σ_h ∂L/∂y[s,t,n,h]·w[d,h]
        (S, T, N, H)·(H, D) → (S, T, N, D)
        grad_x = grad_y @ w.T
        ∂L/∂w[d,h] = Σ_stn ∂L/∂y[s,t,n,h]·∂y[s,t,n,h]/∂w[d,h] = Σ_stn x[s,t,n,d]·∂L/∂y[s,t,n,h]
        (S, T, D, N)·(S, T, N, H) → (S, T, D, H) → (D, H)
        grad_w = np.sum(np.swapaxes(x, -1, -2) @ grad_y, axis=(0, 1))
    """
    if min(x.ndim, w.ndim) < 2 or x.shape[-1] != w.shape[-2] or not _broadcast(x.shape[:-2], w.shape[:-2]):
        raise ValueError("x must be (…, N, D) and w (…, D, H) or (D, H)")

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (
            lambda: _sum_to_shape(grad_y @ np.swapaxes(w, -1, -2), x.shape),
            lambda: _sum_to_shape(np.swapaxes(x, -1, -2) @ grad_y, w.shape),
        )

    return x @ w, backward


def einsum(x: Array, w: Array | None = None, *, equation: str) -> tuple[Array, Backward]:
    """y = Σ of products over every letter that the result lacks: "ij,jk->ik" is y[i, k] = Σ_j x[i, j]·w[j, k].

    x, w (any shape, with a letter for each axis) → y (an axis for each letter behind the arrow); w may be left out.
    Axes of one letter are of one length, and no letter stands twice in one place.  The gradient of each is a sum of
    products again, of ∂L/∂y and the other; it is repeated along a letter that stands in no other place
    (Laue et al. 2018, Computing higher order derivatives of matrix and tensor expressions).

    Why:
        equation = "ij,jk->ik"
        y[i,k] = Σ_j x[i,j]·w[j,k]
        ∂L/∂x[i,j] = Σ_k ∂L/∂y[i,k]·∂y[i,k]/∂x[i,j] = Σ_k ∂L/∂y[i,k]·w[j,k]
        (I, K)·(K, J) → (I, J)
        grad_x = np.einsum("ik,jk->ij", grad_y, w)
        ∂L/∂w[j,k] = Σ_i ∂L/∂y[i,k]·∂y[i,k]/∂w[j,k] = Σ_i x[i,j]·∂L/∂y[i,k]
        (J, I)·(I, K) → (J, K)
        grad_w = np.einsum("ij,ik->jk", x, grad_y)
    """
    of_x, of_w, of_y = _letters_of(equation, x, w)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (
            lambda: _sum_of_products(of_x, x.shape, (of_y, grad_y), (of_w, w)),
            None if w is None else lambda: _sum_of_products(of_w, w.shape, (of_x, x), (of_y, grad_y)),
        )

    return np.einsum(equation, x) if w is None else np.einsum(equation, x, w), backward


def _letters_of(equation: str, x: Array, w: Array | None) -> tuple[str, str, str]:
    """The letters of x, of w, none if it is left out, and of y. Raises ValueError where they do not fit."""
    before, arrow, of_y = equation.replace(" ", "").partition("->")
    letters, given = before.split(","), [x] if w is None else [x, w]
    if not arrow or not all(each.isascii() and each.isalpha() for each in (*letters, of_y) if each):
        raise ValueError('equation must be letters, such as "ij,jk->ik", with an arrow and without an ellipsis')
    if [len(each) for each in letters] != [factor.ndim for factor in given]:
        raise ValueError("equation must have letters for each of one or two tensors, one for each of its axes")
    if any(len({*each}) < len(each) for each in (*letters, of_y)) or not {*of_y} <= {*before}:
        raise ValueError("no letter may stand twice in one place, and those of the result must stand before the arrow")
    lengths = {
        pair for each, factor in zip(letters, given, strict=True) for pair in zip(each, factor.shape, strict=True)
    }
    if len(lengths) > len(dict(lengths)):
        raise ValueError("axes of one letter must have one length")
    return letters[0], "" if w is None else letters[1], of_y


def _sum_of_products(letters: str, shape: tuple[int, ...], *factors: tuple[str, Array | None]) -> Array:
    """The sum of products of factors, each with its letters, in a shape with these, and repeated along new ones."""
    given = [(each, factor) for each, factor in factors if factor is not None]
    before = ",".join(each for each, _ in given)
    kept = "".join(letter for letter in letters if letter in before)
    total = np.einsum(f"{before}->{kept}", *(factor for _, factor in given))
    new = tuple(axis for axis, letter in enumerate(letters) if letter not in kept)
    return np.broadcast_to(np.expand_dims(total, new), shape)
