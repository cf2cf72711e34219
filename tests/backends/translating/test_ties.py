"""The gradients that frameworks give at ties are those that certificates allow."""

from typing import Any

import numpy as np
import pytest
import torch

from backends.chainer_compatibility import import_chainer
from backends.translating.ties import reduce_max_shared, reduce_max_to_each

chainer: Any = import_chainer()
X = np.array([[1.0, 3.0, 3.0, 2.0], [0.0, 0.0, 0.0, 0.0], [1.0, 2.0, 3.0, 4.0]])
COTANGENT = np.array([2.0, -1.0, 0.5])


@pytest.mark.parametrize("keepdims", [False, True])
def test_each_of_several_largest_gets_the_whole_gradient_in_chainer(keepdims: bool) -> None:
    x = chainer.Variable(X)
    y = chainer.functions.max(x, axis=1, keepdims=keepdims)
    y.grad = COTANGENT.reshape(y.shape)
    y.backward()
    value, backward = reduce_max_to_each(X, axis=1, keepdims=keepdims)
    np.testing.assert_array_equal(value, y.array)
    np.testing.assert_array_equal(backward(COTANGENT.reshape(value.shape))[0], x.grad)


@pytest.mark.parametrize("keepdims", [False, True])
def test_several_largest_share_the_gradient_in_pytorch(keepdims: bool) -> None:
    x = torch.tensor(X, requires_grad=True)
    y = torch.amax(x, dim=1, keepdim=keepdims)
    (y * torch.from_numpy(COTANGENT.reshape(tuple(y.shape)))).sum().backward()  # type: ignore[no-untyped-call]
    assert x.grad is not None
    value, backward = reduce_max_shared(X, axis=1, keepdims=keepdims)
    np.testing.assert_array_equal(value, y.detach().numpy())
    np.testing.assert_array_equal(backward(COTANGENT.reshape(value.shape))[0], x.grad.numpy())
