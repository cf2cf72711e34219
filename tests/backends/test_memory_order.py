"""No op of PyTorch's depends on the order in which the axes of what it is given lie in memory."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from backends import torch_autograd
from backends.contract import Array
from backends.op_inputs import MAKERS, gradients_above, inputs_of, with_gradient
from tests.backends.computing import as_list

SEEDS = range(12)

Order = Callable[[tuple[int, ...]], tuple[int, ...]]
"""The axes in the order in which they lie in memory."""
ORDERS: tuple[Order, ...] = (
    lambda axes: axes[::-1],
    lambda axes: (*axes[:1], *axes[2:], *axes[1:2]),  # the channels last
    lambda axes: axes[-1:] + axes[:-1],
    lambda axes: axes[2:] + axes[:2],
)


def in_memory(array: Array, order: Order) -> Tensor:
    """The same array, whose axes lie in memory in this order."""
    axes = order(tuple(range(array.ndim)))
    return torch.from_numpy(np.array(np.transpose(array, axes), order="C")).permute(np.argsort(axes).tolist())


def computed(op: str, seed: int, of_inputs: Order, of_gradients: Order) -> list[Tensor]:
    """The outputs and the gradients of an op for random inputs, all of which lie in memory in these orders."""
    inputs, settings = inputs_of(op, np.random.RandomState(seed))
    tensors = [
        in_memory(array, of_inputs).requires_grad_(has)
        for array, has in zip(inputs, with_gradient(op, inputs), strict=True)
    ]
    outputs = as_list(getattr(torch_autograd, op)(*tensors, **settings))
    above = gradients_above(op, [y.detach() for y in outputs], np.random.RandomState(seed), "float64")
    through = [(y, in_memory(grad, of_gradients)) for y, grad in zip(outputs, above, strict=True) if y.requires_grad]
    asked = [tensor for tensor in tensors if tensor.requires_grad]
    gradients = torch.autograd.grad(
        [y for y, _ in through], asked, [grad for _, grad in through], allow_unused=True, materialize_grads=True
    )
    return [*(y.detach() for y in outputs), *gradients]


def as_it_is(axes: tuple[int, ...]) -> tuple[int, ...]:
    return axes


@pytest.mark.parametrize("op", MAKERS)
def test_values_and_gradients_do_not_depend_on_the_order_in_memory(op: str) -> None:
    for seed in SEEDS:
        want = computed(op, seed, as_it_is, as_it_is)
        all_inputs = computed(op, seed, ORDERS[seed % len(ORDERS)], as_it_is)
        for got in (all_inputs, *(computed(op, seed, as_it_is, order) for order in ORDERS)):
            for a, b in zip(want, got, strict=True):
                torch.testing.assert_close(b, a, rtol=0, atol=1e-9 * max(1.0, float(a.abs().max())))
