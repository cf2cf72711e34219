"""Inputs of losses of whole sequences."""

import numpy as np

from backends.op_inputs.kinds import Inputs, Maker, reduction


def ctc(random: np.random.RandomState) -> Inputs:
    """Labels that fit into their sequences, repeated ones among them, and any class as the blank."""
    rows, most, classes = (int(size) for size in (random.randint(1, 4), random.randint(1, 4), random.randint(2, 5)))
    blank = int(random.randint(classes)) if random.rand() < 0.5 else 0
    labels = np.delete(np.arange(classes), blank)[random.randint(0, classes - 1, (rows, most))]
    label_lengths = random.randint(0 if random.rand() < 0.2 else 1, most + 1, rows)
    repeats = np.sum((labels[:, 1:] == labels[:, :-1]) & (np.arange(1, most) < label_lengths[:, None]), axis=1)
    least = np.maximum(label_lengths + repeats, 1)
    steps = int(least.max()) + int(random.randint(0, 3))
    input_lengths = random.randint(least, steps + 1)
    x = np.asarray(random.choice([0.5, 3.0]) * random.standard_normal((steps, rows, classes)))
    return [x, labels, input_lengths, label_lengths], reduction(random) | ({"blank": blank} if blank else {})


INPUTS: dict[str, Maker] = {
    "ctc": ctc,
}
