"""Random networks for correct backends: whatever is said against one of them is a false alarm."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from lockstep.loading import LoadedBackend
from lockstep.mutants import RandomRun, correct_backends
from scenarios import DTYPES, Draw, Optimizer, Scenario, adam, adamw, data, momentum, param, randn, sgd
from tests import autograd_backend

SEED = 20_240_601
EPOCHS = (2, 6)


def random_runs(count: int, seed: int = SEED) -> Iterator[RandomRun]:
    """So many scenarios, both dtypes in turn, each for every correct backend that has its optimizer."""
    built_in = correct_backends()
    functional = LoadedBackend("autograd", autograd_backend)
    for number in range(count):
        scenario = random_scenario(np.random.RandomState(seed + number), f"random_{number}")
        has_all = hasattr(autograd_backend, scenario.optimizer.name)
        yield scenario, DTYPES[number % 2], [*built_in, functional] if has_all else built_in


def random_scenario(random: np.random.RandomState, name: str) -> Scenario:
    """A network of one to three layers of random ops, sizes, scales and optimizer."""
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
    for i, layer in enumerate(layers):
        scale = _log_uniform(random, 0.3, 1.5)
        draws[f"w{i}"] = param(width if i else features, width, scale=scale / (width if i else features) ** 0.5)
        draws[f"b{i}"] = param(width, scale=0.1) if random.rand() < 0.5 else param(width, fill=0.0)
        if layer == "layer_norm":
            draws[f"gain{i}"] = param(width)
            draws[f"bias{i}"] = param(width, scale=0.1)
    draws["w_out"] = param(width, outputs, scale=_log_uniform(random, 0.1, 1) / width**0.5)
    return Scenario(
        name=name,
        function=_program(layers, skips=random.rand() < 0.5, classify=classify),
        draws=draws,
        seed=int(random.randint(2**31)),
        epochs=int(random.randint(*EPOCHS)),
        optimizer=_random_optimizer(random),
        batch_size=int(random.randint(1, rows + 1)) if random.rand() < 0.6 else None,
    )


def _random_layer(random: np.random.RandomState) -> str:
    return str(random.choice(["relu", "sigmoid", "tanh", "layer_norm"]))


def _random_optimizer(random: np.random.RandomState) -> Optimizer:
    lr = _log_uniform(random, 1e-4, 0.1)
    betas = {"beta1": float(random.uniform(0.5, 0.95)), "beta2": float(random.uniform(0.9, 0.9999))}
    eps = _log_uniform(random, 1e-10, 1e-4)
    choices: list[Optimizer] = [
        sgd(lr=lr),
        momentum(lr=lr, momentum=float(random.uniform(0, 0.99))),
        adam(lr=lr, eps=eps, **betas),
        adamw(lr=lr, eps=eps, weight_decay=_log_uniform(random, 1e-4, 0.5), **betas),
    ]
    return choices[random.randint(len(choices))]


def _log_uniform(random: np.random.RandomState, low: float, high: float) -> float:
    return float(np.exp(random.uniform(np.log(low), np.log(high))))


def _program(layers: list[str], *, skips: bool, classify: bool) -> Callable[..., Any]:
    """The scenario's function: layers one after the other, with skip connections where shapes allow it."""

    def network(op: Any, **tensors: Any) -> Any:
        h = tensors["x"]
        for i, layer in enumerate(layers):
            before = h
            h = op.add(op.matmul(h, tensors[f"w{i}"]), tensors[f"b{i}"])
            if layer == "layer_norm":
                h = op.layer_norm(h, tensors[f"gain{i}"], tensors[f"bias{i}"], eps=1e-5)
            else:
                h = getattr(op, layer)(h)
            if skips and i:
                h = op.add(before, h)
        scores = op.matmul(h, tensors["w_out"])
        loss = op.softmax_cross_entropy if classify else op.mean_squared_error
        return loss(scores, tensors["t"])

    return network
