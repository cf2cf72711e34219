"""Every op alone stays in its bound in every backend, by the hand-written formula or a declared one that is used."""

import math
from collections.abc import Callable, Iterator
from functools import partial
from inspect import isfunction
from itertools import chain
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from backends import chainer_autograd, numpy_manual, torch_autograd
from backends.contract import Array, RuleCall
from backends.equivalent_formulas import activations, gates, losses, normalisation, optimizers, recurrent
from backends.equivalent_formulas.catalogue import OTHER_FORMULAS, rounds_of_formulas
from backends.op_inputs import MAKERS, gradients_above, inputs_of, with_gradient
from backends.rules import constant_settings, counts_steps
from harness.certifying.check import Check
from harness.numerics.accuracy import declared_accuracy
from harness.numerics.bounds.bounded import Bounded
from harness.numerics.rounding import Arithmetic, arithmetic
from harness.recording.loading import LoadedBackend, load_backend
from tests.backends.computing import alone, as_list, by_hand

MODULES = {"numpy": numpy_manual, "chainer": chainer_autograd, "torch": torch_autograd}
SLOTS = {
    "chainer": {
        "adadelta": ("msg", "msdx"),
        "adam": ("m", "v"),
        "amsgrad": ("m", "v", "vhat"),
        "adamw": ("m", "v"),
        "adabound": ("m", "v"),
        "amsbound": ("m", "v", "vhat"),
        "msvag": ("m", "v"),
    },
    "torch": {
        "adam": ("exp_avg", "exp_avg_sq"),
        "amsgrad": ("exp_avg", "exp_avg_sq", "max_exp_avg_sq"),
        "adamw": ("exp_avg", "exp_avg_sq"),
        "adamax": ("exp_avg", "exp_inf"),
        "nadam": ("exp_avg", "exp_avg_sq", "mu_product"),
        "radam": ("exp_avg", "exp_avg_sq"),
        "rmsprop_centered": ("square_avg", "grad_avg"),
    },
}
"""What the frameworks call the state of the optimizers that they compute by other formulas."""
MOMENTS = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
BOUNDS = {"final_lr": 0.1, "gamma": 1e-3}
OPTIMIZER_SETTINGS = {
    "adadelta": {"rho": 0.95, "eps": 1e-6},
    "adam": MOMENTS,
    "amsgrad": MOMENTS,
    "adamw": {**MOMENTS, "weight_decay": 0.1},
    "adamax": MOMENTS,
    "nadam": {**MOMENTS, "momentum_decay": 0.004},
    "radam": MOMENTS,
    "adabound": {**MOMENTS, **BOUNDS},
    "amsbound": {**MOMENTS, **BOUNDS},
    "msvag": {"lr": 0.1, "beta": 0.9},
    "rmsprop_centered": {"lr": 1e-3, "alpha": 0.9, "eps": 1e-8},
}
QUICK_SEEDS, SEEDS = 6, 12
MANY_SEEDS = 400
"""After so many random inputs a formula that makes a difference has made it."""


def formulas_of(module: ModuleType) -> dict[str, Callable[..., Any]]:
    """What a backend computes by another formula than the hand-written one."""
    return getattr(module, "FORMULAS", {})


def bounds(
    op: Callable[..., Any],
    inputs: list[Any],
    above: list[Array],
    has_gradient: list[bool],
    dtype: str,
    constants: Arithmetic | None = None,
) -> list[Bounded]:
    """Of every output and gradient, by Lockstep's own constants or others."""
    constants = constants or arithmetic(dtype)

    def exact(array: Array) -> Any:
        return Bounded(array.astype(np.float64), constants) if array.dtype.kind == "f" else array

    return by_hand(op, [exact(array) for array in inputs], [exact(array) for array in above], has_gradient)


def excess(bound: list[Bounded], got: list[Array]) -> float:
    """The largest error in units of what is allowed for it."""
    assert len(bound) == len(got)
    assert [expected.shape for expected in bound] == [np.shape(array) for array in got]
    checks = [Check(expected, np.asarray(array), np.inf) for expected, array in zip(bound, got, strict=True)]
    return float(np.max([check.used for check in checks]))  # which is NaN if one is


def cases(op: str, dtype: str, count: int) -> Iterator[tuple[list[Any], dict[str, Any], list[Array]]]:
    """Random inputs, settings and gradients of the outputs."""
    for seed in range(count):
        random = np.random.RandomState(seed)
        inputs, settings = inputs_of(op, random, dtype)
        outputs = as_list(getattr(numpy_manual, op)(*inputs, **settings)[0])
        yield inputs, settings, gradients_above(op, outputs, random, dtype)


