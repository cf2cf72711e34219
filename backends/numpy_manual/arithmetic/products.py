"""Products of matrices and stacks of them, and sums of products that are written with letters."""

from collections.abc import Sequence

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


def einsum(*xs: Array, equation: str) -> tuple[Array, Backward]:
    """y = Σ of products over every letter that the result lacks: "ij,jk->ik" is y[i, k] = Σ_j xs_0[i, j]·xs_1[j, k].

    xs (one or two of any shape, with a letter for each axis) → y (an axis for each letter behind the arrow).  Axes of
    one letter are of one length, and no letter stands twice in one place.  The gradient of each is a sum of products
    again, of ∂L/∂y and the other; it is repeated along a letter that stands in no other place
    (Laue et al. 2018, Computing higher order derivatives of matrix and tensor expressions).

    Why:
        equation = "ij,jk->ik"
        y[i,k] = Σ_j xs_0[i,j]·xs_1[j,k]
        ∂L/∂xs_0[i,j] = Σ_k ∂L/∂y[i,k]·∂y[i,k]/∂xs_0[i,j] = Σ_k ∂L/∂y[i,k]·xs_1[j,k]
        (I, K)·(K, J) → (I, J)
        grad_xs_0 = np.einsum("ik,jk->ij", grad_y, xs_1)
        ∂L/∂xs_1[j,k] = Σ_i ∂L/∂y[i,k]·∂y[i,k]/∂xs_1[j,k] = Σ_i xs_0[i,j]·∂L/∂y[i,k]
        (J, I)·(I, K) → (J, K)
        grad_xs_1 = np.einsum("ij,ik->jk", xs_0, grad_y)
    """
    letters, result = _letters_of(equation, xs)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return tuple(_gradient_of_factor(i, xs, letters, result, grad_y) for i in range(len(xs)))

    return np.einsum(equation, *xs), backward


def _letters_of(equation: str, xs: Sequence[Array]) -> tuple[list[str], str]:
    """The letters of each tensor, and those of the result. Raises ValueError where they do not fit."""
    before, arrow, result = equation.replace(" ", "").partition("->")
    letters = before.split(",")
    if not arrow or not all(each.isalpha() or not each for each in (*letters, result)):
        raise ValueError('equation must be letters, such as "ij,jk->ik", with an arrow and without an ellipsis')
    if len(letters) not in (1, 2) or [len(each) for each in letters] != [x.ndim for x in xs]:
        raise ValueError("equation must have letters for each of one or two tensors, one for each of its axes")
    if any(len({*each}) < len(each) for each in (*letters, result)) or not {*result} <= {*before}:
        raise ValueError("no letter may stand twice in one place, and those of the result must stand before the arrow")
    lengths = {
        (letter, n) for each, x in zip(letters, xs, strict=True) for letter, n in zip(each, x.shape, strict=True)
    }
    if len(lengths) > len(dict(lengths)):
        raise ValueError("axes of one letter must have one length")
    return letters, result


def _gradient_of_factor(i: int, xs: Sequence[Array], letters: Sequence[str], result: str, grad_y: Array) -> Array:
    """The sum of products of ∂L/∂y and the other factor, if there is one, repeated along letters of xs[i] alone."""
    others = [(result, grad_y), *((letters[j], x) for j, x in enumerate(xs) if j != i)]
    kept = "".join(letter for letter in letters[i] if any(letter in each for each, _ in others))
    grad = np.einsum(",".join(each for each, _ in others) + "->" + kept, *(x for _, x in others))
    alone = tuple(axis for axis, letter in enumerate(letters[i]) if letter not in kept)
    return np.broadcast_to(np.expand_dims(grad, alone), xs[i].shape)
