"""A variational autoencoder, in both frameworks: the network of Chainer's VAE example."""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as nnF
from torch import Tensor, nn

from backends.capture.training import Training
from lockstep import import_chainer

chainer: Any = import_chainer()
F, L = chainer.functions, chainer.links
PIXELS, HIDDEN, LATENT, ROWS = 16, 10, 4, 6


class ChainerVAE(chainer.Chain):  # type: ignore[misc]
    """Mean and logarithm of the variance from one layer each: twins of one shape."""

    def __init__(self) -> None:
        super().__init__()
        with self.init_scope():
            self.le1 = L.Linear(PIXELS, HIDDEN)
            self.le2_mu = L.Linear(HIDDEN, LATENT)
            self.le2_ln_var = L.Linear(HIDDEN, LATENT)
            self.ld1 = L.Linear(LATENT, HIDDEN)
            self.ld2 = L.Linear(HIDDEN, PIXELS)


def chainer_loss(model: Any, x: Any) -> Any:
    """Reconstruction and divergence, per row."""
    h = F.tanh(model.le1(x))
    mu, ln_var = model.le2_mu(h), model.le2_ln_var(h)
    z = F.gaussian(mu, ln_var)
    y = model.ld2(F.tanh(model.ld1(z)))
    rows = len(x)
    return F.bernoulli_nll(x, y) / rows + F.gaussian_kl_divergence(mu, ln_var) / rows


class TorchVAE(nn.Module):
    """The same layers, registered in another order."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Linear(PIXELS, HIDDEN)
        self.log_variance = nn.Linear(HIDDEN, LATENT)
        self.mean = nn.Linear(HIDDEN, LATENT)
        self.decoder = nn.Sequential(nn.Linear(LATENT, HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, PIXELS))


def torch_loss(model: Any, x: Tensor) -> Tensor:
    """Another formula for the divergence: with the standard deviation, as −½ Σ (1 + ln σ² − μ² − σ²)."""
    return _torch_loss(model, x, torch.sum)


def torch_loss_of_means(model: Any, x: Tensor) -> Tensor:
    """A slip: the divergence is averaged over the latent variables where Chainer sums."""
    return _torch_loss(model, x, lambda values: values.mean() * len(x))


def _torch_loss(model: Any, x: Tensor, reduce: Any) -> Tensor:
    h = torch.tanh(model.encoder(x))
    mean, log_variance = model.mean(h), model.log_variance(h)
    deviation = torch.exp(0.5 * log_variance)
    z = mean + torch.randn_like(deviation) * deviation
    y = model.decoder(z)
    reconstruction = nnF.binary_cross_entropy_with_logits(y, x, reduction="sum")
    divergence = -0.5 * reduce(1 + 2 * torch.log(deviation) - mean**2 - deviation**2)
    return (reconstruction + divergence) / len(x)  # type: ignore[no-any-return]


def batches() -> list[tuple[Any]]:
    """Black and white pixels."""
    return [((np.random.RandomState(5).uniform(size=(ROWS, PIXELS)) > 0.5).astype(np.float32),)]


def in_chainer() -> Training:
    """The Chain's training, by plain gradient descent."""
    model = ChainerVAE()
    return Training(model, chainer_loss, chainer.optimizers.SGD(lr=0.01).setup(model))


def in_torch(loss: Any = torch_loss) -> Training:
    """The Module's training."""
    model = TorchVAE()
    return Training(model, loss, torch.optim.SGD(model.parameters(), lr=0.01))
