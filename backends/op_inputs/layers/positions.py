"""Inputs of what tells positions apart."""

import numpy as np

from backends.op_inputs.kinds import Inputs, Maker


def rotary_embedding(random: np.random.RandomState) -> Inputs:
    """Pairs of both kinds, alone and in stacks."""
    positions, pairs = (int(size) for size in random.randint(1, 6, size=2))
    stack = tuple(random.randint(1, 3, size=random.randint(0, 3)))
    x = np.asarray(random.standard_normal((*stack, positions, 2 * pairs)))
    settings = {"base": float(random.uniform(2, 1000))} if random.rand() < 0.5 else {}
    return [x], {**settings, "interleaved": True} if random.rand() < 0.4 else settings


INPUTS: dict[str, Maker] = {
    "rotary_embedding": rotary_embedding,
}
