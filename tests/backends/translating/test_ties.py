"""The gradients that frameworks give at ties are those that certificates allow."""

from typing import Any

import numpy as np
import pytest
import torch

from backends import numpy_manual
from backends.compatibility.chainer import import_chainer
from backends.translating.ties import AT_TIES

chainer: Any = import_chainer()
X = np.array([[1.0, 3.0, 3.0, 2.0], [0.0, 0.0, 0.0, 0.0], [1.0, 2.0, 3.0, 4.0]])
COTANGENT = np.array([2.0, -1.0, 0.5])


CASES = [("reduce_max", "max", X), ("reduce_min", "min", -X)]


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize(("op", "function", "numbers"), CASES, ids=["max", "min"])
def test_each_of_several_equal_ones_gets_the_whole_gradient_in_chainer(
    op: str, function: str, numbers: Any, keepdims: bool
) -> None:
    x = chainer.Variable(numbers)
    y = getattr(chainer.functions, function)(x, axis=1, keepdims=keepdims)
    y.grad = COTANGENT.reshape(y.shape)
    y.backward()
    value, backward = AT_TIES["chainer"][op](numbers, axis=1, keepdims=keepdims)
    np.testing.assert_array_equal(value, y.array)
    np.testing.assert_array_equal(backward(COTANGENT.reshape(value.shape))[0], x.grad)


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize(("op", "function", "numbers"), CASES, ids=["max", "min"])
def test_several_equal_ones_share_the_gradient_in_pytorch(op: str, function: str, numbers: Any, keepdims: bool) -> None:
    x = torch.tensor(numbers, requires_grad=True)
    y = getattr(torch, f"a{function}")(x, dim=1, keepdim=keepdims)
    (y * torch.from_numpy(COTANGENT.reshape(tuple(y.shape)))).sum().backward()
    assert x.grad is not None
    value, backward = AT_TIES["torch"][op](numbers, axis=1, keepdims=keepdims)
    np.testing.assert_array_equal(value, y.detach().numpy())
    np.testing.assert_array_equal(backward(COTANGENT.reshape(value.shape))[0], x.grad.numpy())


@pytest.mark.parametrize("function", ["max", "min"])
def test_all_elements_share_the_gradient_in_pytorch(function: str) -> None:
    x = torch.ones(2, 3, dtype=torch.float64, requires_grad=True)
    getattr(torch, function)(x).backward()
    assert x.grad is not None
    _, backward = AT_TIES["torch"][f"reduce_{function}"](np.ones((2, 3)))
    np.testing.assert_array_equal(backward(np.array(1.0))[0], x.grad.numpy())


@pytest.mark.parametrize(("limit", "op"), [("min", "maximum"), ("max", "minimum")])
def test_at_the_limit_of_a_clamp_the_input_gets_the_whole_gradient(limit: str, op: str) -> None:
    x = torch.tensor(X, requires_grad=True)
    y: Any = x.clamp(min=2.0) if limit == "min" else x.clamp(max=2.0)
    y.backward(torch.from_numpy(X))
    assert x.grad is not None
    (by_chainer, low_or_high) = (chainer.Variable(X), {"min": (2.0, None), "max": (None, 2.0)}[limit])
    of_chainer = chainer.functions.clip(by_chainer, *low_or_high)
    of_chainer.grad = X
    of_chainer.backward()
    value, backward = getattr(numpy_manual, op)(X, np.array(2.0))
    np.testing.assert_array_equal(value, y.detach().numpy())
    for gradient in (x.grad.numpy(), by_chainer.grad):
        np.testing.assert_array_equal(backward(X)[0](), gradient)


@pytest.mark.parametrize("function", ["maximum", "minimum"])
@pytest.mark.parametrize("row", [False, True], ids=["same shapes", "broadcast"])
def test_two_equal_ones_get_half_of_the_gradient_each_in_pytorch(function: str, row: bool) -> None:
    other = np.array([1.0, 3.0, 2.5, 0.0]) if row else np.roll(X, 1, axis=1)
    assert (other == X).any()
    a, b = (torch.tensor(each, requires_grad=True) for each in (X, other))
    cotangent = np.arange(1.0, 1.0 + X.size).reshape(X.shape)
    y = getattr(torch, function)(a, b)
    y.backward(torch.from_numpy(cotangent))
    value, backward = AT_TIES["torch"][function](X, other)
    np.testing.assert_array_equal(value, y.detach().numpy())
    for gradient, tensor in zip(backward(cotangent), (a, b), strict=True):
        assert tensor.grad is not None
        np.testing.assert_array_equal(gradient, tensor.grad.numpy())
