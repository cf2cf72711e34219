"""With its state taken over, PyTorch's optimizer goes on where Chainer's stopped."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from backends.checkpoints.checkpoint import Checkpoint
from backends.checkpoints.models import TorchModel
from backends.checkpoints.optimizers import UPDATE_RULES, written_for_torch
from backends.compatibility.chainer import import_chainer
from backends.layouts.transformations import Array
from harness.converting.conversion import convert
from harness.converting.optimizer import convert_optimizer
from harness.errors import InputError

chainer = import_chainer()
F, L = chainer.functions, chainer.links
BEFORE, AFTER = 3, 4
"""Updates before the conversion, by Chainer alone, and after it, by both."""
LR = 0.05
OPTIMIZERS: dict[str, tuple[Any, Any]] = {
    "sgd": (lambda: chainer.optimizers.SGD(LR), lambda weights: torch.optim.SGD(weights, LR)),
    "momentum_sgd": (
        lambda: chainer.optimizers.MomentumSGD(LR, 0.9),
        lambda weights: torch.optim.SGD(weights, LR, momentum=0.9),
    ),
    # Without eps, the two are the same rule.
    "adam": (lambda: chainer.optimizers.Adam(LR, eps=0), lambda weights: torch.optim.Adam(weights, LR, eps=0)),
    "adamw": (
        lambda: chainer.optimizers.AdamW(LR, eps=0, weight_decay_rate=0.02),
        lambda weights: torch.optim.AdamW(weights, LR, eps=0, weight_decay=0.02 / LR),
    ),
    "amsgrad": (
        lambda: chainer.optimizers.AMSGrad(LR, eps=0),
        lambda weights: torch.optim.Adam(weights, LR, eps=0, amsgrad=True),
    ),
    "rmsprop": (
        lambda: chainer.optimizers.RMSprop(LR, alpha=0.9, eps=1e-8),
        lambda weights: torch.optim.RMSprop(weights, LR, alpha=0.9, eps=1e-8),
    ),
    "adagrad": (
        lambda: chainer.optimizers.AdaGrad(LR, eps=1e-8),
        lambda weights: torch.optim.Adagrad(weights, LR, eps=1e-8),
    ),
    "adadelta": (
        lambda: chainer.optimizers.AdaDelta(rho=0.9, eps=1e-6),
        lambda weights: torch.optim.Adadelta(weights, lr=1.0, rho=0.9, eps=1e-6),
    ),
}
X = np.random.default_rng(0).normal(size=(5, 2, 6, 6))


def chain() -> Any:
    with chainer.using_config("dtype", np.float64):
        return chainer.Chain(
            conv=L.DepthwiseConvolution2D(2, 2, 3, nobias=True), norm=L.BatchNormalization(4), fc=L.Linear(4 * 16, 3)
        )


def module() -> torch.nn.Module:
    return torch.nn.ModuleDict(
        {
            "fc": torch.nn.Linear(4 * 16, 3),
            "norm": torch.nn.BatchNorm2d(4, eps=2e-5),
            "conv": torch.nn.Conv2d(2, 4, 3, groups=2, bias=False),
        }
    ).double()


def loss_of(model: Any, x: Any, flatten: Any) -> Any:
    y = model["fc"](flatten(model["norm"](model["conv"](x))))
    return ((y - 1) ** 2).mean() if isinstance(y, torch.Tensor) else F.mean((y - 1) ** 2)


def update_chainer(model: Any, optimizer: Any, updates: int) -> None:
    for _ in range(updates):
        model.cleargrads()
        loss_of(model, chainer.Variable(X), lambda h: F.reshape(h, (5, -1))).backward()
        optimizer.update()


def trained(rule: str) -> tuple[Any, Any, Checkpoint]:
    """A chain and its optimizer after some updates, and what a snapshot would hold of them."""
    link = chain()
    optimizer = OPTIMIZERS[rule][0]().setup(link)
    update_chainer(link, optimizer, BEFORE)
    serializers = [chainer.serializers.DictionarySerializer() for _ in range(2)]
    serializers[0].save(link)
    serializers[1].save(optimizer)
    weights, kept = ({key: np.array(value) for key, value in one.target.items()} for one in serializers)
    return link, optimizer, Checkpoint("chainer", weights, optimizer=kept)


@pytest.mark.parametrize("rule", UPDATE_RULES)
def test_training_goes_on_as_it_would_have(rule: str, tmp_path: Path) -> None:
    link, optimizer, checkpoint = trained(rule)
    port = module()
    model = TorchModel(port)
    conversion = convert(checkpoint, model, {})
    states = convert_optimizer(checkpoint, conversion, rule, LR)
    model.load(conversion.arrays)
    (tmp_path / "state.pt").write_bytes(written_for_torch(states, model.parameters()))
    successor = OPTIMIZERS[rule][1](port.parameters())
    successor.load_state_dict({**successor.state_dict(), **torch.load(tmp_path / "state.pt", weights_only=True)})
    for _ in range(AFTER):
        successor.zero_grad()
        loss_of(port, torch.from_numpy(X), lambda h: h.flatten(1)).backward()
        successor.step()
    update_chainer(link, optimizer, AFTER)
    serializer = chainer.serializers.DictionarySerializer()
    serializer.save(link)
    expected = convert(Checkpoint("chainer", serializer.target), TorchModel(module()), {}).arrays
    for name, weight in port.named_parameters():
        np.testing.assert_allclose(weight.detach().numpy(), expected[name], rtol=1e-9, atol=1e-11, err_msg=name)


@pytest.mark.parametrize("rule", sorted(UPDATE_RULES.keys() - {"sgd"}))
def test_without_its_state_training_would_part(rule: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def nothing(*arguments: object) -> dict[str, dict[str, Array]]:
        return {}

    monkeypatch.setitem(globals(), "convert_optimizer", nothing)
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        test_training_goes_on_as_it_would_have(rule, tmp_path)


def test_another_rule_s_state_is_refused() -> None:
    *_, checkpoint = trained("adam")
    conversion = convert(checkpoint, TorchModel(module()), {})
    with pytest.raises(InputError, match="keeps m, v of each weight, as adam and adamw would"):
        convert_optimizer(checkpoint, conversion, "momentum_sgd", LR)
    with pytest.raises(InputError, match="holds no optimizer's state"):
        convert_optimizer(Checkpoint("chainer", checkpoint.arrays), conversion, "adam", None)


def test_momentum_needs_its_learning_rate() -> None:
    *_, checkpoint = trained("momentum_sgd")
    conversion = convert(checkpoint, TorchModel(module()), {})
    with pytest.raises(InputError, match="holds the learning rate, and the file doesn't say it: give --lr"):
        convert_optimizer(checkpoint, conversion, "momentum_sgd", None)
