"""A live model as a scenario: the same network in three backends, or a refusal that names the call."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as nnF
from torch import Tensor, nn

from backends.capture.training import Training
from harness.capturing.scenario import scenario_from
from harness.recording.arrays import draw_arrays
from harness.recording.loading import load_backend
from harness.results import Result
from harness.run import run_scenario
from harness.sentences import message
from scenarios import Scenario, sgd
from tests.harness.comparing.networks import further_networks, language_model, mlp, variational_autoencoder, vgg

chainer: Any = mlp.chainer
Case = tuple[Training, list[Any]]


def run(scenario: Scenario, dtype: str = "float32") -> Result:
    return run_scenario(scenario, [load_backend(name) for name in ("numpy", "chainer", "torch")], dtype=dtype)


def a_mlp(framework: str) -> Case:
    if framework == "chainer":
        return mlp.in_chainer(chainer.optimizers.MomentumSGD(lr=0.1)), mlp.batches()
    return mlp.in_torch(mlp.TorchMLP(), torch.optim.SGD, lr=0.1, momentum=0.9), mlp.batches()


def a_vae(framework: str) -> Case:
    vae = variational_autoencoder
    return (vae.in_chainer() if framework == "chainer" else vae.in_torch()), vae.batches()


def a_language_model(framework: str) -> Case:
    without = language_model.in_chainer() if framework == "chainer" else language_model.in_torch()
    return without, language_model.batches()


def a_vgg(framework: str) -> Case:
    in_chainer = framework == "chainer"
    return (vgg.in_chainer(vgg.ChainerVGG(16)) if in_chainer else vgg.in_torch(vgg.TorchVGG(16))), vgg.batches(4)


def of_pair(pair: Callable[[], further_networks.Pair]) -> Callable[[str], Case]:
    def case(framework: str) -> Case:
        left, right, batches = pair()
        return (left if framework == "chainer" else right), batches

    return case


QUICK: dict[str, Callable[[str], Case]] = {
    "mlp": a_mlp,
    "variational_autoencoder": a_vae,
    "word2vec": of_pair(further_networks.word2vec),
    "sentiment": of_pair(further_networks.sentiment),
}
SLOW = {"language_model": a_language_model, "seq2seq": of_pair(further_networks.seq2seq), "vgg": a_vgg}


@pytest.mark.parametrize("framework", ["chainer", "torch"])
@pytest.mark.parametrize(
    "case",
    [*QUICK.values(), *(pytest.param(case, marks=pytest.mark.slow) for case in SLOW.values())],
    ids=[*QUICK, *SLOW],
)
def test_agrees_on_three_backends(case: Callable[[str], Case], framework: str) -> None:
    training, batches = case(framework)
    optimizer = sgd(lr=0.05) if training.optimizer is None else None
    scenario = scenario_from(training, batches[:2], "captured", optimizer=optimizer)
    result = run(scenario)
    assert result.verdict == "agree", result
    assert run(scenario, "float64").verdict == "agree"


@pytest.mark.slow
def test_dcgan_agrees_but_for_biases_that_batch_normalization_takes_out() -> None:
    """Their gradients are sums that cancel. Chainer's biases start at 0, so nothing but rounding is in them."""
    left, right, batches = further_networks.dcgan()
    parts, agrees = (run(scenario_from(training, batches * 2, "captured")) for training in (left, right))
    assert (parts.verdict, agrees.verdict) == ("drift", "agree")
    (note,) = [note for note in parts.notes if "cancel" in note]
    assert note.startswith("the terms of grad_layer_1_c1_b, grad_layer_0_dc1_b and grad_layer_0_l0_b cancel, at up to ")
    assert "every op of every update of torch is certified" in parts.notes


def test_a_bias_of_nothing_but_rounding_is_said() -> None:
    first = nn.Linear(3, 4)
    nn.init.zeros_(first.bias)
    module = nn.Sequential(first, nn.BatchNorm1d(4), nn.Tanh(), nn.Linear(4, 1))
    training = Training(module, lambda m, x, y: nnF.mse_loss(m(x), y), torch.optim.SGD(module.parameters(), lr=0.1))
    random = np.random.RandomState(0)
    batch = random.randn(8, 3).astype("float32"), random.randn(8, 1).astype("float32")
    result = run(scenario_from(training, [batch] * 3, "captured"))
    assert result.verdict == "drift", result
    (note,) = [note for note in result.notes if "cancel" in note]
    assert note.startswith("the terms of grad_layer_0_bias cancel, at up to ")
    assert note.endswith(" of 3 certified updates: what is left, and moves the weight, is rounding")


