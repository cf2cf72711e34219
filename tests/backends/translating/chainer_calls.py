"""One call or more of every function of Chainer that has a translation."""

from typing import Any

import numpy as np

from tests.backends.translating.calls import IDS, LABELS, SEGMENTS, Called, F, chainer, real, sum_of

CHAINER: dict[str, Called] = {
    "arithmetic": ([(3, 4), (3, 4)], lambda a, b: a + b - a * b / (b + 2) + 1 - (2 - a) + 3 / b - (-a) * 2, []),
    "sum of several": ([(3, 4), (3, 4), (3, 4)], lambda a, b, c: F.add(a, b, c), []),
    "powers": ([(3, 4)], lambda a: a**3 + F.square(a) + a**0.5, []),
    "errors": ([(3, 4), (3, 4)], lambda a, b: F.squared_error(a, b) + F.absolute_error(a, b), []),
    "elementary": ([(3, 4)], lambda a: F.exp(a) + F.log(a) + F.sqrt(a) + F.sin(a) + F.cos(a) + F.absolute(a), []),
    "limits": ([(6, 8)], lambda a: F.clip(a, 0.3, 0.7), []),
    "limits at one end": ([(6, 8)], lambda a: F.clip(a, 0.3, None) + F.clip(a, None, 0.6) * 2, []),
    "selections": (
        [(3, 4), (3, 4)],
        lambda a, b, m: F.maximum(a, b) + F.minimum(a, b) * 2 + F.where(m > 0.5, a, b) + F.linear_interpolate(a, a, b),
        [real(3, 4)],
    ),
    "products": ([(3, 4), (4, 5)], lambda a, b: F.matmul(a, b) + F.matmul(b, a, transa=True, transb=True).T, []),
    "stacks of products": ([(2, 3, 4), (2, 4, 5)], lambda a, b: F.matmul(a, b), []),
    "reductions": ([(3, 4, 2)], lambda a: F.sum(a, 1) + F.mean(a, 1) + F.max(a, 1) + F.logsumexp(a, 1), []),
    "extremes": (
        [(3, 4, 2)],
        lambda a: F.max(a) + F.min(a) * 2 + F.min(a, 1) + F.sum(F.max(a, (0, 2))) + F.min(a, (0, 1), keepdims=True)[0],
        [],
    ),
    "ties": ([(3, 4)], lambda a: F.max(a * 0, 1) * F.broadcast_to(F.min(a * 0 + 1), (3,)), []),
    "shapes": ([(2, 3, 4)], lambda a: F.reshape(a, (6, 4)) + F.flatten(a).reshape(6, -1), []),
    "read from the end": ([(3, 4)], lambda a: F.flip(a, 0) + F.flip(a, -1) * 2 + F.fliplr(a) + F.flipud(a) * 3, []),
    "repeated as a whole": (
        [(3, 4)],
        lambda a: F.tile(a, (2, 1, 1))[0] + F.tile(a, (2, 1))[:3] + F.tile(a, 2)[:, :4],
        [],
    ),
    "letters": ([(3, 4), (4, 3)], lambda a, b: F.einsum("ij,jk->ik", a, b) + F.einsum("ij->ji", a)[:3, :3], []),
    "sums so far": ([(3, 4)], lambda a: F.cumsum(a, 1) + F.reshape(F.cumsum(a), (3, 4)), []),
    "axes of one": ([(3, 1, 4)], lambda a: F.squeeze(a, 1) + F.expand_dims(a[:, 0], 0)[0], []),
    "orders of axes": (
        [(2, 3, 4)],
        lambda a: (
            F.transpose(a, (1, 0, 2))
            + F.swapaxes(a, 0, 1)
            + F.rollaxis(a, 1)
            + F.transpose(F.transpose(a)).transpose(1, 0, 2)
        ),
        [],
    ),
    "joined": ([(2, 3), (2, 3)], lambda a, b: F.concat([a, b], axis=0) + F.stack([a, b]).reshape(4, 3), []),
    "parts": (
        [(6, 4)],
        lambda a: F.split_axis(a, 3, 0)[1] + F.split_axis(a, [2, 3], 0)[0] + F.separate(a, 1)[0][:2].reshape(2, 1),
        [],
    ),
    "indices": ([(4, 5)], lambda a: a[1] + a[-1] + a[0:2, :][1] + F.sum(a[..., 1:]) + F.sum(a[:, None, 2]), []),
    "repeated": ([(3, 1), (3, 4)], lambda a, b: F.broadcast_to(a, (3, 4)) + F.broadcast(a, b)[0] * b, []),
    "sequences": (
        [(3, 4), (2, 4)],
        lambda a, b: (
            F.concat(F.transpose_sequence([a, b]), axis=0)
            + F.permutate(F.concat([a, b], axis=0), np.array([2, 0, 1, 4, 3]))
        ),
        [],
    ),
    "the same": ([(3, 4)], lambda a: F.identity(a) + F.cast(F.cast(a, "float32"), "float64") * 0 + a, []),
    "without gradients": ([(3, 4)], lambda a: a * without_gradients(a), []),
    "padding": (
        [(2, 3)],
        lambda a: F.sum(F.pad(a, ((1, 0), (0, 2)), "constant")) + F.pad(a, 1, "constant", constant_values=0.5),
        [],
    ),
    "activations": (
        [(6, 8)],
        lambda a: (
            F.relu(a - 0.5)
            + F.leaky_relu(a - 0.6)
            + F.clipped_relu(a, 0.6)
            + F.elu(a - 0.4)
            + F.softplus(a)
            + F.softplus(a, 2.0)
            + F.sigmoid(a)
            + F.hard_sigmoid(a)
            + F.tanh(a)
        ),
        [],
    ),
    "trained slope": ([(6, 8), (8,)], lambda a, w: F.prelu(a - 0.5, w), []),
    "trained swish": ([(3, 4, 2), (4,)], lambda a, b: F.swish(a - 0.5, b), []),
    "softmax": ([(3, 4)], lambda a: F.softmax(a, axis=0) + F.softmax(a) + F.log_softmax(a), []),
    "random": ([(3, 4), (3, 4)], lambda a, b: F.dropout(a, 0.3) + F.gaussian(a, b), []),
    "linear": ([(3, 4), (5, 4), (5,)], lambda x, w, b: F.linear(x, w, b) + F.linear(x, w), []),
    "embedding": ([(5, 4)], lambda w, i: F.embed_id(i, w) + F.embed_id(i, w, ignore_label=4), [IDS]),
    "convolutions of sequences": ([(2, 3, 6), (4, 3, 3), (4,)], lambda x, w, b: F.convolution_1d(x, w, b, 2, 1), []),
    "deconvolutions": (
        [(2, 3, 6), (3, 4, 3), (4,), (2, 3, 4, 5), (3, 2, 3, 2)],
        lambda x, w, b, i, v: (
            F.sum(F.deconvolution_nd(x, w, b, 2, 1, outsize=(12,))) + F.deconvolution_nd(i, v, None, (2, 1), 1)
        ),
        [],
    ),
    "convolutions of images": (
        [(2, 4, 5, 6), (6, 2, 3, 3), (6,), (6, 2, 3, 2)],
        lambda x, w, b, v: F.deconvolution_2d(
            F.convolution_2d(x, w, b, pad=(1, 2), groups=2), v, stride=(2, 1), pad=1, outsize=(10, 7)
        ),
        [],
    ),
    "pooling": (
        [(2, 3, 6, 4)],
        lambda x: (
            F.max_pooling_2d(x, 2) + F.average_pooling_2d(x, 2) + F.max_pooling_nd(x, 2) + F.average_pooling_nd(x, 2)
        ),
        [],
    ),
    "repeated pixels": (
        [(2, 3, 3, 2)],
        lambda x: F.unpooling_2d(x, 2, cover_all=False) + F.unpooling_2d(x, (2, 2), outsize=(6, 4)) * 2,
        [],
    ),
    "images of another size": (
        [(2, 3, 3, 2)],
        lambda x: (
            F.resize_images(x, (6, 4))
            + F.resize_images(x, (6, 4), align_corners=False) * 2
            + F.resize_images(x, (6, 4), mode="nearest") * 3
        ),
        [],
    ),
    "pooling of sequences": (
        [(2, 3, 8)],
        # F.average_pooling_nd writes into the gradient that it receives, which a sum shares.
        lambda x: (
            F.max_pooling_1d(x, 2)
            + F.max_pooling_1d(x, 3, stride=2, pad=1, cover_all=False)
            + F.average_pooling_1d(x, 2)
            + F.average_pooling_nd(x, 3, stride=2, pad=1, pad_value=None) * 2
        ),
        [],
    ),
    "batch norm": ([(4, 3, 2, 2), (3,), (3,)], lambda x, g, b: F.batch_normalization(x, g, b), []),
    "batch norm in evaluation": (
        [(4, 3, 2, 2), (3,), (3,)],
        lambda x, g, b, m, v: F.fixed_batch_normalization(x, g, b, m, v),
        [real(3), real(3, seed=6)],
    ),
    "other norms": (
        [(4, 6), (6,), (6,)],
        lambda x, g, b: (
            F.layer_normalization(x, g, b)
            + F.group_normalization(x, 2, g, b)
            + F.local_response_normalization(F.reshape(x, (2, 6, 2)), 3).reshape(4, 6)
        ),
        [],
    ),
    "lstm": ([(3, 4), (2, 16)], lambda c, x: sum_of(F.lstm(c, x)), []),
    "sequences of one length": (
        [(1, 3, 4), (1, 3, 4), (5, 3, 2), *[(4, 2)] * 4, *[(4, 4)] * 4, *[(4,)] * 8],
        lambda h, c, x, *w: parts_of(F.n_step_lstm(1, 0.3, h, c, [w[:8]], [w[8:]], F.separate(x))),
        [],
    ),
    "sequences of several lengths": (
        [(2, 3, 4), (3, 2), (1, 2), *[(4, 2)] * 3, *[(4, 4)] * 3, *[(4,)] * 6, *[(4, 4)] * 6, *[(4,)] * 6],
        lambda h, x, y, *w: parts_of(F.n_step_gru(2, 0.0, h, [w[:6], w[12:18]], [w[6:12], w[18:]], [x, x, y])),
        [],
    ),
    "sequences in both directions": (
        [(4, 2, 3), (2, 2), (1, 2), *[(3, 2)] * 4, *[(3, 3)] * 4, *[(3,)] * 8, *[(3, 6)] * 4],
        lambda h, x, y, *w: parts_of(
            F.n_step_bilstm(
                2, 0.0, h, h * 2, [w[:8]] * 2 + [[*w[16:], *w[4:8]]] * 2, [w[8:16]] * 2 + [w[15:7:-1]] * 2, [x, y, y]
            )
        ),
        [],
    ),
    "gated sequences in both directions": (
        [(2, 2, 3), (2, 2), (1, 2), *[(3, 2)] * 3, *[(3, 3)] * 3, *[(3,)] * 6],
        lambda h, x, y, *w: parts_of(F.n_step_bigru(1, 0.0, h, [w[:6]] * 2, [w[6:], w[:5:-1]], [x, x, y])),
        [],
    ),
    "labels of sequences": (
        [(5, 3, 4)],
        lambda x, t, n, m: (
            F.connectionist_temporal_classification(F.separate(x), t, 0, n, m)
            + F.sum(F.connectionist_temporal_classification(F.separate(x), t[:, :1], 3, reduce="no")) * 2
        ),
        [np.array(each, np.int32) for each in ([[1, 1], [2, 0], [2, 1]], [5, 4, 3], [2, 0, 2])],
    ),
    "classes": (
        [(4, 3)],
        lambda x, t: (
            F.softmax_cross_entropy(x, t)
            + F.softmax_cross_entropy(x, t, ignore_label=2)
            + F.softmax_cross_entropy(x, t, class_weight=np.array([1.0, 2.0, 0.5]))
            + F.sum(F.softmax_cross_entropy(x, t, reduce="no"))
        ),
        [LABELS],
    ),
    "margins": (
        [(4, 3), (4, 3)],
        # Each has an input of its own: F.hinge writes into the gradient that it receives, which a sum shares.
        lambda x, y, t: F.hinge(x, t) * 2 + F.sum(F.hinge(y, t, norm="L2", reduce="no")),
        [LABELS],
    ),
    "squared margins": ([(4, 3)], lambda x, t: F.hinge(x, t, norm="L2"), [LABELS]),
    "each margin": ([(4, 3)], lambda x, t: F.sum(F.hinge(x, t, reduce="no")), [LABELS]),
    "classes of positions": ([(2, 3, 3)], lambda x, t: F.softmax_cross_entropy(x, t), [SEGMENTS]),
    "yes and no": (
        [(4, 3)],
        lambda x, t, p: (
            F.sigmoid_cross_entropy(x, t) + F.sigmoid_cross_entropy(x, t, normalize=False) + F.bernoulli_nll(p, x)
        ),
        [np.array([[1, 0, 1]] * 4), real(4, 3)],
    ),
    "yes, no and unknown": (
        [(4, 3)],
        lambda x, t: (
            F.sigmoid_cross_entropy(x, t)
            + F.sigmoid_cross_entropy(x, t, normalize=False)
            + F.sum(F.sigmoid_cross_entropy(x, t, reduce="no"))
        ),
        [np.array([[1, 0, -1]] * 4)],
    ),
    "distances": (
        [(4, 3)],
        lambda x, t: F.mean_squared_error(x, t) + F.mean_absolute_error(x, t) + F.sum(F.huber_loss(x, t, 0.1)),
        [real(4, 3, seed=9)],
    ),
    "triplet": (
        [(4, 3), (4, 3), (4, 3)],
        lambda a, p, n: F.triplet(a, p, n, margin=2.0) + F.sum(F.triplet(a, p, n, margin=0.3, reduce="no")),
        [],
    ),
}
"""Calls of Chainer's functions."""


def without_gradients(a: Any) -> Any:
    """What is computed of a weight, but not trained through."""
    with chainer.no_backprop_mode():
        return F.exp(a * 2)


def parts_of(outputs: Any) -> Any:
    """The sum of what a function of whole sequences gives, of which every element counts with a weight of its own."""
    *last, ys = outputs
    return sum_of([F.sum(each * real(*each.shape, seed=i)) for i, each in enumerate([*last, *ys])])
