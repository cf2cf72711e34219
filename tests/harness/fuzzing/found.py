"""Programs on which Lockstep was once wrong, as they were shrunk, each with the verdict that it must come to."""

from typing import Any

import numpy as np

from scenarios import (
    adadelta,
    adagrad,
    adam,
    amsgrad,
    buffer,
    clip_by_norm,
    data,
    momentum,
    param,
    randn,
    scenario,
    sgd,
    weight_decay,
)


@scenario(seed=0, epochs=3, untested="ok", optimizer=sgd(lr=0.1), decay=weight_decay(rate=0.01), w=param(5))
def decay_of_a_sum(op: Any, w: Any) -> Any:
    """Chainer's gradient of a sum can't be written to, and its weight decay wrote to it."""
    return op.reduce_sum(w)


@scenario(seed=0, epochs=3, untested="ok", optimizer=sgd(lr=0.1), x=randn(2, 2, 2, 1), w=param(2, 2, 3, 3))
def deconvolution_of_data(op: Any, x: Any, w: Any) -> Any:
    """Chainer's backward of a deconvolution raises an error where only the weight needs a gradient."""
    return op.reduce_sum(op.deconv2d(x, w))


@scenario(seed=21, epochs=3, dtype="float64", untested="ok", optimizer=adagrad(lr=0.01), w=param(2, 1, scale=100.0))
def distance_to_itself(op: Any, w: Any) -> Any:
    """A gradient that is 0 but for rounding, which no check can say anything about, was called wrong."""
    return op.reduce_sum(op.cosine_distance(w, w, eps=1.0, reduction="none"))


@scenario(seed=85, epochs=2, untested="ok", optimizer=momentum(lr=1.0, momentum=0.9), w=param(2, 4, scale=0.01))
def variance_of_near_equals(op: Any, w: Any) -> Any:
    """A variance of numbers that are nearly equal rounds by more than nudged weights show."""
    return op.reduce_sum(op.reduce_var(op.sigmoid(w), axis=-1))


@scenario(
    seed=33,
    epochs=3,
    untested="ok",
    optimizer=adadelta(),
    x=randn(5, 4, scale=1e19),
    s=buffer(5, 4, fill=0.0),
    w=param(5, 4, fill=0.0),
)
def adadelta_near_overflow(op: Any, x: Any, s: Any, w: Any) -> Any:
    """Chainer's AdaDelta takes one root of a quotient, which has lost digits next to a gradient of 1e19."""
    return op.mean_squared_error(op.add(w, s), x), {"s": s}


@scenario(
    seed=0, epochs=3, optimizer=sgd(lr=0.1), clipping=clip_by_norm(max_norm=1.0), untested="ok", a=param(2), b=param(2)
)
def clipping_of_terms(op: Any, a: Any, b: Any) -> Any:
    """Chainer gives both terms of a sum one gradient array, which its clipping scaled twice."""
    return op.reduce_sum(op.add(a, b))


@scenario(seed=3, epochs=3, optimizer=sgd(lr=0.1), untested="ok", w=param(2))
def loss_that_is_a_view(op: Any, w: Any) -> Any:
    """PyTorch's loss is a view of the weight, which has changed when the step is over."""
    return op.select(w, index=0, axis=0)


@scenario(seed=3, epochs=3, optimizer=sgd(lr=0.1), untested="ok", s=buffer(2, fill=0.0), w=param(3, 2))
def buffer_that_is_a_view(op: Any, s: Any, w: Any) -> Any:
    """So may be the next value of a buffer."""
    row = op.select(w, index=0, axis=0)
    return op.reduce_sum(op.multiply(op.add(row, s), row)), {"s": row}


@scenario(seed=1, epochs=3, optimizer=sgd(lr=0.1), untested="ok", w=param(1, 7, scale=1e19), x=randn(1, 7))
def loss_that_overflows(op: Any, w: Any, x: Any) -> Any:
    """Of infinities that are the same nothing can be told; the backend was called wrong."""
    return op.mean_squared_error(w, x)


@scenario(
    seed=0,
    epochs=3,
    untested="ok",
    optimizer=sgd(lr=0.1),
    x=randn(3, 1, 1, 3, scale=1e-6),
    gain=param(1, fill=1.0),
    bias=param(1),
    w=param(1, fill=1.0),
)
def batch_norm_of_small_numbers(op: Any, x: Any, gain: Any, bias: Any, w: Any) -> Any:
    """PyTorch rounds twice at the size of the bias."""
    return op.reduce_sum(op.batch_norm(op.multiply(x, w), gain, bias, eps=0.001))


