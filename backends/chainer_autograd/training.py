"""Trains a program by Chainer's autograd and optimizers."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from backends.chainer_autograd.framework import chainer
from backends.chainer_autograd.optimizers import STATE_SIGN
from backends.contract import Array, Program, Step


def train(
    ops: Any,
    program: Program,
    weights: Mapping[str, Array],
    batches: Iterable[Mapping[str, Array]],
    *,
    trace: bool = False,
) -> Iterator[Step]:
    """Train by Chainer's autograd and optimizers; yield one Step per update."""
    w = {name: chainer.Parameter(np.array(array), name=name) for name, array in weights.items()}
    model = chainer.Chain()
    with model.init_scope():
        for name, parameter in w.items():
            setattr(model, f"parameter_{name}", parameter)
    optimizer = getattr(ops, program.optimizer.op)(model, **program.optimizer.settings)
    sign = STATE_SIGN.get(type(optimizer).__name__, 1)
    for batch in batches:
        # forward
        tensors = program.forward(ops, {**{name: chainer.as_variable(array) for name, array in batch.items()}, **w})
        loss = tensors[program.loss]
        outputs = {name: tensors[name] for name in program.values} if trace else {}

        # clear gradients
        model.cleargrads()

        # backward
        loss.backward(retain_grad=trace)

        grads = {name: parameter.grad for name, parameter in w.items()}
        values = {name: output.array.copy() for name, output in outputs.items()}  # views of weights would be updated

        # step
        optimizer.update()

        yield Step(
            loss=loss.array,
            weights={name: parameter.array for name, parameter in w.items()},
            grads=grads,
            state={
                f"{slot}_{name}": sign * array
                for name, parameter in w.items()
                for slot, array in (parameter.update_rule.state or {}).items()
            },
            values=values,
            value_grads={name: output.grad for name, output in outputs.items() if output.grad is not None},
        )
