"""Every known variant is another formula than the op that it is mistaken for, and is named where it was used."""

from collections.abc import Iterator
from inspect import signature
from typing import Any

import numpy as np
import pytest

from backends.contract import Array
from harness.explaining.explanation import explain
from harness.explaining.mistakes.op_variants import OP_VARIANTS
from harness.explaining.mistakes.optimizer_variants import OPTIMIZER_VARIANTS
from harness.explaining.uses import NamedUse
from tests.backends.op_inputs import inputs_of

SETTINGS = {"lr": 0.1, "momentum": 0.8, "alpha": 0.7, "eps": 0.01, "beta1": 0.9, "beta2": 0.95, "weight_decay": 0.3}
"""None of which is another one's rest to 1, and an eps that can be seen."""
TOLERANCE = 1e-12
SIZES = (1.0, 10.0, 1000.0)
"""An exponential overflows only where inputs are large."""


def named(phase: Any, tensor: str, use: NamedUse, got: Array, want: Array) -> str:
    allowed = TOLERANCE * (1 + np.abs(want))
    wrong = np.argwhere(~(np.abs(got - want) <= allowed))
    index = tuple(int(i) for i in wrong[0])
    return explain(phase, tensor, index, [use], got=got, allowed=allowed, dtype="float64").diagnosis


def differ(one: Any, other: Any) -> bool:
    return not np.allclose(one, other, 1e-6, 1e-9)


@pytest.mark.parametrize("rule", OPTIMIZER_VARIANTS, ids=lambda rule: rule.__name__)
def test_a_variant_of_an_optimizer_is_named(rule: Any) -> None:
    random = np.random.RandomState(0)
    slots = list(signature(rule).parameters)
    tensors = [name for name in slots if signature(rule).parameters[name].kind.name == "POSITIONAL_OR_KEYWORD"]
    settings: dict[str, Any] = {name: 3 if name == "t" else SETTINGS[name] for name in slots if name not in tensors}
    inputs = [(name, random.uniform(0.5, 1.5, (3, 4))) for name in tensors]
    want = rule(*(array for _, array in inputs), **settings)
    for says, variant in OPTIMIZER_VARIANTS[rule].items():
        got = variant(*(array for _, array in inputs), **settings)
        (output, *_) = (i for i in (*range(1, len(want)), 0) if differ(got[i], want[i]))
        use = NamedUse(rule, inputs, settings, positions=[output])
        phase, tensor = ("state", tensors[1 + output]) if output else ("update", "w")
        assert f"known variant: {says}" in named(phase, tensor, use, got[output], want[output])


def draws(op: Any) -> Iterator[tuple[list[Any], dict[str, Any]]]:
    random = np.random.RandomState(1)
    for size in SIZES:
        for _ in range(20):
            inputs, settings = inputs_of(op.__name__, random)
            yield [array * size if array.dtype.kind == "f" else array for array in inputs], settings


def outputs(made: Any) -> tuple[Array, ...]:
    return made if isinstance(made, tuple) else (made,)


@pytest.mark.parametrize("op", OP_VARIANTS, ids=lambda op: op.__name__)
def test_a_variant_of_an_op_is_named(op: Any) -> None:
    for says, variant in OP_VARIANTS[op].items():
        for arrays, settings in draws(op):
            with np.errstate(all="ignore"):
                made, right = (outputs(function(*arrays, **settings)[0]) for function in (variant, op))
            pairs = list(zip(made, right, strict=False))  # a variant may leave out what is not another
            output = next((i for i, (got, want) in enumerate(pairs) if differ(got, want)), None)
            if output is not None and np.isfinite(pairs[output][0]).any():
                break
        else:
            pytest.fail(f"{says}: it is always what {op.__name__} is")
        got, want = (np.asarray(array) for array in pairs[output])
        use = NamedUse(op, [(f"x{i}", array) for i, array in enumerate(arrays)], settings, positions=[output])
        assert f"known variant: {says}" in named("forward", "y", use, got, want)