@scenario(seed=0, epochs=1, untested="ok", optimizer=sgd(lr=0.1), w=param(2, 1), x=randn(2, 1))
def broadcast_to_its_own_shape(op: Any, w: Any, x: Any) -> Any:
    """Chainer returns the variable itself, and the gradient of all its uses was taken for that of the result."""
    y = op.mean_squared_error(w, x)
    return op.add(op.add(y, y), op.broadcast_to(y, shape=()))


@scenario(
    seed=0,
    epochs=3,
    untested="ok",
    optimizer=sgd(lr=0.1),
    clipping=clip_by_norm(max_norm=1.0),
    x=randn(5, 2, scale=0.1),
    b=param(2, scale=0.1),
    w=param(2, 2, fill=1.0),
)
def clipping_of_nothing_but_rounding(op: Any, x: Any, b: Any, w: Any) -> Any:
    """The norm of gradients that are 0 but for rounding has no bound, and so said nothing against them."""
    return op.multiply(op.reduce_sum(op.linear(x, w, b)), op.cosine_distance(b, b, eps=0.001))


@scenario(
    seed=41,
    epochs=3,
    untested="ok",
    optimizer=sgd(lr=1.0),
    w=param(2, 2, scale=1e19),
    x=randn(2, 2),
    y=randn(2, 2, scale=1e19),
)
def gradients_that_overflow(op: Any, w: Any, x: Any, y: Any) -> Any:
    """Near overflow, gradients of right formulas are infinite at different sizes."""
    return op.multiply(op.mean_squared_error(op.matmul(x, w), x), op.mean_squared_error(w, y))


@scenario(
    seed=98,
    epochs=3,
    untested="ok",
    optimizer=sgd(lr=0.5),
    q=param(3, 3, 2, 3, scale=1e19, frozen=True),
    v=param(3, 3, 2, 4),
)
def attention_of_huge_numbers(op: Any, q: Any, v: Any) -> Any:
    """Where the product of queries and keys overflows, formulas differ in which scores are infinite."""
    return op.reduce_mean(op.scaled_dot_product_attention(q, q, v, scale=0.1))


@scenario(
    seed=3,
    epochs=3,
    untested="ok",
    optimizer=adam(lr=0.0),
    w1=param(3, 3, scale=0.1),
    x=randn(3, 2),
    w2=param(3, 6, scale=0.1),
    w3=param(2, 6, scale=100.0),
    w4=param(6, fill=1.0),
    w5=param(1, scale=1e25),
    y=randn(3, 2),
)
def closed_gate_beside_overflow(op: Any, w1: Any, x: Any, w2: Any, w3: Any, w4: Any, w5: Any, y: Any) -> Any:
    """A closed gate makes much of rounding, while Adam's state of another weight is infinite in every run."""
    h = op.hard_sigmoid(op.gru_reset_before(w1, x, w2, w3, w4))
    return op.multiply(op.mean_squared_error(h, y), op.reduce_sum(w5))


@scenario(
    seed=0,
    epochs=3,
    untested="ok",
    optimizer=sgd(lr=0.1),
    x=param(load=lambda: np.random.RandomState(0).randint(-1, 2, (2, 2, 1, 2)) * 1.0),
    mean=param(2, frozen=True),
    var=param(2, fill=1.0, frozen=True),
)
def batch_norm_of_a_short_axis(op: Any, x: Any, mean: Any, var: Any) -> Any:
    """PyTorch's backward mixed up channels where the gradient came with its axes in another order in memory."""
    h = op.fixed_batch_norm(x, mean, var, eps=0.001)
    return op.reduce_sum(op.reduce_max(h, axis=(1, 2)))


@scenario(
    seed=0,
    epochs=3,
    dtype="float64",
    untested="ok",
    optimizer=sgd(lr=0.1),
    x=param(load=lambda: np.random.RandomState(163).randint(-1, 2, (4, 4, 3)) * 1.0),
    w1=param(3, 3, scale=1e12),
    w2=param(3, 3),
    w3=param(3, 3, fill=1.0),
    mask=data(lambda: np.random.RandomState(0).randint(0, 2, (4, 4)) | (np.arange(4) == 0)),
)
def attention_of_large_scores(op: Any, x: Any, w1: Any, w2: Any, w3: Any, mask: Any) -> Any:
    """Where an op has no bound, the difference that it makes is unknown, and rounding explains what there is."""
    return op.reduce_sum(op.multi_head_attention(x, w1, w1, w2, w3, mask, heads=3))


@scenario(seed=0, epochs=3, untested="ok", optimizer=sgd(lr=0.1), w1=param(7, 7), w2=param(7, 7), x=randn(7, 7))
def smooth_l1_of_a_small_beta(op: Any, w1: Any, w2: Any, x: Any) -> Any:
    """Chainer's is its Huber loss divided by beta, which rounds in another way."""
    return op.reduce_sum(op.smooth_l1(op.matmul(w1, w2), x, beta=0.05, reduction="none"))


