"""Random networks for correct backends: whatever is said against one of them is a false alarm."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from inspect import Parameter, Signature
from typing import Any, NamedTuple

import numpy as np

from backends.vocabulary import BUILT_IN
from harness.errors import BackendMissing
from harness.recording.loading import LoadedBackend, load_backend
from scenarios import (
    DTYPES,
    Draw,
    Group,
    Optimizer,
    Scenario,
    adabound,
    adadelta,
    adagrad,
    adam,
    adamax,
    adamw,
    amsbound,
    amsgrad,
    clip_by_norm,
    clip_by_value,
    cosine_decay,
    dampened_momentum,
    data,
    exponential_decay,
    group,
    in_sequence,
    lion,
    momentum,
    msvag,
    nadam,
    nesterov,
    nesterov_ag,
    param,
    radam,
    randn,
    rmsprop,
    rmsprop_centered,
    rmsprop_eps_inside,
    rmsprop_graves,
    rmsprop_with_momentum,
    sgd,
    smorms3,
    step_decay,
    warm_up,
    weight_average,
    weight_decay,
)

FUNCTIONAL = "autograd=backends.hips_autograd.rounded"
OTHER_WAYS = {
    "less_accurate=backends.correct.less_accurate": "tanh",
    "in_place=backends.correct.in_place": "add",
    "reordered=backends.correct.reordered": "matmul",
    "fused=backends.correct.fused": "matmul",
}
"""Hand-written backends that are correct in other ways, and an op that each defines.

Every network is run with one of them that it calls something of.
"""
SEED = 20_240_601
EPOCHS = (2, 6)
FAMILIAR = ("relu", "sigmoid", "tanh", "layer_norm")
"""What the functional backend has too."""
PLAIN = ("selu", "softplus", "hard_sigmoid", "swish", "gelu", "gelu_tanh", "softmax", "log_softmax")
"""Activations without settings, beside the familiar ones."""
OTHERS = (*PLAIN, "leaky_relu", "elu", "clipped_relu", "maxout", "prelu")
PIECES = 2
Layer = tuple[str, dict[str, Any]]
"""An op and its settings."""


class CorrectRun(NamedTuple):
    """A scenario, and correct backends to run it with, none of which may be called wrong."""

    scenario: Scenario
    dtype: str
    backends: Sequence[LoadedBackend]


class CorrectRuns:
    """So many scenarios, both dtypes in turn, each for every correct backend that has its ops and its rules."""

    def __init__(self, seed: int = SEED) -> None:
        """Raises BackendMissing at once where a framework, HIPS autograd among them, can't be imported."""
        self._seed = seed
        self._built_in = [load_backend(name) for name in BUILT_IN]
        self._functional = _functional_backend()
        self._others = [(load_backend(specification), op) for specification, op in OTHER_WAYS.items()]

    def run(self, number: int) -> CorrectRun:
        """The run of this number, whichever were made before it."""
        scenario, layers = random_scenario(np.random.RandomState(self._seed + number), f"random_{number}")
        called = [other for other, op in self._others if op in ("add", "matmul", *layers)]
        backends = [*self._built_in, called[number % len(called)]]
        rules = [rule.name for rule in scenario.all_rules]
        has_all = all(hasattr(self._functional.module, name) for name in (*rules, *layers))
        return CorrectRun(scenario, DTYPES[number % 2], [*backends, self._functional] if has_all else backends)


def random_runs(count: int, seed: int = SEED) -> Iterator[CorrectRun]:
    """The first so many runs. Raises BackendMissing as CorrectRuns does."""
    return map(CorrectRuns(seed).run, range(count))


def _functional_backend() -> LoadedBackend:
    try:
        return load_backend(FUNCTIONAL)
    except BackendMissing as error:
        raise BackendMissing(
            "correct runs also need HIPS autograd, which can't be imported: "
            "run `python -m uv sync` in the clone, or `python -m pip install autograd`"
        ) from error


