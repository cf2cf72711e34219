"""Inputs of layers."""

import numpy as np

from backends.op_inputs.kinds import Inputs, Maker, matrix


def linear(random: np.random.RandomState) -> Inputs:
    """Rows, or sequences of them; with or without a bias."""
    rows, inner, columns = random.randint(1, 6, size=3)
    front = (rows,) if random.rand() < 0.5 else (2, rows)
    w, b = random.standard_normal((inner, columns)), 100 * random.standard_normal(columns)
    return [random.standard_normal((*front, inner)), w, *([b] if random.rand() < 0.5 else [])], {}


def embedding(random: np.random.RandomState) -> Inputs:
    """Few rows, so that ids come up again; half of the calls have padding, or a label to ignore that is no row."""
    rows, columns = random.randint(1, 5, size=2)
    ids = random.randint(0, rows, size=random.randint(1, 5, size=random.randint(1, 3)))
    table = random.standard_normal((rows, columns))
    kind = random.rand()
    if kind < 0.5:
        return [ids, table], {}
    if kind < 0.75:
        return [ids, table], {"padding_id": int(random.randint(rows))}
    ignore_label = int(random.choice([-1, 0, rows]))
    return [np.where(random.uniform(size=ids.shape) < 0.3, ignore_label, ids), table], {"ignore_label": ignore_label}


def dropout(random: np.random.RandomState) -> Inputs:
    x, ratio = matrix(random), float(random.choice([0.1, 0.3, 0.5, 0.8]))
    return [x, np.where(random.uniform(size=x.shape) < ratio, 0.0, 1.0)], {"ratio": ratio}


INPUTS: dict[str, Maker] = {
    "linear": linear,
    "embedding": embedding,
    "dropout": dropout,
}
