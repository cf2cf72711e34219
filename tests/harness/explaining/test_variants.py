"""Every known variant is another function than the one that it is mistaken for, and is named where it was used."""

from collections.abc import Callable, Iterator
from inspect import signature
from itertools import combinations, islice
from typing import Any

import numpy as np
import pytest

from backends.contract import Array
from backends.deferred import computed, of_given
from backends.differences import DIFFERENCES
from backends.op_inputs import gradients_above, inputs_of, with_gradient
from backends.rules import first_state
from backends.vocabulary import OPS
from harness.certifying.accumulation import gradient_accumulation
from harness.explaining.explanation import explain
from harness.explaining.mistakes.variants import known_variants
from harness.explaining.uses import NamedUse
from harness.explaining.variants import VARIANTS
from harness.explaining.variants.training.schedules import SCHEDULES
from harness.explaining.variants.variant import Variant

Rule = Callable[..., Any]

SETTINGS: dict[str, Any] = {
    "lr": 0.1,
    "momentum": 0.8,
    "dampening": 0.35,
    "momentum_decay": 0.02,
    "alpha": 0.7,
    "rho": 0.6,
    "eps": 0.01,
    "beta1": 0.9,
    "beta2": 0.95,
    "first_lr": 0.25,
    "final_lr": 0.2,
    "gamma": 0.45,
    "beta": 0.75,
    "weight_decay": 0.3,
    "rate": 0.15,
    "every": 3,
    "factor": 0.4,
    "updates": 11,
}
"""None of which is another one's rest to 1, and an eps that can be seen."""
TOLERANCE = 1e-12
STEP = 1e-6
"""Of numerical derivatives."""
SIZES = (1.0, 10.0, 1000.0)
"""An exponential overflows only where inputs are large."""
DRAWS = 25
OF_ANY_RANK = ("softmax", "log_softmax")
"""Tensors of rank 3 tell all axes apart."""
TIED = ("reduce_max", "reduce_min")
"""What happens to several extreme elements is seen only where there are several."""
OPS_WITH_VARIANTS = [op for op in VARIANTS if any(op.__name__ in names for names in OPS.values())]
CLIPPINGS = [rule for rule in VARIANTS if rule.__name__.startswith("clip_")]
OPTIMIZERS = [
    rule for rule in VARIANTS if rule not in (*OPS_WITH_VARIANTS, *CLIPPINGS, *SCHEDULES, gradient_accumulation)
]
BATCHES = {"rows": 2, "rows_of_step": 11, "batches": 3}
"""None of which is one of the others over another."""

EVERY_VARIANT = [
    pytest.param(function, variant, id=f"{function.__name__}: {variant.description}")
    for function, variants in VARIANTS.items()
    for variant in variants
]


def named(phase: Any, tensor: str, use: NamedUse, got: Array, want: Array) -> str:
    allowed = TOLERANCE * (1 + np.abs(want))
    wrong = np.argwhere(~(np.abs(got - want) <= allowed))
    index = tuple(int(i) for i in wrong[0])
    return explain(phase, tensor, index, [use], got=got, allowed=allowed, dtype="float64").diagnosis


def differ(one: Any, other: Any) -> bool:
    return np.shape(one) != np.shape(other) or not np.allclose(one, other, 1e-11, 1e-13, equal_nan=True)


def outputs(made: Any) -> tuple[Array, ...]:
    return tuple(np.asarray(array) for array in (made if isinstance(made, tuple) else (made,)))


def run(op: Rule, inputs: list[Any], settings: dict[str, Any]) -> tuple[Any, Any]:
    """What an op returns; NaN without a backward where it refuses the inputs."""
    try:
        y, backward = op(*inputs, **settings)
        return y, backward
    except ValueError:
        return np.nan, None


