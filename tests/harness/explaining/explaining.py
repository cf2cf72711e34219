"""One wrong element explained: inputs for an op, and the explanation of what a mistake made of them."""

from collections.abc import Sequence

import numpy as np

from backends.contract import Array
from harness.explaining.explanation import explain
from harness.explaining.uses import NamedUse
from harness.results import Explanation, Phase

Named = list[tuple[str, Array]]


def draw(*shape: int, seed: int = 0) -> Array:
    return np.random.RandomState(seed).standard_normal(shape).astype(np.float32)


def explained(
    got: Array,
    tensor: str,
    index: tuple[int, ...],
    uses: Sequence[NamedUse],
    phase: Phase = "backward",
    allowed: float = 1e-5,
) -> Explanation:
    within = np.full(np.shape(got), allowed)
    return explain(phase, tensor, index, uses, got=np.asarray(got), allowed=within, dtype="float32")


H = draw(4, 5)
MASKED = tuple(int(i) for i in np.argwhere(H < 0)[0])
X, W, GRAD_Y = draw(64, 5), draw(5, 3, seed=1), draw(64, 3, seed=2)
RELU: Named = [("h", H)]
MATMUL: Named = [("h_r", X), ("w2", W)]
LOSS: Named = [("y_p", draw(4, 5)), ("y", draw(4, 5, seed=5))]
