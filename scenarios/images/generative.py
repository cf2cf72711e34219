"""Models that make handwritten digits: a variational autoencoder, a DCGAN and a step of diffusion training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scenarios import adam, data, param, randn, scenario
from scenarios.images.digits import images

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

COUNT, BATCH = 96, 24
"""How many digits there are to learn from, and how many are in a batch."""


def _some() -> Array:
    """Some of the digits, (COUNT, 64) in [0, 1]."""
    return images()[::18][:COUNT]


@scenario(
    seed=3,
    epochs=10,
    optimizer=adam(lr=0.01),
    batch_size=BATCH,
    sizes={"N_H": 24, "N_Z": 4},
    x=data(_some, picture=(8, 8)),
    noise=randn(BATCH, "N_Z", per="update"),
    w_in=param(64, "N_H", scale=0.15),
    b_in=param("N_H", fill=0.0),
    w_mean=param("N_H", "N_Z", scale=0.2),
    b_mean=param("N_Z", fill=0.0),
    w_log_var=param("N_H", "N_Z", scale=0.2),
    b_log_var=param("N_Z", fill=0.0),
    w_code=param("N_Z", "N_H", scale=0.5),
    b_code=param("N_H", fill=0.0),
    w_out=param("N_H", 64, scale=0.2),
    b_out=param(64, fill=0.0),
)
def vae(
    op: Any,
    x: Any,
    noise: Any,
    w_in: Any,
    b_in: Any,
    w_mean: Any,
    b_mean: Any,
    w_log_var: Any,
    b_log_var: Any,
    w_code: Any,
    b_code: Any,
    w_out: Any,
    b_out: Any,
) -> Any:
    """A variational autoencoder of handwritten digits: a picture becomes a distribution over four numbers, and back.

    The code is drawn as mean + deviation · noise, with noise that is drawn anew for every update, so that the gradient
    reaches both of them (Kingma & Welling 2014, arXiv:1312.6114). The second term of the loss, the divergence from the
    standard normal distribution, is written out. Exercises linear, tanh, exp, multiply,
    binary_cross_entropy_with_logits and reduce_sum.
    """
    h = op.tanh(op.linear(x, w_in, b_in))
    mean = op.linear(h, w_mean, b_mean)
    log_var = op.linear(h, w_log_var, b_log_var)
    code = mean + op.exp(0.5 * log_var) * noise
    pixels = op.linear(op.tanh(op.linear(code, w_code, b_code)), w_out, b_out)
    restored = op.binary_cross_entropy_with_logits(pixels, x, reduction="sum")
    divergence = -0.5 * op.reduce_sum(1 + log_var - mean**2 - op.exp(log_var))
    return (restored + divergence) / x.shape[0]


@scenario(
    seed=4,
    epochs=3,
    optimizer=adam(lr=0.005, beta1=0.5),
    batch_size=BATCH,
    sizes={"N_Z": 6, "C_1": 6, "C_2": 8},
    x=data(lambda: 2 * _some().reshape(-1, 1, 8, 8) - 1),
    noise=randn(BATCH, "N_Z", per="update"),
    g_w=param("N_Z", 32, scale=0.4),
    g_gain=param(8, fill=1.0),
    g_bias=param(8, fill=0.0),
    g_k1=param(8, "C_1", 4, 4, scale=0.15),
    g_b1=param("C_1", fill=0.0),
    g_k2=param("C_1", 1, 4, 4, scale=0.15),
    g_b2=param(1, fill=0.0),
    d_k1=param("C_1", 1, 4, 4, scale=0.25),
    d_b1=param("C_1", fill=0.0),
    d_k2=param("C_2", "C_1", 4, 4, scale=0.1),
    d_b2=param("C_2", fill=0.0),
    d_w=param(32, 1, scale=0.2),
)
def dcgan(op: Any, x: Any, noise: Any, **w: Any) -> Any:
    """A DCGAN: a generator of handwritten digits and a discriminator that tells them from real ones, in one loss.

    Each of the two has a loss of its own, from which the other may not learn: the discriminator is given the generated
    digits detached, so that the generator does not learn to give itself away, and the generator is judged by a
    discriminator whose weights are detached, so that this does not learn to be fooled. Both are trained by each update
    at once; the usual loop of two optimizers trains first one, then the other, which is judged by what the first has
    just learned (Radford et al. 2016, arXiv:1511.06434). Exercises detach, deconv2d, conv2d, batch_norm, leaky_relu and
    softplus.
    """

    def generated() -> Any:
        maps = op.reshape(noise @ w["g_w"], shape=(-1, 8, 2, 2))
        maps = op.relu(op.batch_norm(maps, w["g_gain"], w["g_bias"], eps=1e-5))
        maps = op.relu(op.deconv2d(maps, w["g_k1"], w["g_b1"], stride=2, pad=1))
        return op.tanh(op.deconv2d(maps, w["g_k2"], w["g_b2"], stride=2, pad=1))

    def scores_of(pictures: Any, k1: Any, b1: Any, k2: Any, b2: Any, w_out: Any) -> Any:
        maps = op.leaky_relu(op.conv2d(pictures, k1, b1, stride=2, pad=1), slope=0.2)
        maps = op.leaky_relu(op.conv2d(maps, k2, b2, stride=2, pad=1), slope=0.2)
        return op.reshape(maps, shape=(-1, 32)) @ w_out

    weights = [w[name] for name in ("d_k1", "d_b1", "d_k2", "d_b2", "d_w")]
    fake = generated()
    real_scores = scores_of(x, *weights)
    fake_scores = scores_of(op.detach(fake), *weights)
    judged = scores_of(fake, *(op.detach(weight) for weight in weights))
    loss_of_discriminator = op.reduce_mean(op.softplus(-real_scores)) + op.reduce_mean(op.softplus(fake_scores))
    loss_of_generator = op.reduce_mean(op.softplus(-judged))
    return loss_of_discriminator + loss_of_generator


STEPS = 10
"""How many steps there are from a digit to noise."""


def _kept() -> Array:
    """ᾱ of each step, (STEPS, 1): the share of the digit's variance that is left after it, from nearly 1 towards 0."""
    import numpy as np

    return np.cumprod(1 - np.linspace(0.02, 0.5, STEPS))[:, None]


