"""How a live optimizer trains each weight becomes rules and groups of the scenario."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as nnF
from torch import nn

from backends.capture.training import Training
from harness.capturing.scenario import scenario_from
from harness.errors import InputError
from harness.recording.loading import load_backend
from harness.run import run_scenario
from lockstep import import_chainer
from scenarios import Scenario, group, momentum, sgd, weight_decay

chainer: Any = import_chainer()
F, L = chainer.functions, chainer.links
RANDOM = np.random.RandomState(3)
BATCHES = [(RANDOM.standard_normal((6, 4)), RANDOM.randint(0, 2, 6)) for _ in range(3)]
SGD, AdamW = torch.optim.SGD, torch.optim.AdamW
ChainerSGD = chainer.optimizers.SGD


class Module(nn.Module):
    """Two layers."""

    def __init__(self) -> None:
        super().__init__()
        self.l1, self.l2, self.unused = nn.Linear(4, 5), nn.Linear(5, 2), nn.Linear(2, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.l2(torch.tanh(self.l1(x)))  # type: ignore[no-any-return]

    def biases(self) -> list[nn.Parameter]:
        return [weight for weight in self.parameters() if weight.ndim == 1]

    def matrices(self) -> list[nn.Parameter]:
        return [weight for weight in self.parameters() if weight.ndim == 2]


class Chain(chainer.Chain):  # type: ignore[misc]
    """The same layers."""

    def __init__(self) -> None:
        super().__init__()
        with self.init_scope():
            self.l1, self.l2 = L.Linear(4, 5), L.Linear(5, 2)

    def forward(self, x: Any) -> Any:
        return self.l2(F.tanh(self.l1(x)))


def in_torch(make: Callable[[Any], Any]) -> Training:
    torch.manual_seed(1)
    module = Module().double()
    return Training(module, lambda m, x, t: nnF.cross_entropy(m(x), t), make(module))


def in_chainer(optimizer: Any, change: Callable[[Any, Any], Any]) -> Training:
    with chainer.using_config("dtype", np.float64):
        chain = Chain()
    random = np.random.RandomState(5)
    for _, parameter in sorted(chain.namedparams()):
        parameter.array[...] = random.uniform(-0.5, 0.5, parameter.shape)
    optimizer.setup(chain)
    change(chain, optimizer)
    return Training(chain, lambda m, x, t: F.softmax_cross_entropy(m(x), t), optimizer)


def slow_biases(chain: Any, optimizer: Any) -> None:
    for layer in (chain.l1, chain.l2):
        layer.b.update_rule.hyperparam.lr = 0.01


def matrices_decay(chain: Any, optimizer: Any) -> None:
    for layer in (chain.l1, chain.l2):
        layer.W.update_rule.add_hook(chainer.optimizer_hooks.WeightDecay(0.05))


def one_decays_more(chain: Any, optimizer: Any) -> None:
    optimizer.add_hook(chainer.optimizer_hooks.GradientClipping(0.5))
    optimizer.add_hook(chainer.optimizer_hooks.WeightDecay(0.02))
    chain.l2.W.update_rule.add_hook(chainer.optimizer_hooks.WeightDecay(0.1))


def biases_do_not_decay(chain: Any, optimizer: Any) -> None:
    for layer in (chain.l1, chain.l2):
        layer.b.update_rule.hyperparam.weight_decay_rate = 0


CASES: dict[str, tuple[Callable[[], Training], Any, Any, list[Any]]] = {
    "a slow layer": (
        lambda: in_torch(
            lambda m: SGD([{"params": m.l1.parameters(), "lr": 0.01}, {"params": m.l2.parameters()}], 0.1, 0.9)
        ),
        momentum(lr=0.01, momentum=0.9),
        None,
        [group("l2_weight", "l2_bias", lr=0.1)],
    ),
    "biases without a decay": (
        lambda: in_torch(
            lambda m: SGD([{"params": m.matrices(), "weight_decay": 0.1}, {"params": m.biases(), "lr": 0.3}], lr=0.2)
        ),
        sgd(lr=0.2),
        weight_decay(rate=0.1),
        [group("l1_bias", "l2_bias", lr=0.3, rate=0.0)],
    ),
    "what only unused weights have": (
        lambda: in_torch(
            lambda m: SGD([{"params": [*m.l1.parameters()]}, {"params": m.unused.parameters(), "momentum": 0.9}], 0.1)
        ),
        sgd(lr=0.1),
        None,
        [],
    ),
    "three speeds": (
        lambda: in_torch(
            lambda m: SGD([{"params": [p], "lr": r} for p, r in zip(m.l1.parameters(), (1, 2), strict=True)], 0.1)
        ),
        sgd(lr=1.0),
        None,
        [group("l1_bias", lr=2.0)],
    ),
    "decoupled decay": (
        lambda: in_torch(
            lambda m: AdamW([{"params": m.matrices(), "betas": (0.8, 0.99)}, {"params": m.biases()}], weight_decay=0)
        ),
        None,
        None,
        [group("l1_bias", "l2_bias", beta1=0.9, beta2=0.999)],
    ),
    "hyperparameters": (
        lambda: in_chainer(ChainerSGD(0.2), slow_biases),
        sgd(lr=0.2),
        None,
        [group("l1_b", "l2_b", lr=0.01)],
    ),
    "hooks of update rules": (
        lambda: in_chainer(chainer.optimizers.MomentumSGD(0.2), matrices_decay),
        momentum(lr=0.2, momentum=0.9),
        weight_decay(rate=0.05),
        [group("l1_b", "l2_b", rate=0.0)],
    ),
    "hooks of both": (
        lambda: in_chainer(ChainerSGD(0.2), one_decays_more),
        sgd(lr=0.2),
        weight_decay(rate=0.02),
        [group("l2_W", rate=0.1 + 0.02)],
    ),
    "decay of Chainer's Adam": (
        lambda: in_chainer(chainer.optimizers.Adam(0.1, eps=1e-300, weight_decay_rate=0.05), biases_do_not_decay),
        None,
        None,
        [group("l1_b", "l2_b", weight_decay=0.0)],
    ),
}


def losses_of(training: Training) -> list[float]:
    """What the framework itself computes."""
    model, optimizer, losses = training.model, training.optimizer, []
    for x, t in BATCHES * 2:
        if isinstance(model, nn.Module):
            loss = nnF.cross_entropy(model(torch.from_numpy(x)), torch.from_numpy(t))
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            losses.append(loss.item())
        else:
            loss = F.softmax_cross_entropy(model(x), t)
            model.cleargrads()
            loss.backward()
            optimizer.update()
            losses.append(float(loss.array))
    return losses


def run(scenario: Scenario) -> Any:
    return run_scenario(scenario, [load_backend(name) for name in ("numpy", "chainer", "torch")], dtype="float64")


@pytest.mark.parametrize("name", CASES)
def test_each_weight_is_trained_as_by_the_optimizer(name: str) -> None:
    make, optimizer, decay, groups = CASES[name]
    training = make()
    scenario = scenario_from(training, BATCHES, "captured", epochs=2)
    if optimizer is not None:
        assert (scenario.optimizer, scenario.decay) == (optimizer, decay)
    assert list(scenario.groups) == groups
    result = run(scenario)
    assert result.verdict == "agree", result
    losses = losses_of(training)
    found = [float(loss) for loss in result.losses["numpy"]]
    np.testing.assert_allclose(found, [np.mean(losses[:3]), np.mean(losses[3:])], rtol=1e-12)


def test_a_group_that_is_left_out_is_seen() -> None:
    """What the test above compares does depend on the groups."""
    training = CASES["biases without a decay"][0]()
    scenario = scenario_from(training, BATCHES, "captured", optimizer=sgd(lr=0.2), decay=weight_decay(rate=0.1))
    losses = losses_of(training)
    assert not np.allclose([float(run(scenario).losses["numpy"][0])], [np.mean(losses[:3])], rtol=1e-6)


def mixed(module: Any) -> Any:
    return SGD([{"params": module.l1.parameters(), "momentum": 0.9}, {"params": module.l2.parameters()}], lr=0.1)


def clipped_after_decay(chain: Any, optimizer: Any) -> None:
    optimizer.add_hook(chainer.optimizer_hooks.WeightDecay(0.02))
    optimizer.add_hook(chainer.optimizer_hooks.GradientClipping(0.5))


def clipped_with_others(chain: Any, optimizer: Any) -> None:
    chain.l1.disable_update()
    optimizer.add_hook(chainer.optimizer_hooks.GradientClipping(0.5))


def another_rule(chain: Any, optimizer: Any) -> None:
    chain.l2.W.update_rule = chainer.optimizers.momentum_sgd.MomentumSGDRule(lr=0.1, momentum=0.9)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (
            lambda: in_torch(mixed),
            "l1_weight is trained by momentum, l2_weight by sgd; a scenario has one rule for all weights; groups may "
            "have momenta of their own, all above 0: give optimizer=momentum(lr=0.1, momentum=0.9) and "
            'groups=[group("l2_weight", "l2_bias", momentum=…)]',
        ),
        (
            lambda: in_torch(
                lambda m: SGD(
                    [{"params": m.l1.parameters()}, {"params": m.l2.parameters(), "dampening": 0.5}], 0.1, 0.9
                )
            ),
            "momentum has no counterpart of dampening=0.5 of SGD, which trains l2_weight",
        ),
        (
            lambda: in_torch(lambda m: AdamW(m.parameters(), amsgrad=True)),
            "there is no rule like AdamW, which trains l1_weight",
        ),
        (
            lambda: in_chainer(
                ChainerSGD(0.1), lambda chain, _: chain.l1.b.update_rule.add_hook(chainer.optimizer_hooks.Lasso(0.1))
            ),
            "sgd has no counterpart of Lasso of SGD, which trains l1_b",
        ),
        (
            lambda: in_chainer(ChainerSGD(0.1), clipped_after_decay),
            "sgd has no counterpart of GradientClipping after WeightDecay of SGD",
        ),
        (
            lambda: in_chainer(ChainerSGD(0.1), clipped_with_others),
            "sgd has no counterpart of GradientClipping of parameters that are not updated of SGD",
        ),
        (
            lambda: in_chainer(ChainerSGD(0.1), another_rule),
            "l1_W is trained by sgd, l2_W by momentum",
        ),
    ],
)
def test_refuses_what_the_language_has_not(make: Callable[[], Training], said: str) -> None:
    with pytest.raises(InputError, match=r"^scenario_from\(\.\.\.\): ") as caught:
        scenario_from(make(), BATCHES, "captured")
    assert said in str(caught.value)


def test_the_advice_for_momentum_within_groups_works() -> None:
    groups = [group("l2_weight", "l2_bias", momentum=0.5)]
    rule = momentum(lr=0.1, momentum=0.9)
    assert run(scenario_from(in_torch(mixed), BATCHES, "captured", optimizer=rule, groups=groups)).verdict == "agree"


def test_an_optimizer_that_needs_a_closure_is_refused_by_name() -> None:
    with pytest.raises(InputError, match=r"scenario_from: the optimizer LBFGS computes the loss several times"):
        scenario_from(in_torch(lambda m: torch.optim.LBFGS(m.parameters())), BATCHES, "captured")


def test_takes_groups_beside_a_rule() -> None:
    training = in_torch(lambda m: SGD(m.parameters(), lr=0.1))
    groups = [group("l1_bias", lr=0.3)]
    scenario = scenario_from(training, BATCHES, "captured", optimizer=sgd(lr=0.2), groups=groups)
    assert list(scenario.groups) == groups
    with pytest.raises(InputError, match="groups go with a rule that is given"):
        scenario_from(training, BATCHES, "captured", groups=groups)


def test_a_decay_that_is_given_takes_the_place_of_all_others() -> None:
    training = CASES["biases without a decay"][0]()
    scenario = scenario_from(training, BATCHES, "captured", decay=weight_decay(rate=0.5))
    assert scenario.decay == weight_decay(rate=0.5)
    assert list(scenario.groups) == [group("l1_bias", "l2_bias", lr=0.3)]
