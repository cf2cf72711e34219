"""Networks that take tensors apart and put them together again."""

from typing import Any

from scenarios import adam, param, randn, scenario


@scenario(
    seed=1,
    epochs=40,
    optimizer=adam(lr=0.02),
    x=randn(12, 6),
    y=randn(12, 4),
    w_left=param(3, 5, scale=0.6),
    w_right=param(3, 5, scale=0.6),
    w_out=param(10, 4, scale=0.4),
)
def two_branches(op: Any, x: Any, y: Any, w_left: Any, w_right: Any, w_out: Any) -> Any:
    """Each half of the features goes through a branch of its own, and the outputs are joined again.

    The backward of split concatenates, and the backward of concatenate splits. Exercises split, concatenate, tanh and
    relu.
    """
    left, right = op.split(x, sections=2, axis=1)
    h_left = op.tanh(op.matmul(left, w_left))
    h_right = op.relu(op.matmul(right, w_right))
    h = op.concatenate(h_left, h_right, axis=1)
    return op.mean_squared_error(op.matmul(h, w_out), y)


@scenario(
    seed=1,
    epochs=40,
    optimizer=adam(lr=0.02),
    x=randn(8, 5, 3),
    y=randn(8, 2),
    w_steps=param(3, 4, scale=0.6),
    w_first=param(4, 2, scale=0.5),
    w_window=param(12, 2, scale=0.3),
)
def windows(op: Any, x: Any, y: Any, w_steps: Any, w_first: Any, w_window: Any) -> Any:
    """A sequence of five steps: the same layer at every step, then a window of three steps, and the first one again.

    Reshaping turns the window's steps into features of one row. A step that is used twice gets the sum of two
    gradients, an unused one gets 0. Exercises batch_matmul, slice_axis, select, reshape and tanh.
    """
    steps = op.tanh(op.batch_matmul(x, w_steps))
    window = op.reshape(op.slice_axis(steps, start=0, stop=3, axis=1), shape=(-1, 12))
    first = op.select(steps, index=0, axis=1)
    y_p = op.add(op.matmul(window, w_window), op.matmul(first, w_first))
    return op.mean_squared_error(y_p, y)


@scenario(
    seed=1,
    epochs=40,
    optimizer=adam(lr=0.02),
    x=randn(6, 4, 3),
    y=randn(6, 4),
    w_a=param(3, 5, scale=0.5),
    w_b=param(3, 5, scale=0.5),
    w_mix=param(4, 4, scale=0.5),
    w_out=param(2, 5, scale=0.5),
)
def mixed_axes(op: Any, x: Any, y: Any, w_a: Any, w_b: Any, w_mix: Any, w_out: Any) -> Any:
    """Tokens mixed along both of their axes: over features, then, transposed, over tokens.

    The idea of an MLP-Mixer (Tolstikhin et al. 2021) in a few lines. Only the transposes tell the two products apart,
    and a wrong one still has the right shape. Exercises transpose, batch_matmul, stack, log_softmax, softmax and
    reduce_sum.
    """
    a = op.log_softmax(op.batch_matmul(x, w_a))
    b = op.softmax(op.batch_matmul(x, w_b))
    mixed = op.transpose(op.batch_matmul(op.transpose(a, axes=(0, 2, 1)), w_mix), axes=(0, 2, 1))
    both = op.stack(op.tanh(mixed), b, axis=2)
    y_p = op.reduce_sum(op.multiply(both, w_out), axis=(2, 3))
    return op.mean_squared_error(y_p, y)


@scenario(
    seed=2,
    epochs=40,
    optimizer=adam(lr=0.02),
    x=randn(6, 2, 9),
    y=randn(6, 3, 9),
    k1=param(4, 2, 3, scale=0.4),
    k2=param(3, 4, 3, scale=0.4),
    level=param(3, 1, scale=0.5),
)
def causal_convolution(op: Any, x: Any, y: Any, k1: Any, k2: Any, level: Any) -> Any:
    """A signal in which no output sees what comes later: all of the padding is in front.

    The second layer's padding is -1, the lower end of tanh. Every channel has a level of its own, which is repeated for
    all examples and steps, so its gradient is the sum over them. Exercises pad, broadcast_to, conv1d, tanh and add.
    """
    h = op.tanh(op.conv1d(op.pad(x, widths=((0, 0), (0, 0), (2, 0))), k1))
    steps = op.conv1d(op.pad(h, widths=((0, 0), (0, 0), (2, 0)), value=-1.0), k2)
    return op.mean_squared_error(op.add(steps, op.broadcast_to(level, shape=(6, 3, 9))), y)


@scenario(
    seed=3,
    epochs=40,
    optimizer=adam(lr=0.02),
    x=randn(6, 4),
    z=randn(6, 6),
    y=randn(6, 3),
    w_pairs=param(4, 6, 5, scale=0.3),
    w_out=param(5, 3, scale=0.5),
    shares=param(6, 5, scale=0.5),
)
def pairs_of_features(op: Any, x: Any, z: Any, y: Any, w_pairs: Any, w_out: Any, shares: Any) -> Any:
    """Every pair of features has a weight: a bilinear layer, written with letters.

    Each letter is an axis, and what the arrow leaves out is summed over: first the features of x, then those of z. A
    sum over one tensor hands the same gradient to each of its terms. The axes n and j are both 6 long, so that only
    their letters tell them apart. Exercises einsum of two tensors, of one, and as a plain product of matrices.
    """
    half = op.einsum(x, w_pairs, equation="ni,ijo->njo")
    pairs = op.tanh(op.einsum(half, z, equation="njo,nj->no"))
    level = op.einsum(shares, equation="jo->o")
    return op.mean_squared_error(op.einsum(op.add(pairs, level), w_out, equation="no,op->np"), y)


@scenario(
    seed=4,
    epochs=40,
    optimizer=adam(lr=0.02),
    x=randn(5, 6, 3),
    y=randn(5, 6, 2),
    w=param(3, 4, scale=0.4),
    pattern=param(3, 4, scale=0.4),
    w_out=param(4, 2, scale=0.3),
)
def running_sums(op: Any, x: Any, y: Any, w: Any, pattern: Any, w_out: Any) -> Any:
    """Running sums of a sequence from both of its ends, beside a pattern that comes again and again.

    The sum so far sees the past, that of the flipped sequence the future; the gradient of each runs the other way. A
    pattern of three steps fills six, and gets the sum of the gradients of its copies. Exercises cumsum, flip, tile,
    batch_matmul, tanh.
    """
    h = op.batch_matmul(x, w)
    past = op.cumsum(h, axis=1)
    future = op.flip(op.cumsum(op.flip(h, axis=1), axis=1), axis=1)
    steps = op.add(op.subtract(past, future), op.tile(pattern, repeats=(2, 1)))
    return op.mean_squared_error(op.batch_matmul(op.tanh(steps), w_out), y)