def rule_draws(rule: Rule) -> Iterator[tuple[list[tuple[str, Array]], dict[str, Any]]]:
    """Tensors and settings, at every update from the first on."""
    random = np.random.RandomState(0)
    parameters = signature(rule).parameters
    settings = {name: SETTINGS.get(name, 0.7) for name, p in parameters.items() if p.kind is p.KEYWORD_ONLY}
    for t in range(1, DRAWS):
        if rule in CLIPPINGS:  # by turns within its limits and beyond
            size = 1.0 if t % 2 else 0.02
            yield [(f"grad_w{i}", size * random.standard_normal((3, 2 + i))) for i in range(3)], settings
            continue
        tensors = [name for name, p in parameters.items() if p.kind is p.POSITIONAL_OR_KEYWORD and name != "t"]
        arrays = [(name, random.uniform(0.5, 1.5, (3, 4))) for name in tensors]
        if "g" in tensors:  # a mean of squares is no less than the square of the mean
            arrays = [(name, array + dict(arrays)["g"] ** 2 if name == "v" else array) for name, array in arrays]
        if "grad_w" in tensors:
            factors = random.choice([-20.0, -1.0, 1.0, 20.0], (3, 4))
            arrays = [(name, array * factors if name == "grad_w" else array) for name, array in arrays]
        yield arrays, settings if "t" not in parameters else {**settings, "t": t}


def op_draws(op: Rule) -> Iterator[tuple[list[Any], dict[str, Any]]]:
    random = np.random.RandomState(1)
    for size in SIZES:
        for _ in range(DRAWS):
            inputs, settings = inputs_of(op.__name__, random)
            if op.__name__ in OF_ANY_RANK:
                inputs = [np.stack([x, x[::-1]]) for x in inputs]
            if op.__name__ in TIED:
                inputs = [np.round(x) for x in inputs]
            yield [array * size if array.dtype.kind == "f" else array for array in inputs], settings


def wrong_case(function: Rule, variant: Variant) -> tuple[Any, str, NamedUse, Array, Array]:
    """A phase, a tensor, a use, and what the variant and the right function make of it, which differ."""
    if function is gradient_accumulation:
        got, want = (np.asarray(f(**BATCHES)[1]()[0]) for f in (variant.function, function))
        return "backward", "grad_loss", NamedUse(function, [], BATCHES), got, want
    if function not in OPS_WITH_VARIANTS:
        for inputs, settings in rule_draws(function):
            made, right = (
                outputs(f(*(array for _, array in inputs), **settings)) for f in (variant.function, function)
            )
            for i in (*range(1, len(right)), 0):
                if differ(made[i], right[i]):
                    phase = "state" if i and function in OPTIMIZERS else "update"
                    return phase, "w", NamedUse(function, inputs, settings, positions=[i]), made[i], right[i]
    for arrays, settings in op_draws(function) if function in OPS_WITH_VARIANTS else ():
        named_inputs = [(f"x{i}", array) for i, array in enumerate(arrays)]
        (y, back), (right_y, right_back) = (run(f, arrays, settings) for f in (variant.function, function))
        for i, (got, want) in enumerate(zip(outputs(y), outputs(right_y), strict=False)):
            if differ(got, want) and np.isfinite(got).any():
                return "forward", "y", NamedUse(function, named_inputs, settings, positions=[i]), got, want
        if back is None:
            continue
        arriving = gradients_above(function.__name__, outputs(right_y), np.random.RandomState(2), "float64")
        for i, (got, want) in enumerate(zip(back(*arriving), right_back(*arriving), strict=True)):
            if want is not None and differ(computed(got), computed(want)):
                above = [(f"grad_y{k}", grad) for k, grad in enumerate(arriving)]
                use = NamedUse(function, named_inputs, settings, above, [i])
                return "backward", f"grad_x{i}", use, computed(got), computed(want)
    pytest.fail(f"it is always what {function.__name__} is")


@pytest.mark.parametrize(("function", "variant"), EVERY_VARIANT)
def test_a_variant_is_another_function_and_is_named(function: Rule, variant: Variant) -> None:
    with np.errstate(all="ignore"):
        case = wrong_case(function, variant)
    assert f"known variant: {variant}" in named(*case)


@pytest.mark.parametrize("function", OPTIMIZERS, ids=lambda function: function.__name__)
def test_a_variant_takes_a_gradient_of_zero_as_the_optimizer_does(function: Rule) -> None:
    """At the first update, as of a unit that is never active."""
    inputs, settings = next(rule_draws(function))
    starts = {"grad_w": 0.0, **first_state(function, {})}
    given = [np.full_like(array, starts[name]) if name in starts else array for name, array in inputs]
    with np.errstate(all="ignore"):
        assert all(np.isfinite(array).all() for array in outputs(function(*given, **settings)))
        for variant in VARIANTS[function]:
            for array in outputs(variant.function(*given, **settings)):
                assert np.isfinite(array).all(), variant