def random_scenario(random: np.random.RandomState, name: str) -> tuple[Scenario, list[str]]:
    """A network of one to three layers of random ops, sizes, scales and optimizer, and its layers' ops."""
    rows, width, outputs = (int(size) for size in (random.randint(2, 33), random.randint(2, 25), random.randint(2, 9)))
    layers = [_random_layer(random) for _ in range(random.randint(1, 4))]
    features = int(random.randint(1, 25))
    classify = random.rand() < 0.5
    draws: dict[str, Draw] = {"x": randn(rows, features, scale=_log_uniform(random, 0.1, 10))}
    if classify:
        labels = random.randint(0, outputs, rows)
        draws["t"] = data(lambda: labels)
    else:
        draws["t"] = randn(rows, outputs, scale=_log_uniform(random, 0.1, 10))
    for i, (layer, _) in enumerate(layers):
        scale = _log_uniform(random, 0.3, 1.5)
        wide = width * PIECES if layer == "maxout" else width
        draws[f"w{i}"] = param(width if i else features, wide, scale=scale / (width if i else features) ** 0.5)
        draws[f"b{i}"] = param(wide, scale=0.1) if random.rand() < 0.5 else param(wide, fill=0.0)
        if layer == "layer_norm":
            draws[f"gain{i}"] = param(width)
            draws[f"bias{i}"] = param(width, scale=0.1)
        elif layer == "prelu":
            draws[f"slope{i}"] = param(width, scale=0.25)
    draws["w_out"] = param(width, outputs, scale=_log_uniform(random, 0.1, 1) / width**0.5)
    optimizer = _random_optimizer(random)
    scenario = Scenario(
        name=name,
        function=_program(layers, draws, skips=random.rand() < 0.5, classify=classify),
        draws=draws,
        seed=int(random.randint(2**31)),
        epochs=int(random.randint(*EPOCHS)),
        optimizer=optimizer,
        **_random_rules(random, optimizer),
        batch_size=int(random.randint(1, rows + 1)) if random.rand() < 0.6 else None,
    )
    groups = _random_groups(random, scenario) if random.rand() < 0.25 else []
    return replace(scenario, groups=groups), [op for op, _ in layers]


def _random_groups(random: np.random.RandomState, scenario: Scenario) -> list[Group]:
    """One or two groups of some of the weights, with smaller values of some settings of the optimizer or the decay."""
    weights = [name for name, draw in scenario.draws.items() if draw.role == "weight"]
    random.shuffle(weights)
    grouped = weights[: random.randint(1, len(weights))]
    settings = {**scenario.optimizer.settings, **(scenario.decay.settings if scenario.decay else {})}
    divided = random.randint(len(grouped) + 1)
    groups = []
    for members in (grouped[:divided], grouped[divided:]):
        names = [name for name in settings if random.rand() < 0.5] or list(settings)[:1]
        own: dict[str, Any] = {name: settings[name] * float(random.uniform(0.1, 1)) for name in names}
        groups += [group(*members, **own)] if members else []
    return groups


def _random_layer(random: np.random.RandomState) -> Layer:
    """A familiar layer or another one, as often, and the op's settings."""
    op = str(random.choice(FAMILIAR if random.rand() < 0.5 else OTHERS))
    settings: dict[str, dict[str, Any]] = {
        "layer_norm": {"eps": 1e-5},
        "leaky_relu": {"slope": _log_uniform(random, 0.01, 0.5)},
        "elu": {"alpha": _log_uniform(random, 0.2, 2)},
        "clipped_relu": {"ceiling": _log_uniform(random, 0.2, 2)},
        "maxout": {"pieces": PIECES},
    }
    return op, settings.get(op, {})


