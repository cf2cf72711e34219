"""Inputs of the products."""

import numpy as np

from backends.op_inputs.kinds import Inputs, Maker


def matmul(random: np.random.RandomState) -> Inputs:
    rows, inner, columns = random.randint(1, 6, size=3)
    return [random.standard_normal((rows, inner)), random.standard_normal((inner, columns))], {}


def batch_matmul(random: np.random.RandomState) -> Inputs:
    """Two stacks of the same shape, one of them repeated, or many matrices and one."""
    rows, inner, columns, *batch = (int(size) for size in random.randint(1, 4, size=5))
    first, second = ((batch, batch), (batch, [1, batch[1]]), (batch, []))[random.randint(3)]
    return [random.standard_normal((*first, rows, inner)), random.standard_normal((*second, inner, columns))], {}


EQUATIONS = (
    *("ij,jk->ik", "ij,jk->ik", "bij,bjk->bki", "i,j->ij", "ij,ij->", "ni,ijo->njo", "ij,kj->i", ",ij->ji"),
    *("ij->ji", "ijk->k", "ij->"),
)
"""Products of matrices and stacks of them, outer and inner products, letters that stand in one place only; sums."""


def einsum(random: np.random.RandomState) -> Inputs:
    equation = EQUATIONS[random.randint(len(EQUATIONS))]
    before, _, _ = equation.partition("->")
    lengths = {letter: int(random.randint(1, 5)) for letter in "abcdefghijklmno"}
    xs = [random.standard_normal([lengths[letter] for letter in letters]) for letters in before.split(",")]
    return [np.asarray(x) for x in xs], {"equation": equation}


INPUTS: dict[str, Maker] = {
    "matmul": matmul,
    "batch_matmul": batch_matmul,
    "einsum": einsum,
}