@pytest.mark.parametrize("op", MAKERS)
@pytest.mark.parametrize("seeds", [QUICK_SEEDS, pytest.param(SEEDS, marks=pytest.mark.slow)])
def test_an_op_alone_is_certified(any_backend: LoadedBackend, op: str, dtype: str, seeds: int) -> None:
    declared = formulas_of(any_backend.module).get(op)
    constants = arithmetic(dtype).charging(declared_accuracy(any_backend, dtype))
    for inputs, settings, given in cases(op, dtype, seeds):
        one, has_gradient = alone(any_backend, op, inputs, settings, given), with_gradient(op, inputs)
        worst = math.inf
        for formula in (getattr(numpy_manual, op), declared):
            if not worst <= 1 and formula is not None:
                bound = bounds(partial(formula, **settings), inputs, one.above, has_gradient, dtype, constants)
                worst = excess(bound, one.results)
        assert worst <= 1, f"{op} of {any_backend.name} is off by {worst:.3g} times its bound: {inputs}, {settings}"


@pytest.mark.parametrize(
    ("name", "op"),
    [
        (name, op)
        for name, module in MODULES.items()
        for op in getattr(module, "FORMULAS", {})
        if op not in SLOTS.get(name, {}) and op not in ("group_norm", "instance_norm", "triplet_margin")
    ],
)
def test_a_declared_formula_is_in_use(name: str, op: str) -> None:
    """The framework leaves the bound of the hand-written formula for some input."""
    worst = (
        excess(
            bounds(partial(getattr(numpy_manual, op), **settings), inputs, above, with_gradient(op, inputs), "float32"),
            alone(load_backend(name), op, inputs, settings, above).results,
        )
        for inputs, settings, above in chain(cases(op, "float32", MANY_SEEDS), _many_elements(op))
    )
    assert any(ratio > 1 for ratio in worst)


def test_the_formula_of_triplet_margin_is_in_use_for_numbers_that_only_float64_has() -> None:
    """The power of a sum of 1e270 rounds by more than the hand-written quotient does."""
    inputs = [np.array([[x]]) for x in (1.7e90, -0.4, -0.4)]
    settings: dict[str, Any] = {"margin": 1.0, "p": 3.0, "eps": 0.01, "swap": True}
    above: list[Array] = [np.array(1.0)]
    made = alone(load_backend("chainer"), "triplet_margin", inputs, settings, above).results
    rules = numpy_manual.triplet_margin, formulas_of(chainer_autograd)["triplet_margin"]
    by_hand, declared = (
        excess(bounds(partial(rule, **settings), inputs, above, [True] * 3, "float64"), made) for rule in rules
    )
    assert by_hand > 1 >= declared


@pytest.mark.parametrize(("op", "others"), [("group_norm", {"groups": 2}), ("instance_norm", {})])
def test_the_formula_of_a_norm_of_groups_is_in_use_beside_a_large_bias(op: str, others: dict[str, Any]) -> None:
    """The offset is rounded once more where it is added up before."""
    random = np.random.RandomState(0)
    inputs = [0.1 * random.standard_normal((20, 2, 5)), np.ones(2), 1e6 * random.standard_normal(2)]
    inputs = [array.astype(np.float32) for array in inputs]
    above = [np.ones((20, 2, 5), np.float32)]
    settings: dict[str, Any] = {**others, "eps": 1e-3}
    made = alone(load_backend("torch"), op, inputs, settings, above).results
    rules = getattr(numpy_manual, op), formulas_of(torch_autograd)[op]
    by_hand, declared = (
        excess(bounds(partial(rule, **settings), inputs, above, [True] * 3, "float32"), made) for rule in rules
    )
    assert by_hand > 1 >= declared


def _many_elements(op: str) -> Iterator[tuple[list[Array], dict[str, Any], list[Array]]]:
    """So many inputs of an activation that a rare excess is among them."""
    inputs, settings, _ = next(iter(cases(op, "float32", MANY_SEEDS)))
    if len(inputs) == 1:
        random = np.random.RandomState(0)
        x, above = random.standard_normal((2, 1000, 1000)).astype(np.float32)
        yield [x], dict(settings), [above]


@pytest.mark.parametrize(("name", "op"), [(name, op) for name, slots in SLOTS.items() for op in slots])
def test_a_declared_formula_of_an_optimizer_is_in_use(name: str, op: str, dtype: str) -> None:
    """The framework leaves the bound of the hand-written formula; the declared one holds where it does.

    PyTorch leaves it only where the CPU has no fused multiply-add, or PyTorch is told not to use it.
    """
    constants = arithmetic(dtype)
    random = np.random.RandomState(0)
    # Only next to gradients whose squares nearly overflow does a quotient of AdaDelta's lose digits.
    g = random.standard_normal(200_000) * (float(np.finfo(dtype).max) ** 0.46 if op == "adadelta" else 1)
    m, v = g * random.uniform(-20, 20, g.size), g * g * random.uniform(0, 20, g.size)
    kept = [m, v, v * random.uniform(0, 2, g.size)][: len(SLOTS[name][op])]
    if op == "adadelta":
        kept = [g * g * random.uniform(0, 2, g.size), random.uniform(0, 1e-6, g.size)]
    if op == "rmsprop_centered":
        kept = [m * m * random.uniform(1, 20, g.size), m]
    if op == "nadam":
        kept[2] = np.asarray(0.7)  # the product of the momenta, one number for the whole weight
    arrays = [array.astype(dtype) for array in (random.standard_normal(g.size), g, *kept)]
    settings = OPTIMIZER_SETTINGS[op]
    got = UPDATES[name](op, arrays, settings)
    exact = [Bounded(array.astype(np.float64), constants) for array in arrays]
    hand_written = getattr(numpy_manual, op)
    given = constant_settings(hand_written, RuleCall(op, settings)) | ({"t": 1} if counts_steps(hand_written) else {})
    by_hand, declared = (
        [excess([bound], [array]) for bound, array in zip(rule(*exact, **given), got, strict=True)]
        for rule in (hand_written, formulas_of(MODULES[name])[op])
    )
    if dtype == "float32" and (name == "chainer" or torch.backends.cpu.get_cpu_capability() == "DEFAULT"):
        assert max(by_hand) > 1
    assert max(map(min, by_hand, declared)) <= 1


