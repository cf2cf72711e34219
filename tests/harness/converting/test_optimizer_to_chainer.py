"""With its state taken back, Chainer's optimizer goes on where PyTorch's stopped."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from backends.checkpoints.checkpoint import Checkpoint
from backends.checkpoints.files import read_checkpoint
from backends.checkpoints.models import ChainerModel, TorchModel
from backends.checkpoints.optimizers import UPDATE_RULES, written_for_chainer
from backends.compatibility.chainer import import_chainer
from harness.converting.conversion import Conversion, convert
from harness.converting.optimizer_to_chainer import StatesForChainer, convert_optimizer_to_chainer
from harness.errors import InputError
from tests.harness.converting.test_optimizer import AFTER, BEFORE, LR, OPTIMIZERS

chainer = import_chainer()
F, L = chainer.functions, chainer.links
X = np.random.default_rng(0).normal(size=(5, 2, 6, 6))


def chain() -> Any:
    with chainer.using_config("dtype", np.float64):
        return chainer.Chain(
            conv=L.Convolution2D(2, 4, 3, nobias=True),  # ahead of a norm, a bias' gradient would be mere rounding
            norm=L.BatchNormalization(4),
            gru=L.NStepGRU(1, 16, 3, 0.0),
            fc=L.Linear(3, 2),
        )


class Port(torch.nn.Module):
    """The same, in another order."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = torch.nn.Linear(3, 2)
        self.gru = torch.nn.GRU(16, 3)
        self.norm = torch.nn.BatchNorm2d(4, eps=2e-5)
        self.conv = torch.nn.Conv2d(2, 4, 3, bias=False)
        self.double()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h: torch.Tensor = self.norm(self.conv(x)).flatten(2)
        return self.fc(self.gru(h.transpose(0, 1))[1][0])  # type: ignore[no-any-return]


def forward_of_chain(link: Any, x: Any) -> Any:
    h = F.reshape(link["norm"](link["conv"](x)), (5, 4, 16))
    return link["fc"](link["gru"](None, list(h))[0][0])


def update_torch(module: torch.nn.Module, optimizer: torch.optim.Optimizer, updates: int) -> None:
    for _ in range(updates):
        optimizer.zero_grad()
        ((module(torch.from_numpy(X)) - 1) ** 2).mean().backward()
        optimizer.step()


def update_chainer(link: Any, optimizer: Any, updates: int) -> None:
    for _ in range(updates):
        link.cleargrads()
        F.mean((forward_of_chain(link, chainer.Variable(X)) - 1) ** 2).backward()
        optimizer.update()


def saved(module: torch.nn.Module, optimizer: torch.optim.Optimizer, folder: Path) -> Checkpoint:
    torch.save({"model": module.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 3}, folder / "old.pt")
    return read_checkpoint(folder / "old.pt")


def trained(rule: str, folder: Path) -> tuple[Port, torch.optim.Optimizer, Checkpoint]:
    """A module and its optimizer after some updates, and what a file holds of them."""
    module = Port()
    optimizer = OPTIMIZERS[rule][1](module.parameters())
    update_torch(module, optimizer, BEFORE)
    return module, optimizer, saved(module, optimizer, folder)


def converted(checkpoint: Checkpoint, rule: str, link: Any) -> tuple[Conversion, StatesForChainer]:
    model = ChainerModel(link)
    conversion = convert(checkpoint, model, {})
    return conversion, convert_optimizer_to_chainer(checkpoint, conversion, rule, model)


@pytest.mark.parametrize("with_state", [True, False])
@pytest.mark.parametrize("rule", UPDATE_RULES)
def test_training_goes_on_as_it_would_have(rule: str, with_state: bool, tmp_path: Path) -> None:
    module, optimizer, checkpoint = trained(rule, tmp_path)
    link = chain()
    conversion, result = converted(checkpoint, rule, link)
    ChainerModel(link).load(conversion.arrays)
    successor = OPTIMIZERS[rule][0]().setup(link)
    (tmp_path / "state.npz").write_bytes(written_for_chainer(result.states))
    if with_state:
        chainer.serializers.load_npz(tmp_path / "state.npz", successor)
    update_torch(module, optimizer, AFTER)
    update_chainer(link, successor, AFTER)
    expected = {name: weight.detach().numpy() for name, weight in module.named_parameters()}
    serializer = chainer.serializers.DictionarySerializer()
    serializer.save(link)
    got = convert(Checkpoint("chainer", serializer.target), TorchModel(Port()), {}).arrays
    agree = [np.allclose(got[name], expected[name], rtol=1e-9, atol=1e-11) for name in expected]
    assert all(agree) == (with_state or rule == "sgd")
    if with_state and UPDATE_RULES[rule].counts_steps:
        assert successor.t == BEFORE + AFTER


def test_the_optimizer_to_write_is_said(tmp_path: Path) -> None:
    *_, checkpoint = trained("adamw", tmp_path)
    *_, result = converted(checkpoint, "adamw", chain())
    assert result.notes == [
        "adamw: in Chainer, optimizers.AdamW(alpha=0.05, beta1=0.9, beta2=0.999, eps=0, weight_decay_rate=0.02)"
    ]
    module = Port()
    optimizer = torch.optim.SGD(module.parameters(), 0.5, weight_decay=0.01)
    update_torch(module, optimizer, 1)
    *_, result = converted(saved(module, optimizer, tmp_path), "sgd", chain())
    assert result.notes == ["sgd: in Chainer, optimizers.SGD(lr=0.5), with optimizer_hooks.WeightDecay(0.01)"]


