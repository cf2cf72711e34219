"""The frameworks' own checks of gradients pass for right ops and fail for wrong ones."""

import json
import subprocess
import sys

PROGRAM = '''
import json

import numpy as np
import torch

from backends import chainer_autograd, torch_autograd
from backends.peers.gradient_checks import chainer, check_backward, gradcheck


class DoubledInTorch(torch.autograd.Function):
    """The identity, with a gradient twice as large."""

    @staticmethod
    def forward(context, x):
        return x.clone()

    @staticmethod
    def backward(context, grad):
        return 2 * grad


class DoubledInChainer(chainer.FunctionNode):
    """The same."""

    def forward(self, inputs):
        return (inputs[0].copy(),)

    def backward(self, indices, grads):
        return (2 * grads[0],)


x, w = (np.random.RandomState(0).standard_normal(shape) for shape in ((3, 4), (4, 2)))
labels = np.array([0, 3, 1])
right = [
    passed
    for check, module in ((gradcheck, torch_autograd), (check_backward, chainer_autograd))
    for passed in (
        check(module.matmul, [x, w], ()),
        check(module.softmax_cross_entropy, [x, labels], ()),
        check(module.multiply, [x, np.ones_like(x)], (1,)),
    )
]
wrong = [
    gradcheck(DoubledInTorch.apply, [x], ()),
    check_backward(lambda x: DoubledInChainer().apply((x,))[0], [x], ()),
]
print(json.dumps([right, wrong]))
'''


def test_right_ops_pass_and_wrong_ones_fail() -> None:
    """In a process of its own: what Chainer imports for it uses marks of pytest that only its own tests declare."""
    told = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert json.loads(told.stdout.splitlines()[-1]) == [[True] * 6, [False] * 2]
