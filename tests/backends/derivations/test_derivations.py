"""Every derivation in the docstring of an op, computed: each side of each equation, the shapes and the NumPy."""

import pytest

from backends import numpy_manual, vocabulary
from backends.documentation import Derivation, documentation
from tests.backends.derivations.checking import check, derivation_of

OPS = tuple(name for family in vocabulary.OPS.values() for name in family)


@pytest.mark.parametrize("op", OPS)
def test_every_side_of_a_derivation_is_the_gradient(op: str) -> None:
    check(op, derivation_of(op))


@pytest.mark.parametrize("op", ["matmul", "linear", "batch_matmul", "conv2d", "rnn", "scaled_dot_product_attention"])
def test_sums_of_products_are_einsums(op: str) -> None:
    assert check(op, derivation_of(op)) > 0


@pytest.mark.parametrize(
    ("op", "right", "wrong"),
    [
        ("matmul", "= Σ_h ∂L/∂y[n,h]·w[d,h]", "= Σ_h ∂L/∂y[n,h]·w[d,h]·2"),
        ("matmul", "Σ_n ∂L/∂y[n,h]·∂y[n,h]/∂w[d,h]", "∂L/∂y[d,h]·∂y[d,h]/∂w[d,h]"),
        ("matmul", "(D, N)·(N, H) → (D, H)", "(N, D)·(N, H) → (D, H)"),
        ("matmul", "(N, H)·(H, D) → (N, D)", "(N, H)·(H, D) → (D, N)"),
        ("matmul", "grad_w = x.T @ grad_y", "grad_w = (grad_y.T @ x).T * 1.001"),
        ("relu", "∂L/∂y[i]·[x[i] > 0]", "∂L/∂y[i]·[x[i] > 1]"),
        ("mean_squared_error", "·2·(y[i] − t[i]) / I\n", "·2·(y[i] − t[i])\n"),
        ("softmax", "[k = c]·y[n,k] − y[n,k]·y[n,c]", "[k = c]·y[n,k]"),
        ("batch_norm", " − n[m,c]·Σ_k ∂L/∂n[k,c]·n[k,c] / M", ""),
        ("batch_norm", "∂s[c]/∂x[m,c] = n[m,c] / M", "∂s[c]/∂x[m,c] = n[m,c]"),
        ("swish", "∂s[i]/∂x[i] = s[i]·(1 − s[i])", "∂s[i]/∂x[i] = s[i]"),
        ("conv2d", "(a+pad−k·dilation)/stride", "(a+pad+k·dilation)/stride"),
    ],
)
def test_a_wrong_derivation_is_seen(op: str, right: str, wrong: str) -> None:
    docstring = getattr(numpy_manual, op).__doc__
    assert right in docstring
    derivation = documentation(docstring.replace(right, wrong)).derivation
    assert derivation is not None
    with pytest.raises((AssertionError, ValueError)):
        check(op, derivation)


def test_a_gradient_that_is_left_out_is_seen() -> None:
    derivation = derivation_of("matmul")
    with pytest.raises(AssertionError):
        check("matmul", Derivation(derivation.forward, derivation.gradients[:1]))