@scenario(
    seed=0,
    epochs=3,
    untested="ok",
    optimizer=sgd(lr=0.1),
    x=randn(1, 2, 5, 1, scale=0.1),
    gain=param(2, fill=1.0),
    bias=param(2, scale=1000000.0),
)
def group_norm_of_a_large_bias(op: Any, x: Any, gain: Any, bias: Any) -> Any:
    """PyTorch adds up the offset before it adds it, as in batch normalization."""
    return op.reduce_sum(op.group_norm(x, gain, bias, groups=2, eps=0.001))


@scenario(seed=0, epochs=3, untested="ok", optimizer=sgd(lr=0.1), w=param(1, 1, scale=1e19))
def gelu_of_a_huge_number(op: Any, w: Any) -> Any:
    """Its cube overflows; not every formula cubes it."""
    return op.reduce_sum(op.gelu_tanh(w))


@scenario(
    seed=24,
    epochs=3,
    untested="ok",
    optimizer=amsgrad(lr=0.2),
    w1=param(1, 4, 6, scale=1e6),
    w2=param(6, 6),
    w3=param(load=lambda: np.random.RandomState(395).normal(10.0, 1.0, (6, 6))),
    w4=param(6, 6, scale=1e6),
    m1=data(lambda: np.ones((4, 4), int)),
    x1=randn(1, 4, 6),
)
def amsgrad_of_what_overflows(op: Any, w1: Any, w2: Any, w3: Any, w4: Any, m1: Any, x1: Any) -> Any:
    """Terms cancel in its gradients; a NaN bound of the optimizer's state hid that."""
    return op.mean_squared_error(op.multi_head_attention(w1, w2, w3, w2, w4, m1, heads=3), x1)


@scenario(
    seed=0,
    epochs=3,
    dtype="float64",
    untested="ok",
    optimizer=sgd(lr=0.1),
    w1=param(load=lambda: np.array([[-1.0, -2.0, -0.5]])),
    w2=param(load=lambda: np.array([[-1000.0, 0.5, 0.5]])),
)
def divergence_from_a_share_of_zero(op: Any, w1: Any, w2: Any) -> Any:
    """The target has no finite gradient, and each backend had another one."""
    return op.kl_divergence(w1, op.softmax(w2))


@scenario(
    seed=0,
    epochs=1,
    untested="ok",
    optimizer=sgd(lr=0.1),
    batch_size=2,
    w1=param(load=lambda: np.array([[0.0, 100.0, -1e-07, 50.0], [-50.0, 50.0, 0.0, 1e-07]])),
    w2=param(load=lambda: np.array(-11.5)),
    x1=data(lambda: np.zeros((6, 4))),
)
def squared_error_of_a_tiny_share(op: Any, w1: Any, w2: Any, x1: Any) -> Any:
    """Its gradient is below the smallest normal number, where PyTorch loses digits: it divides the error first."""
    return op.multiply(op.mean_squared_error(op.softmax(w1), x1), w2)


@scenario(
    seed=0,
    epochs=3,
    untested="ok",
    optimizer=sgd(lr=0.1),
    w=param(load=lambda: np.array([500.0, -50.0, -2000.0, -200.0])),
    x=data(lambda: np.zeros(4)),
)
def gradient_of_a_tiny_gate(op: Any, w: Any, x: Any) -> Any:
    """PyTorch multiplies the arriving gradient by the sigmoid first, and the product of the two loses digits."""
    return op.mean_squared_error(op.swish(w), x)


@scenario(
    seed=0,
    epochs=3,
    untested="ok",
    optimizer=sgd(lr=0.1),
    w=param(load=lambda: np.array([50.0, -1.0])),
    x=randn(2, scale=1e18),
)
def gradient_times_an_exponential(op: Any, w: Any, x: Any) -> Any:
    """PyTorch multiplies the arriving gradient by the exponential before it divides, and that product overflows."""
    return op.mean_squared_error(op.softplus(w), x)


@scenario(
    seed=1,
    epochs=1,
    untested="ok",
    optimizer=sgd(lr=0.1),
    batch_size=2,
    w1=param(2, 1),
    w2=param(2, 1, 2, scale=1e19),
    w3=param(2, 2),
    w4=param(2, 2, fill=1.0),
    w5=param(2, 2),
    m=data(lambda: [np.ones((1, 1), int)] * 3, per="update"),
    x=randn(6, 2),
)
def normalised_by_a_huge_sum(op: Any, w1: Any, w2: Any, w3: Any, w4: Any, w5: Any, m: Any, x: Any) -> Any:
    """A gradient divided by the sum falls below the smallest number, by PyTorch's order of factors a little more."""
    h = op.multi_head_attention(w2, w3, w4, w5, w3, m, heads=2)
    h = op.local_response_norm(h, n=3, k=1.0, alpha=0.1, beta=0.75)
    return op.add(op.reduce_sum(op.selu(w1)), op.reduce_sum(h))


