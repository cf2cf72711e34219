"""A class for every place of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scenarios import adam, data, param, randn, scenario, sgd

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

UNKNOWN = 255


def _labels_of_places() -> Array:
    """One of three classes for each of 5 by 4 places in 6 images; nobody knows those of the first row."""
    import numpy as np

    labels = np.random.RandomState(73).randint(0, 3, (6, 5, 4))
    labels[:, 0] = UNKNOWN
    return labels


def _shares() -> Array:
    """How much of each image is of which class."""
    import numpy as np

    shares = np.random.RandomState(74).uniform(0.1, 1, (6, 3))
    return np.asarray(shares / np.sum(shares, axis=1, keepdims=True))


@scenario(
    seed=73,
    epochs=40,
    optimizer=sgd(lr=0.05),
    x=randn(6, 5, 4, 4),
    t=data(_labels_of_places),
    shares=data(_shares),
    w=param(4, 3, scale=0.5),
)
def labels_of_places(op: Any, x: Any, t: Any, shares: Any, w: Any) -> Any:
    """Every place of an image gets a class, and the whole image the share of each class.

    Places without a label are ignored, rare classes count for more, and of three losses one is left unreduced, to be
    averaged over all places. Exercises linear without a bias, cross_entropy and negative_log_likelihood with every
    setting, log_softmax over the axis of the classes.
    """
    scores = op.transpose(op.linear(x, w), axes=(0, 3, 1, 2))
    weight = (1.0, 2.0, 0.5)
    places = op.cross_entropy(scores, t, class_weight=weight, ignore_label=UNKNOWN, smoothing=0.1)
    log_p = op.log_softmax(scores, axis=1)
    again = op.negative_log_likelihood(log_p, t, ignore_label=UNKNOWN, reduction="none")
    whole = op.cross_entropy(op.reduce_mean(scores, axis=(2, 3)), shares, reduction="sum")
    return op.add(op.add(places, op.reduce_mean(again)), whole)


def _labels_of_a_finer_grid() -> Array:
    """One of three classes for each of 11 by 15 places in 4 images: bands, each image with bands of its own."""
    import numpy as np

    rows, columns = np.indices((11, 15))
    return np.stack([(rows * (i + 1) + columns) // 5 % 3 for i in range(4)])


@scenario(
    seed=75,
    epochs=20,
    optimizer=adam(lr=0.02),
    x=randn(4, 2, 6, 8),
    t=data(_labels_of_a_finer_grid),
    k_down=param(5, 2, 3, 3, scale=0.4),
    k_deep=param(4, 5, 3, 3, scale=0.3),
    k_out=param(3, 11, 1, 1, scale=0.3),
    b_out=param(3, fill=0.0),
)
def segmentation_decoder(op: Any, x: Any, t: Any, k_down: Any, k_deep: Any, k_out: Any, b_out: Any) -> Any:
    """An encoder and a decoder of images: what was made smaller is made larger again, and joined with what was there.

    One branch comes back by repeating pixels, one by bilinear interpolation between the centres of pixels. The scores
    are then stretched from 6 × 8 to 11 × 15 with the corners kept, so that every second new pixel is an old one.
    Exercises resize_nearest, resize_bilinear with both rules, conv2d, concatenate, cross_entropy.
    """
    half = op.relu(op.conv2d(x, k_down, stride=2, pad=1))
    quarter = op.tanh(op.conv2d(half, k_deep, stride=(3, 2), pad=1))
    repeated = op.resize_nearest(half, scale=2)
    smooth = op.resize_bilinear(quarter, size=(6, 8), align_corners=False)
    scores = op.conv2d(op.concatenate(x, repeated, smooth, axis=1), k_out, b_out)
    return op.cross_entropy(op.resize_bilinear(scores, size=(11, 15), align_corners=True), t)