def test_the_catalogue_has_every_formula() -> None:
    written = [
        function
        for module in (activations, gates, losses, normalisation, optimizers, recurrent)
        for name, function in vars(module).items()
        if isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_")
    ]
    assert sorted(formula.__name__ for formulas in OTHER_FORMULAS.values() for formula in formulas) == sorted(
        function.__name__ for function in written
    )
    tried = {formula for table in rounds_of_formulas() for formula in table.values()}
    assert tried == set(written)


@pytest.mark.parametrize(
    ("op", "formula"),
    [
        pytest.param(op, formula, id=formula.__name__)
        for op, formulas in OTHER_FORMULAS.items()
        if op in MAKERS
        for formula in formulas
    ],
)
def test_a_formula_is_right_and_keeps_its_bound(op: str, formula: Callable[..., Any]) -> None:
    """In float64 it is the hand-written op; computed by NumPy in float32 it keeps its own bound."""
    for (inputs, settings, above), (same, _, same_above) in zip(
        cases(op, "float32", SEEDS), cases(op, "float64", SEEDS), strict=True
    ):
        has_gradient = with_gradient(op, inputs)
        hand_written, other = (partial(each, **settings) for each in (getattr(numpy_manual, op), formula))
        want, got = (by_hand(each, same, same_above, has_gradient) for each in (hand_written, other))
        for one, another in zip(want, got, strict=True):
            np.testing.assert_allclose(another, one, rtol=1e-8, atol=1e-12)
        computed_so = by_hand(other, inputs, above, has_gradient)
        assert excess(bounds(other, inputs, above, has_gradient, "float32"), computed_so) <= 1


@pytest.mark.parametrize(
    ("op", "formula"),
    [
        pytest.param(op, formula, id=formula.__name__)
        for op in ("elu", "selu", "softplus", "sigmoid", "tanh", "swish")
        for formula in OTHER_FORMULAS[op]
    ],
)
def test_a_formula_of_an_activation_leaves_the_bound_of_the_hand_written_one(
    op: str, formula: Callable[..., Any]
) -> None:
    """Otherwise nobody would have to declare it. All of them are off where something is small."""
    random = np.random.RandomState(0)
    x = (random.standard_normal(300_000) * random.choice([0.05, 1, 10], 300_000)).astype(np.float32)
    above, settings = [random.standard_normal(x.size).astype(np.float32)], {"alpha": 1.5} if op == "elu" else {}
    hand_written, other = (partial(each, **settings) for each in (getattr(numpy_manual, op), formula))
    computed_so = by_hand(other, [x], above, [True])
    assert not excess(bounds(hand_written, [x], above, [True], "float32"), computed_so) <= 1
    assert excess(bounds(other, [x], above, [True], "float32"), computed_so) <= 1


def chainer_update(op: str, arrays: list[Array], settings: dict[str, float]) -> list[Array]:
    """One update of Chainer's optimizer from this weight, gradient and state."""
    chainer = chainer_autograd.chainer
    w, g, *kept = (array.copy() for array in arrays)
    model = chainer.Chain()
    with model.init_scope():
        model.w = chainer.Parameter(w)
    optimizer = getattr(chainer_autograd, op)(model, **settings)
    model.w.update_rule._state = dict(zip(SLOTS["chainer"][op], kept, strict=True))
    model.w.grad = g
    optimizer.update()
    return [model.w.array, *(model.w.update_rule.state[name] for name in SLOTS["chainer"][op])]


def torch_update(op: str, arrays: list[Array], settings: dict[str, float]) -> list[Array]:
    """One update of PyTorch's optimizer from this weight, gradient and state."""
    w, g, *kept = (torch.tensor(array) for array in arrays)
    optimizer = getattr(torch_autograd, op)([w], **settings)
    slots = dict(zip(SLOTS["torch"][op], kept, strict=True))
    optimizer.state[w] = {"step": torch.tensor(0.0), **slots}
    w.grad = g
    optimizer.step()
    return [np.asarray(tensor) for tensor in (w, *slots.values())]


UPDATES = {"chainer": chainer_update, "torch": torch_update}