def test_groups_keep_their_weights_by_name_and_their_learning_rates(tmp_path: Path) -> None:
    module = Port()
    named = list(module.named_parameters())
    groups: Any = [{"params": named[2:]}, {"params": named[:2], "lr": 0.5}]
    optimizer = torch.optim.SGD(groups, 0.1, momentum=0.9)
    update_torch(module, optimizer, 2)
    checkpoint = saved(module, optimizer, tmp_path)
    *_, result = converted(checkpoint, "momentum_sgd", chain())
    buffer = optimizer.state[module.fc.weight]["momentum_buffer"].numpy()
    np.testing.assert_array_equal(result.states["fc/W"]["v"], -0.5 * buffer)
    buffer = optimizer.state[module.conv.weight]["momentum_buffer"].numpy()
    np.testing.assert_array_equal(result.states["conv/W"]["v"], -0.1 * buffer)
    assert "optimizers.MomentumSGD(lr=0.5, momentum=0.9) by update_rule.hyperparam for fc.weight, fc.bias" in str(
        result.notes
    )
    groups = [{"params": list(module.fc.parameters())}, {"params": [module.conv.weight]}]
    optimizer = torch.optim.SGD(groups, 0.1)
    with pytest.raises(InputError, match=r"2 groups of weights without names: make it of model.named_parameters\(\)"):
        converted(saved(module, optimizer, tmp_path), "sgd", chain())


def test_a_weight_without_a_gradient_starts_anew(tmp_path: Path) -> None:
    module = Port()
    module.fc.bias.requires_grad_(False)
    optimizer = torch.optim.Adam(module.parameters(), LR)
    update_torch(module, optimizer, 2)
    *_, result = converted(saved(module, optimizer, tmp_path), "adam", chain())
    assert not result.states["fc/b"]["m"].any()
    assert result.states["fc/b"].keys() == {"t", "m", "v"}
    assert "never updated, so its state starts at 0: fc/b" in result.notes


def test_two_biases_that_were_trained_apart_are_noted(tmp_path: Path) -> None:
    lstm = torch.nn.LSTM(3, 2)
    module = torch.nn.Sequential(lstm)
    optimizer = torch.optim.Adam(module.parameters(), LR)
    for _ in range(2):
        optimizer.zero_grad()
        module(torch.ones(4, 3))[0].sum().backward()
        optimizer.step()
    link = chainer.Chain(lstm=L.LSTM(3, 2))
    *_, result = converted(saved(module, optimizer, tmp_path), "adam", link)
    assert len(result.notes) == 1  # both biases have had the same gradients
    optimizer.state[dict(lstm.named_parameters())["bias_hh_l0"]]["exp_avg"] *= 2
    *_, result = converted(saved(module, optimizer, tmp_path), "adam", link)
    assert "0: exp_avg of bias_hh_l0 is off from that of the other bias by 1 of its largest element" in result.notes[1]


@pytest.mark.parametrize(
    ("rule", "make", "said"),
    [
        ("momentum_sgd", lambda w: torch.optim.SGD(w, 0.1, momentum=0.9, nesterov=True), "has nesterov=True"),
        ("momentum_sgd", lambda w: torch.optim.SGD(w, 0.1, momentum=0.9, dampening=0.5), "has dampening=0.5"),
        ("adam", lambda w: torch.optim.Adam(w, maximize=True), "like PyTorch's with maximize=False only"),
        ("adam", lambda w: torch.optim.Adam(w, amsgrad=True), "as amsgrad would"),
        ("sgd", lambda w: torch.optim.SGD(w, 0.1, momentum=0.9), "keeps momentum_buffer of each weight, as momentum"),
        ("rmsprop", lambda w: torch.optim.RMSprop(w, centered=True), "which no rule of Chainer's does"),
        ("adadelta", lambda w: torch.optim.Adadelta(w, lr=0.5), "has lr=0.5"),
        ("adagrad", lambda w: torch.optim.Adagrad(w, lr_decay=0.1), "has lr_decay=0.1"),
        (
            "sgd",
            lambda w: torch.optim.Adam(w),
            "has no setting dampening, momentum, nesterov, so it is of another rule",
        ),
        ("momentum_sgd", lambda w: torch.optim.SGD(w, 0.1), "keeps nothing of any weight: it has made no update"),
        ("adam", lambda w: torch.optim.Adam(list(w)[::-1]), "was not made of model.parameters"),
        ("adam", lambda w: torch.optim.Adam(list(w)[1:]), "has 8 weights and its model 9"),
    ],
)
def test_what_chainer_has_no_rule_for_is_refused(rule: str, make: Any, said: str, tmp_path: Path) -> None:
    module = Port()
    optimizer = make(module.parameters())
    update_torch(module, optimizer, 1)
    with pytest.raises(InputError, match=said):
        converted(saved(module, optimizer, tmp_path), rule, chain())


def test_an_optimizer_without_weights_is_refused(tmp_path: Path) -> None:
    torch.save({"model": Port().state_dict(), "o": {"state": {}, "param_groups": []}}, tmp_path / "old.pt")
    with pytest.raises(InputError, match="the file's optimizer has no weights"):
        converted(read_checkpoint(tmp_path / "old.pt"), "sgd", chain())


def test_a_file_without_an_optimizer_is_refused(tmp_path: Path) -> None:
    *_, checkpoint = trained("adam", tmp_path)
    with pytest.raises(InputError, match="name the file that it is in with --optimizer-file"):
        converted(replace(checkpoint, torch_optimizer=None), "adam", chain())
