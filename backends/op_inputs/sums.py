"""Inputs of the sums of products that are written with letters, and of the sums so far."""

import numpy as np

from backends.op_inputs.kinds import Inputs, Maker, array

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


def cumsum(random: np.random.RandomState) -> Inputs:
    x = array(random, int(random.randint(1, 4)))
    return [x], {"axis": int(random.randint(-x.ndim, x.ndim))}


INPUTS: dict[str, Maker] = {"einsum": einsum, "cumsum": cumsum}