def _random_optimizer(random: np.random.RandomState) -> Optimizer:
    lr = _log_uniform(random, 1e-4, 0.1)
    betas = {"beta1": float(random.uniform(0.5, 0.95)), "beta2": float(random.uniform(0.9, 0.9999))}
    eps = _log_uniform(random, 1e-10, 1e-4)
    velocity = float(random.uniform(0, 0.99))
    choices: list[Optimizer] = [
        sgd(lr=lr),
        momentum(lr=lr, momentum=velocity),
        nesterov(lr=lr, momentum=velocity),
        nesterov_ag(lr=lr, momentum=velocity),
        adagrad(lr=lr, eps=eps),
        rmsprop(lr=lr, alpha=betas["beta2"], eps=eps),
        adadelta(rho=betas["beta1"], eps=eps),
        adam(lr=lr, eps=eps, **betas),
        amsgrad(lr=lr, eps=eps, **betas),
        adamw(lr=lr, eps=eps, weight_decay=_log_uniform(random, 1e-4, 0.5), **betas),
        dampened_momentum(lr=lr, momentum=0.9, dampening=0.5),
        rmsprop_eps_inside(lr=lr, alpha=betas["beta2"], eps=eps),
        rmsprop_with_momentum(lr=lr, momentum=0.9, alpha=betas["beta2"], eps=eps),
        smorms3(lr=lr, eps=eps),
        adamax(lr=lr, eps=eps, **betas),
        nadam(lr=lr, eps=eps, **betas),
        radam(lr=lr, eps=eps, **betas),
        lion(lr=lr, **betas),
        rmsprop_centered(lr=lr, alpha=betas["beta1"], eps=eps),
        rmsprop_graves(lr=lr, alpha=betas["beta1"], eps=eps),
        adabound(lr=lr, gamma=0.05, eps=eps, **betas),
        amsbound(lr=lr, gamma=0.05, eps=eps, **betas),
        msvag(lr=lr, beta=betas["beta1"]),
    ]
    return choices[random.randint(len(choices))]


def _random_rules(random: np.random.RandomState, optimizer: Optimizer) -> dict[str, Any]:
    """A schedule, a clipping, a weight decay and an average of the weights, or some of them, or none."""
    schedules = [
        step_decay(every=int(random.randint(1, 4)), factor=float(random.uniform(0.3, 0.99))),
        exponential_decay(factor=float(random.uniform(0.3, 0.99))),
        cosine_decay(updates=int(random.randint(2, 200))),
        warm_up(updates=int(random.randint(2, 10))),
        in_sequence(
            warm_up(updates=int(random.randint(2, 4))),
            cosine_decay(updates=int(random.randint(2, 200))),
            after=[int(random.randint(1, 6))],
        ),
    ]
    clippings = [
        clip_by_norm(max_norm=_log_uniform(random, 0.01, 10)),
        clip_by_value(limit=_log_uniform(random, 0.001, 1)),
    ]
    rules: dict[str, Any] = {
        "schedule": schedules[random.randint(len(schedules))] if "lr" in optimizer.settings else None,
        "clipping": clippings[random.randint(len(clippings))],
        "decay": weight_decay(rate=_log_uniform(random, 1e-4, 0.5))
        if "weight_decay" not in optimizer.settings
        else None,
        "average": weight_average(share=float(random.uniform(0.5, 0.999))),
    }
    return {kind: rule for kind, rule in rules.items() if rule is not None and random.rand() < 0.25}


def _log_uniform(random: np.random.RandomState, low: float, high: float) -> float:
    return float(np.exp(random.uniform(np.log(low), np.log(high))))


def _program(layers: list[Layer], names: Iterable[str], *, skips: bool, classify: bool) -> Callable[..., Any]:
    """The scenario's function: layers one after the other, with skip connections where shapes allow it."""

    def network(op: Any, **tensors: Any) -> Any:
        h = tensors["x"]
        for i, (layer, settings) in enumerate(layers):
            before = h
            h = op.add(op.matmul(h, tensors[f"w{i}"]), tensors[f"b{i}"])
            further = {"layer_norm": ("gain", "bias"), "prelu": ("slope",)}.get(layer, ())
            h = getattr(op, layer)(h, *[tensors[f"{name}{i}"] for name in further], **settings)
            if skips and i:
                h = op.add(before, h)
        scores = op.matmul(h, tensors["w_out"])
        loss = op.softmax_cross_entropy if classify else op.mean_squared_error
        return loss(scores, tensors["t"])

    # A scenario's function has one parameter per draw, and how many there are is only known here.
    parameters = [Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in ("op", *names)]
    network.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    return network
