"""Networks with several losses, which are summed, averaged over rows, or weighed row by row before they are added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scenarios import adam, data, momentum, param, randn, scenario, sgd

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]


UNKNOWN = -1


def _counted() -> Array:
    """1 for each of ten places where there is something, 0 for the other four, (14, 1)."""
    import numpy as np

    return np.where(np.arange(14) % 7 < 5, 1.0, 0.0)[:, None]


def _kinds() -> Array:
    import numpy as np

    return np.arange(14) * 3 % 4


def _visible() -> Array:
    """Which of three parts can be seen at each place."""
    import numpy as np

    return np.random.RandomState(82).randint(0, 2, (14, 3))


def _movable() -> Array:
    """Which of two parts move: nobody knows where the place counts for nothing, and sometimes elsewhere."""
    import numpy as np

    movable = np.random.RandomState(83).randint(0, 2, (14, 2))
    return np.where((_counted() == 0) | (np.arange(28).reshape(14, 2) % 5 == 0), UNKNOWN, movable)


@scenario(
    seed=81,
    epochs=20,
    optimizer=sgd(lr=0.01),
    x=randn(14, 6),
    boxes=randn(14, 4),
    extents=randn(14, 2),
    depth=randn(14, 1),
    slant=randn(14, 3),
    kinds=data(_kinds),
    visible=data(_visible),
    movable=data(_movable),
    counted=data(_counted),
    w1=param(6, 10, scale=0.4),
    w_box=param(10, 4, scale=0.4),
    w_extent=param(10, 2, scale=0.4),
    w_depth=param(10, 1, scale=0.4),
    w_slant=param(10, 3, scale=0.4),
    w_kind=param(10, 4, scale=0.4),
    w_visible=param(10, 3, scale=0.4),
    w_movable=param(10, 2, scale=0.4),
)
def object_detection(
    op: Any,
    x: Any,
    boxes: Any,
    extents: Any,
    depth: Any,
    slant: Any,
    kinds: Any,
    visible: Any,
    movable: Any,
    counted: Any,
    w1: Any,
    w_box: Any,
    w_extent: Any,
    w_depth: Any,
    w_slant: Any,
    w_kind: Any,
    w_visible: Any,
    w_movable: Any,
) -> Any:
    """Fourteen places of an image: what is there, where it ends, how far away, how it lies, which parts can be seen.

    The errors of the boxes are left unreduced, so that places with nothing there can be taken out; the other losses are
    summed. Exercises smooth_l1, mean_squared_error, mean_absolute_error, huber, hinge and sigmoid_cross_entropy with a
    reduction, masked_sigmoid_cross_entropy, reduce_sum, multiply.
    """
    h = op.tanh(op.matmul(x, w1))
    box_errors = op.smooth_l1(op.matmul(h, w_box), boxes, beta=0.5, reduction="none")
    box_loss = op.reduce_sum(op.multiply(box_errors, counted))
    extent_loss = op.mean_squared_error(op.matmul(h, w_extent), extents, reduction="sum")
    depth_loss = op.huber(op.matmul(h, w_depth), depth, delta=0.5, reduction="sum")
    worst_slant = op.reduce_max(op.mean_absolute_error(op.matmul(h, w_slant), slant, reduction="none"), axis=1)
    kind_loss = op.reduce_mean(op.multiply(op.hinge(op.matmul(h, w_kind), kinds, reduction="none"), counted))
    visible_loss = op.sigmoid_cross_entropy(op.matmul(h, w_visible), visible, reduction="sum")
    near = op.add(op.add(box_loss, extent_loss), op.add(depth_loss, op.reduce_mean(worst_slant)))
    movable_loss = op.masked_sigmoid_cross_entropy(op.matmul(h, w_movable), movable, ignore_label=UNKNOWN)
    return op.add(op.add(near, movable_loss), op.add(kind_loss, visible_loss))


def _importance() -> Array:
    """How much each of twelve rows counts."""
    import numpy as np

    return np.random.RandomState(83).uniform(0.2, 1.0, 12)


@scenario(
    seed=83,
    epochs=20,
    optimizer=adam(lr=0.02),
    anchor=randn(12, 5),
    positive=randn(12, 5),
    negative=randn(12, 5),
    importance=data(_importance),
    w=param(5, 6, scale=0.5),
    w_out=param(6, 6, scale=0.5),
    w_swapped=param(6, 4, scale=0.5),
)
def weighted_similarity(
    op: Any, anchor: Any, positive: Any, negative: Any, importance: Any, w: Any, w_out: Any, w_swapped: Any
) -> Any:
    """Twelve triplets that don't count the same, and directions compared by rows and by columns.

    Triplets are left unreduced and weighed one by one; in a second embedding, a negative that is near the positive
    counts, too. The distance of two directions is summed over rows, and taken along the other axis as well. Exercises
    triplet, triplet_margin and cosine_distance with a reduction and an axis.
    """
    hidden = [op.tanh(op.matmul(x, w)) for x in (anchor, positive, negative)]
    a, p, n = (op.matmul(h, w_out) for h in hidden)
    triplets = op.reduce_sum(op.multiply(op.triplet(a, p, n, margin=0.5, reduction="none"), importance))
    swapped = op.triplet_margin(*(op.matmul(h, w_swapped) for h in hidden), margin=0.5, swap=True)
    rows = op.cosine_distance(a, p, eps=1e-8, reduction="sum")
    columns = op.reduce_mean(op.cosine_distance(a, n, eps=1e-8, axis=0, reduction="none"))
    return op.add(op.add(triplets, swapped), op.subtract(rows, columns))


def _answers() -> Array:
    """How sure three people were of each of three questions about twenty pictures: few say yes."""
    import numpy as np

    votes = np.random.RandomState(84).binomial(3, 0.2, (20, 3))
    return votes / 3


def _care() -> Array:
    """How carefully each picture was looked at, (20, 1)."""
    import numpy as np

    return np.random.RandomState(85).uniform(0.5, 1.5, (20, 1))


@scenario(
    seed=84,
    epochs=20,
    optimizer=momentum(lr=0.02, momentum=0.9),
    x=randn(20, 5),
    t=data(_answers),
    care=data(_care),
    w1=param(5, 8, scale=0.5),
    w2=param(8, 3, scale=0.5),
    w3=param(8, 3, scale=0.5),
)
def rare_answers(op: Any, x: Any, t: Any, care: Any, w1: Any, w2: Any, w3: Any) -> Any:
    """Three questions to which a yes is rare and counts for more, and pictures that were looked at with more care.

    Targets lie between no and yes. Of two answers, one is kept as a score and one as a probability, which is less safe:
    a probability that rounds to 0 or 1 has no logarithm. Exercises binary_cross_entropy_with_logits with a weight and a
    positive_weight, binary_cross_entropy, sigmoid.
    """
    h = op.tanh(op.matmul(x, w1))
    scored = op.binary_cross_entropy_with_logits(op.matmul(h, w2), t, care, positive_weight=(4.0, 3.0, 5.0))
    p = op.sigmoid(op.matmul(h, w3))
    summed = op.binary_cross_entropy(p, t, care, reduction="sum")
    each = op.reduce_mean(op.binary_cross_entropy(p, t, reduction="none"), axis=0)
    return op.add(scored, op.add(op.multiply(summed, op.reduce_mean(care)), op.reduce_sum(each)))


@scenario(
    seed=86,
    epochs=20,
    optimizer=sgd(lr=0.05),
    x=randn(16, 6),
    taught=randn(16, 4, scale=2.0),
    w1=param(6, 8, scale=0.5),
    w2=param(8, 4, scale=0.5),
)
def taught_by_logarithms(op: Any, x: Any, taught: Any, w1: Any, w2: Any) -> Any:
    """A small network learns the scores of a larger one, as logarithms of probabilities on both sides.

    The divergence is averaged over rows, and a second one, of half the temperature, over all elements.
    Exercises kl_divergence with log_target and a reduction, log_softmax, add.
    """
    y = op.matmul(op.tanh(op.matmul(x, w1)), w2)
    loss = op.kl_divergence(op.log_softmax(y), op.log_softmax(taught), log_target=True)
    sharp = op.log_softmax(op.add(y, y)), op.log_softmax(op.add(taught, taught))
    return op.add(loss, op.kl_divergence(*sharp, log_target=True, reduction="mean"))
