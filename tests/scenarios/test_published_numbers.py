"""What a scenario reproduces comes out as it was published, in every backend."""

import pytest

from harness.recording.arrays import draw_arrays
from harness.recording.loading import hand_written_ops, load_backend
from harness.recording.recorder import record_program
from scenarios.basics.scalars import micrograd

VALUE, GRADIENT_OF_A, GRADIENT_OF_B = "24.7041", "138.8338", "645.5773"
"""From the README of github.com/karpathy/micrograd, with four digits each."""


@pytest.mark.parametrize("name", ["numpy", "chainer", "torch"])
def test_micrograd(name: str, dtype: str) -> None:
    draws = draw_arrays(micrograd, dtype)
    program = record_program(micrograd, draws, hand_written_ops(()))
    module = load_backend(name).module
    first = next(module.train(module, program, draws.weights, draws.batches(1)))
    assert (first.loss.shape, first.loss.dtype) == ((), dtype)
    published = VALUE, GRADIENT_OF_A, GRADIENT_OF_B
    assert tuple(f"{float(number):.4f}" for number in (first.loss, first.grads["a"], first.grads["b"])) == published