def _steps() -> Array:
    """The step of each digit of each batch, (updates, BATCH)."""
    import numpy as np

    return np.random.RandomState(11).randint(0, STEPS, (COUNT // BATCH, BATCH))


@scenario(
    seed=5,
    epochs=10,
    optimizer=adam(lr=0.01),
    batch_size=BATCH,
    sizes={"N_H": 48},
    x=data(lambda: 2 * _some() - 1, picture=(8, 8)),
    step=data(_steps, per="update"),
    noise=randn(BATCH, 64, per="update"),
    signal=param(load=lambda: _kept() ** 0.5, frozen=True),
    spread=param(load=lambda: (1 - _kept()) ** 0.5, frozen=True),
    times=param(STEPS, "N_H", scale=0.2),
    w1=param(64, "N_H", scale=0.12),
    w2=param("N_H", "N_H", scale=0.15),
    b2=param("N_H", fill=0.0),
    w3=param("N_H", 64, scale=0.1),
    b3=param(64, fill=0.0),
)
def diffusion_step(
    op: Any,
    x: Any,
    step: Any,
    noise: Any,
    signal: Any,
    spread: Any,
    times: Any,
    w1: Any,
    w2: Any,
    b2: Any,
    w3: Any,
    b3: Any,
) -> Any:
    """A step of diffusion training: a network predicts the noise that was mixed into handwritten digits.

    Each digit of a batch has a step t of its own, and noise that is drawn anew for every update. The network sees
    √ᾱ·x + √(1 − ᾱ)·noise, with both factors looked up by t in frozen tables, and a learned vector of t (Ho et al. 2020,
    arXiv:2006.11239). Exercises embedding, matmul, multiply, swish, linear and mean_squared_error.
    """
    mixed = op.embedding(step, signal) * x + op.embedding(step, spread) * noise
    h = op.swish(mixed @ w1 + op.embedding(step, times))
    h = op.swish(op.linear(h, w2, b2))
    return op.mean_squared_error(op.linear(h, w3, b3), noise)