def test_trains_as_the_model_does() -> None:
    training, batches = a_mlp("torch")
    scenario = scenario_from(training, batches[:3], "captured", epochs=2)
    losses = []
    for _ in range(2):
        for x, t in batches[:3]:
            loss = training.loss(training.model, torch.from_numpy(x), torch.from_numpy(t))  # type: ignore[misc]
            training.optimizer.zero_grad()
            loss.backward()
            training.optimizer.step()
            losses.append(loss.item())
    of_epochs = [np.mean(losses[:3]), np.mean(losses[3:])]
    assert np.allclose([float(loss) for loss in run(scenario).losses["numpy"]], of_epochs, rtol=1e-6)


def test_starts_where_the_model_does_and_leaves_it_alone() -> None:
    training, batches = a_mlp("chainer")
    training.model(batches[0][0])  # its layers learn their shapes
    before = {path: parameter.array.copy() for path, parameter in training.model.namedparams()}
    scenario = scenario_from(training, batches[:2], "captured")
    weights = draw_arrays(scenario, "float32").weights
    assert weights.keys() == {"l1_W", "l1_b", "l2_W", "l2_b", "l3_W", "l3_b"}
    for path, parameter in training.model.namedparams():
        assert np.array_equal(parameter.array, before[path])
        assert np.array_equal(weights[path.strip("/").replace("/", "_")], before[path])


def test_reads_as_a_program() -> None:
    training, batches = a_mlp("torch")
    scenario = scenario_from(training, batches[:1], "captured")
    lines = inspect.getsource(scenario.function).splitlines()
    assert lines[0] == "def captured(op, x, t, l1_weight, l1_bias, l2_weight, l2_bias, l3_weight, l3_bias):"
    assert lines[2] == "    transpose_1 = op.transpose(l1_weight, axes=(1, 0))  # " + lines[2].partition("# ")[2]
    assert lines[3].startswith(
        "    l1 = op.linear(x, transpose_1, l1_bias)  # l1: linear (tests/harness/comparing/networks/mlp.py:"
    )
    assert lines[-1] == "    return loss"


class Small(nn.Module):
    """One layer, and what a test puts behind it."""

    def __init__(self, behind: Callable[[Tensor], Tensor], *, frozen: bool = False) -> None:
        super().__init__()
        self.layer = nn.Linear(3, 4)
        self.norm = nn.BatchNorm1d(4)
        self.scores = nn.Linear(4, 2)
        self.behind = behind
        self.layer.requires_grad_(not frozen)

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.scores(self.behind(self.norm(self.layer(x))))
        return scores


def small(behind: Callable[[Tensor], Tensor], *, frozen: bool = False, seed: int = 0, **settings: Any) -> Training:
    torch.manual_seed(seed)
    module = Small(behind, frozen=frozen)
    optimizer = torch.optim.SGD(module.parameters(), **{"lr": 0.1, **settings})
    return Training(module, lambda m, x, t: nnF.cross_entropy(m(x), t), optimizer)


def rows(*counts: int) -> list[Any]:
    random = np.random.RandomState(2)
    return [(random.standard_normal((count, 3)).astype(np.float32), random.randint(0, 2, count)) for count in counts]


@pytest.mark.parametrize("seed", [4, 9])
def test_a_gradient_whose_terms_cancel_is_no_disagreement(seed: int) -> None:
    """The gradient of a bias sums up to next to nothing, so that its rounding is more than nudged weights show."""
    result = run(scenario_from(small(torch.relu, frozen=True, seed=seed), rows(6), "captured"))
    assert result.dtype == "float32"
    assert result.verdict == "agree", message(result)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [9, 36])
def test_runs_that_part_later_are_not_judged_by_such_a_gradient(seed: int) -> None:
    """What the sum's rounding is allowed holds in all further runs; at the other seed, it is float64's that cancels."""
    scenario = scenario_from(small(torch.relu, frozen=True, seed=seed, lr=5.0), rows(6), "captured")
    result = run(scenario.vary(epochs=40))
    assert result.first is not None
    assert result.first.update > 1
    assert result.verdict == "drift", message(result)


def test_takes_batches_of_several_sizes() -> None:
    scenario = scenario_from(small(lambda h: h.reshape(len(h), 2, 2).flatten(1)), rows(6, 6, 4), "captured")
    assert draw_arrays(scenario, "float32").batch_rows == [6, 6, 4]
    assert run(scenario).verdict == "agree"


