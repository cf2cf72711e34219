"""Inputs of the losses of labels."""

import numpy as np

from backends.op_inputs.kinds import Inputs, Maker, away_from, matrix, reduction


def softmax_cross_entropy(random: np.random.RandomState) -> Inputs:
    x = matrix(random, 3)
    return [x, random.randint(0, x.shape[1], len(x))], {}


def weighted_softmax_cross_entropy(random: np.random.RandomState) -> Inputs:
    inputs, _ = softmax_cross_entropy(random)
    return inputs, {"class_weight": tuple(random.uniform(0.1, 4, inputs[0].shape[1]).tolist())}


def masked_softmax_cross_entropy(random: np.random.RandomState) -> Inputs:
    (x, t), _ = softmax_cross_entropy(random)
    ignore_label = int(random.choice([-1, -100, 5]))  # 5 is no class of what `matrix` makes
    ignored = random.uniform(size=len(t)) < 0.5
    ignored[random.randint(len(t))] = False
    return [x, np.where(ignored, ignore_label, t)], {"ignore_label": ignore_label}


def smoothed_softmax_cross_entropy(random: np.random.RandomState) -> Inputs:
    inputs, _ = softmax_cross_entropy(random)
    return inputs, {"smoothing": float(random.uniform(0, 0.5))}


def sigmoid_cross_entropy(random: np.random.RandomState) -> Inputs:
    x = matrix(random, 3)
    return [x, np.asarray(random.randint(0, 2, x.shape))], reduction(random)


def masked_sigmoid_cross_entropy(random: np.random.RandomState) -> Inputs:
    (x, t), settings = sigmoid_cross_entropy(random)
    ignore_label = int(random.choice([-1, 255]))
    ignored = np.asarray(random.uniform(size=t.shape) < 0.5)
    ignored[0, 0] = False
    return [x, np.where(ignored, ignore_label, t)], {"ignore_label": ignore_label, **settings}


def hinge(random: np.random.RandomState) -> Inputs:
    x = away_from(1, random) if random.rand() < 0.5 else away_from(-1, random)
    return [x, random.randint(0, x.shape[1], len(x))], reduction(random)


INPUTS: dict[str, Maker] = {
    "softmax_cross_entropy": softmax_cross_entropy,
    "weighted_softmax_cross_entropy": weighted_softmax_cross_entropy,
    "masked_softmax_cross_entropy": masked_softmax_cross_entropy,
    "smoothed_softmax_cross_entropy": smoothed_softmax_cross_entropy,
    "sigmoid_cross_entropy": sigmoid_cross_entropy,
    "masked_sigmoid_cross_entropy": masked_sigmoid_cross_entropy,
    "hinge": hinge,
}