@scenario(
    seed=0,
    epochs=3,
    untested="ok",
    optimizer=sgd(lr=0.1),
    w1=param(3, scale=0.1),
    w2=param(3),
    x=randn(3, scale=1e19),
)
def layer_norm_of_large_numbers(op: Any, w1: Any, w2: Any, x: Any) -> Any:
    """Chainer multiplies the gradient, the gain and the deviation, and the product overflows where no square does."""
    loss = op.mean_squared_error(op.layer_norm(w1, w2, eps=0.001), x)
    return op.add(op.reduce_sum(w1), loss)


@scenario(seed=0, epochs=3, untested="ok", optimizer=adagrad(lr=0.1), w=param(7, 1, 4, 4), w2=param(1))
def distance_to_itself_beside_a_pool(op: Any, w: Any, w2: Any) -> Any:
    """The terms of its gradient cancel, and Chainer rounds each of them once more than the formula by hand."""
    h = op.add(op.reduce_sum(op.max_pool2d(w, window=1, stride=2)), op.cosine_distance(w, w, eps=0.001))
    return op.add(h, op.reduce_sum(w2))


@scenario(
    seed=0,
    epochs=3,
    untested="ok",
    optimizer=sgd(lr=0.1),
    s1=buffer(2, 1, fill=1.0),
    w1=param(1),
    w2=param(1),
    s2=buffer(1, fill=0.0),
    s3=buffer(1, fill=1.0),
    w3=param(2, 3, 2, scale=1e30),
)
def rounding_beside_overflow(op: Any, s1: Any, w1: Any, w2: Any, s2: Any, s3: Any, w3: Any) -> Any:
    """Runs part by rounding in batch_norm; group_norm's squares overflow, and PyTorch alone makes NaN of that."""
    h1, h2, h3 = op.batch_norm(s1, w1, w2, s2, s3, eps=0.001)
    loss = op.add(op.reduce_sum(h1), op.reduce_sum(op.group_norm(w3, groups=3, eps=0.001)))
    return loss, {"s1": s1, "s2": h2, "s3": h3}


@scenario(
    seed=53,
    epochs=3,
    untested="ok",
    optimizer=adadelta(),
    w1=param(load=lambda: np.random.RandomState(506).uniform(1.0, 100.0, (2, 1))),
    w2=param(1, 1, scale=1e19),
    w3=param(2, 1),
)
def product_of_losses_beside_overflow(op: Any, w1: Any, w2: Any, w3: Any) -> Any:
    """Runs part by rounding in the sum of a layer norm; on the way back PyTorch alone makes NaN of what overflows."""
    h = op.layer_norm(w1, eps=1e-5, axis=(-2, -1))
    loss = op.add(op.reduce_sum(op.log(w1)), op.reduce_sum(op.linear(h, w2)))
    return op.multiply(op.add(loss, op.reduce_sum(op.maximum(h, w3))), op.reduce_sum(w2))


FOUND = [
    (product_of_losses_beside_overflow, "inconclusive"),
    (gradient_of_a_tiny_gate, "agree"),
    (gradient_times_an_exponential, "inconclusive"),
    (layer_norm_of_large_numbers, "inconclusive"),
    (normalised_by_a_huge_sum, "inconclusive"),
    (distance_to_itself_beside_a_pool, "inconclusive"),
    (rounding_beside_overflow, "inconclusive"),
    (squared_error_of_a_tiny_share, "agree"),
    (amsgrad_of_what_overflows, "inconclusive"),
    (divergence_from_a_share_of_zero, "inconclusive"),
    (attention_of_large_scores, "inconclusive"),
    (batch_norm_of_a_short_axis, "agree"),
    (gelu_of_a_huge_number, "inconclusive"),
    (group_norm_of_a_large_bias, "agree"),
    (smooth_l1_of_a_small_beta, "agree"),
    (closed_gate_beside_overflow, "inconclusive"),
    (attention_of_huge_numbers, "inconclusive"),
    (broadcast_to_its_own_shape, "agree"),
    (clipping_of_nothing_but_rounding, "inconclusive"),
    (gradients_that_overflow, "inconclusive"),
    (clipping_of_terms, "agree"),
    (loss_that_is_a_view, "agree"),
    (buffer_that_is_a_view, "agree"),
    (loss_that_overflows, "inconclusive"),
    (batch_norm_of_small_numbers, "inconclusive"),
    (decay_of_a_sum, "agree"),
    (deconvolution_of_data, "agree"),
    (distance_to_itself, "inconclusive"),
    (variance_of_near_equals, "drift"),
    (adadelta_near_overflow, "inconclusive"),
]