@pytest.mark.parametrize("function", VARIANTS, ids=lambda function: function.__name__)
def test_no_two_variants_of_a_function_are_the_same(function: Rule) -> None:
    """As variants are never taken for the same mistake, two descriptions of one would both be named."""
    made: dict[str, list[Array]] = {variant.description: [] for variant in VARIANTS[function]}
    with np.errstate(all="ignore"):
        for variant in VARIANTS[function]:
            if function is gradient_accumulation:
                made[variant.description] += map(np.asarray, variant.function(**BATCHES)[1]())
                continue
            if function not in OPS_WITH_VARIANTS:
                for inputs, settings in rule_draws(function):
                    made[variant.description] += outputs(variant.function(*(a for _, a in inputs), **settings))
                continue
            for arrays, settings in op_draws(function):
                y, back = run(variant.function, arrays, settings)
                made[variant.description] += outputs(y)
                if back is not None:
                    arriving = gradients_above(function.__name__, outputs(y), np.random.RandomState(2), "float64")
                    made[variant.description] += [
                        np.asarray(computed(grad)) for grad in back(*arriving) if grad is not None
                    ]
    for one, other in combinations(made, 2):
        same_count = len(made[one]) == len(made[other])
        assert not same_count or any(map(differ, made[one], made[other])), (one, other)


def along(op: Rule, inputs: list[Any], settings: dict[str, Any], above: list[Array], steps: list[Array]) -> float:
    """The derivative of <above, op> along the steps, by a central difference."""
    sides = [op(*(x + side * step for x, step in zip(inputs, steps, strict=True)), **settings)[0] for side in (1, -1)]
    right, left = (sum(float(np.sum(a * y)) for a, y in zip(above, outputs(made), strict=True)) for made in sides)
    return (right - left) / (2 * STEP)


@pytest.mark.parametrize("function", OPS_WITH_VARIANTS, ids=lambda function: function.__name__)
def test_the_gradients_of_a_variant_are_those_of_its_forward(function: Rule) -> None:
    """Those that have a backward, and are not the right function with another one."""
    random, name = np.random.RandomState(3), function.__name__
    for variant in VARIANTS[function]:
        for arrays, settings in islice(op_draws(function), DRAWS):
            with np.errstate(all="ignore"):
                (y, back), (right, _) = (run(f, arrays, settings) for f in (variant.function, function))
            if back is None or not any(map(differ, outputs(y), outputs(right))) or not np.isfinite(outputs(y)[0]).all():
                continue
            above = gradients_above(name, outputs(y), random, "float64")
            towards = with_gradient(name, arrays)
            grads = [computed(grad) for grad in of_given(back(*above), len(arrays))]
            steps = [
                STEP * random.standard_normal(np.shape(x)) if on else 0 * x
                for x, on in zip(arrays, towards, strict=True)
            ]
            by_hand = sum(float(np.sum(g * s)) for g, s, on in zip(grads, steps, towards, strict=True) if on) / STEP
            assert by_hand == pytest.approx(along(variant.function, arrays, settings, above, steps), 1e-5, 1e-6), (
                variant
            )


def test_what_variants_refer_to_is_in_the_catalogue_of_differences() -> None:
    entries = {entry.name for entry in DIFFERENCES}
    referred = {variant.difference for variants in VARIANTS.values() for variant in variants if variant.difference}
    assert referred <= entries
    assert len(referred) > 20


def test_the_entry_of_the_catalogue_is_named_with_the_variant() -> None:
    assert str(Variant("it is late", len, "adam_eps")) == "it is late (see `lockstep differences adam_eps`)"
    assert str(Variant("it is late", len)) == "it is late"


def test_uses_of_several_functions_have_no_variant() -> None:
    one, other = list(VARIANTS)[:2]
    assert not list(known_variants("forward", [NamedUse(one, []), NamedUse(other, [])], 1))
