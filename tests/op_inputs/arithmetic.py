"""Inputs of the arithmetic ops."""

import numpy as np

from tests.op_inputs.kinds import Inputs, Maker, matrix


def matmul(random: np.random.RandomState) -> Inputs:
    rows, inner, columns = random.randint(1, 6, size=3)
    return [random.standard_normal((rows, inner)), random.standard_normal((inner, columns))], {}


def add(random: np.random.RandomState) -> Inputs:
    x = matrix(random)
    return [x, random.standard_normal(x.shape[1] if random.rand() < 0.5 else x.shape)], {}


INPUTS: dict[str, Maker] = {"matmul": matmul, "add": add}