class Annealed(nn.Module):
    """Its loss has a share that grows from update to update, and numbers of rows of the batch."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer = nn.Linear(3, 2)
        self.updates = 0

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        self.updates += 1
        h = self.layer(x)
        rows = x.shape[0]
        loss: Tensor = nnF.cross_entropy(h, t, reduction="sum") / rows + self.updates * h.square().sum() / (rows + 2)
        return loss


@pytest.mark.parametrize("counts", [(6, 6, 6), (4, 6, 4)])
def test_numbers_that_change_from_update_to_update_do_so_in_the_scenario(counts: tuple[int, ...]) -> None:
    batches = rows(*counts)
    model = Annealed().double()
    training = Training(model, lambda m, x, t: m(x, t), torch.optim.SGD(model.parameters(), lr=0.05))
    scenario = scenario_from(training, batches, "captured")
    losses = []
    for x, t in batches:
        loss = model(torch.from_numpy(x).double(), torch.from_numpy(t))
        model.zero_grad()
        loss.backward()
        training.optimizer.step()
        losses.append(loss.item())
    result = run(scenario, "float64")
    assert result.verdict == "agree", result
    assert np.allclose(float(result.losses["numpy"][0]), np.average(losses, weights=counts), rtol=1e-12)


def test_a_weight_without_a_gradient_is_frozen() -> None:
    scenario = scenario_from(small(torch.relu, frozen=True), rows(6), "captured")
    roles = {name: draw.role for name, draw in scenario.draws.items()}
    assert roles["layer_weight"] == roles["layer_bias"] == "frozen"
    assert roles["scores_weight"] == "weight"
    assert roles["norm_running_mean"] == "buffer"
    assert run(scenario).verdict == "agree"


@pytest.mark.parametrize(
    ("settings", "rule", "decay"),
    [
        ({"lr": 0.2}, ("sgd", {"lr": 0.2}), None),
        ({"momentum": 0.9, "nesterov": True}, ("nesterov", {"lr": 0.1, "momentum": 0.9}), None),
        ({"weight_decay": 0.01}, ("sgd", {"lr": 0.1}), {"rate": 0.01}),
    ],
)
def test_takes_the_rules_of_the_optimizer(settings: Any, rule: Any, decay: Any) -> None:
    scenario = scenario_from(small(torch.relu, **settings), rows(6), "captured")
    assert (scenario.optimizer.name, scenario.optimizer.settings) == rule
    assert (None if scenario.decay is None else scenario.decay.settings) == decay


def test_chainers_adam_is_said_to_be_another_one() -> None:
    training, batches = mlp.in_chainer(chainer.optimizers.Adam(alpha=0.01)), mlp.batches()
    scenario = scenario_from(training, batches[:1], "captured")
    assert scenario.optimizer.name == "adam"
    assert "Adam adds eps before the bias correction, adam after it." in (scenario.function.__doc__ or "")


class Adversarial(nn.Module):
    """A generator and a discriminator."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.generator = nn.Linear(3, 3)
        self.discriminator = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))

    def loss_of_discriminator(self, x: Tensor) -> Tensor:
        real, made = self.discriminator(x), self.discriminator(self.generator(x.flip(0)).detach())
        return nnF.softplus(-real).mean() + nnF.softplus(made).mean()

    def loss_of_generator(self, x: Tensor) -> Tensor:
        return nnF.softplus(-self.discriminator(self.generator(x))).mean()


@pytest.mark.parametrize(("trained", "frozen"), [("discriminator", ""), ("generator", "discriminator")])
def test_each_update_of_a_gan_is_a_training(trained: str, frozen: str) -> None:
    model = Adversarial()
    optimizer = torch.optim.Adam(getattr(model, trained).parameters(), lr=0.01)
    training = Training(model, lambda m, x: getattr(m, f"loss_of_{trained}")(x), optimizer)
    scenario = scenario_from(training, [(x,) for x, _ in rows(6, 6)], "captured")
    roles = {name: draw.role for name, draw in scenario.draws.items()}
    assert {name.split("_")[0] for name, role in roles.items() if role == "weight"} == {trained}
    assert {name.split("_")[0] for name, role in roles.items() if role == "frozen"} - {"constant"} == {frozen} - {""}
    assert run(scenario).verdict == "agree"


class Quantized(nn.Module):
    """A code of whole numbers that gradients pass straight through, and a target of the network's own."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.encoder = nn.Linear(3, 4)
        self.decoder = nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        h = torch.sigmoid(self.encoder(x))
        code = h + (h * h - h).detach()
        with torch.no_grad():
            target = torch.tanh(self.encoder(2 * x))
        return nnF.mse_loss(self.decoder(code), x) + nnF.mse_loss(h, target)


def test_what_is_computed_without_gradients_changes_with_the_weights() -> None:
    """Each epoch computes it anew, as the model does, and not as it was in the first."""
    model, batches = Quantized(), [(x,) for x, _ in rows(6, 6)]
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    scenario = scenario_from(Training(model, lambda m, x: m(x), optimizer), batches, "captured", epochs=2)
    assert all(draw.role != "data" or name == "x" for name, draw in scenario.draws.items())
    result = run(scenario)
    assert result.verdict == "agree"
    for _ in range(2):
        losses = []
        for (x,) in batches:
            optimizer.zero_grad()
            loss = model(torch.from_numpy(x))
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    assert float(result.losses["numpy"][-1]) == pytest.approx(np.mean(losses), rel=1e-5)
