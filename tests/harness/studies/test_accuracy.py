"""Functions are measured as accurate as they are, through any backend's ops; the built-in ones keep their charges."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import mpmath  # type: ignore[import-untyped]
import numpy as np
import pytest

from backends import numpy_manual
from backends.contract import Array, Step
from backends.vocabulary import BUILT_IN
from harness.errors import InputError
from harness.numerics.accuracy import declared_accuracy
from harness.numerics.rounding import CHARGES
from harness.recording.loading import LoadedBackend, load_backend
from harness.studies.accuracy import (
    PROBES,
    SAMPLE,
    Measured,
    accuracy_line,
    can_measure,
    measure_accuracy,
    sampled,
)
from reports.text.studies.accuracy import accuracy_findings, accuracy_table
from tests.harness.broken import with_changes

FEW = {"float32": 2**15, "float64": 2**13}


def measured(dtypes: tuple[str, ...] = ("float32",), **changes: Any) -> dict[tuple[str, str], Measured]:
    """The hand-written backend with some functions replaced, measured at few inputs."""
    found = measure_accuracy(LoadedBackend("mine", with_changes(**changes)), dtypes, lambda _: None, FEW)
    return {(one.function, one.dtype): one for one in found}


def exp_off(x: Array) -> Any:
    """Right, but at the inputs just above 1 off by 20 units."""
    y = np.exp(x.astype(np.float64))
    y = np.where((x > 1) & (x < 1.001), y * (1 + 20 * 2.0**-24), y).astype(x.dtype)
    return y, lambda grad_y: (grad_y * y,)


def test_an_error_is_measured_in_its_units_and_its_input_is_named() -> None:
    one = measured(exp=exp_off)["exp", "float32"]
    assert one.worst == pytest.approx(20, abs=1)
    assert 1 < one.at < 1.001
    assert one.exceeds
    assert one.advised == np.ceil(1.25 * one.worst)
    assert not measured()["exp", "float32"].exceeds


def test_float64_is_measured_in_its_own_units() -> None:
    if not can_measure("float64"):
        pytest.skip("this NumPy has no higher precision")

    def tanh(x: Array) -> Any:
        return np.tanh(x) * (1 + 30 * x.dtype.type(2.0**-53)), lambda grad_y: (grad_y,)

    found = measured(("float32", "float64"), tanh=tanh)
    assert found["tanh", "float64"].worst == pytest.approx(30, abs=3)
    assert found["tanh", "float32"].worst < 4


@pytest.mark.parametrize("value", [np.nan, np.inf, 0])
def test_a_value_that_is_not_even_near_is_named(value: float) -> None:
    def sqrt(x: Array) -> Any:
        return np.where(x == 4, x.dtype.type(value), np.sqrt(x)), lambda grad_y: (grad_y,)

    found = measured(sqrt=sqrt)
    one = found["sqrt", "float32"]
    assert one.worst > 1e6
    assert one.at == 4
    assert one.exceeds
    assert one.advised is None
    assert accuracy_line(list(found.values())) == ""


def test_a_function_is_measured_by_the_op_that_returns_it() -> None:
    """elu is expm1 below 0, whatever it is above; log1p is measured from the backend's own exp."""

    def elu(x: Array, *, alpha: float) -> Any:
        y, backward = numpy_manual.elu(x, alpha=alpha)
        return np.where(x > 0, 7, y * x.dtype.type(1 + 2.0**-20)), backward

    found = measured(elu=elu, exp=exp_off)
    assert found["expm1", "float32"].worst == pytest.approx(16, abs=4)
    assert found["log1p", "float32"].worst < 6


def test_a_declared_accuracy_is_taken_into_account() -> None:
    one = measured(exp=exp_off, ACCURACY={"exp": 30})["exp", "float32"]
    assert (one.charge, one.declared, one.exceeds) == (6, 30, False)


def test_what_is_declared_already_stays_in_the_line_to_paste() -> None:
    def tanh(x: Array) -> Any:
        return np.tanh(x) * x.dtype.type(1 + 2.0**-20), lambda grad_y: (grad_y,)

    found = measured(exp=exp_off, tanh=tanh, ACCURACY={"exp": 30})
    advised = found["tanh", "float32"].advised
    line = f'ACCURACY = {{"exp": {{"float32": 30.0}}, "tanh": {{"float32": {advised}}}}}'
    assert accuracy_line(list(found.values())) == line


def test_the_line_to_paste_is_an_accuracy_that_suffices() -> None:
    found = measured(exp=exp_off)
    line = accuracy_line(list(found.values()))
    assert line == f'ACCURACY = {{"exp": {{"float32": {found["exp", "float32"].advised}}}}}'
    names: dict[str, Any] = {}
    exec(line, names)
    again = measured(exp=exp_off, **names)
    assert not any(one.exceeds or one.is_close for one in again.values())
    assert accuracy_line(list(again.values())) == ""
    assert declared_accuracy(LoadedBackend("mine", with_changes(**names)), "float64") == {}


def test_what_is_said_names_the_excess_and_the_declaration() -> None:
    said = accuracy_findings(list(measured(exp=exp_off).values()))
    assert said[0].startswith("mine's exp is off by 20")
    assert said[0].endswith("u in float32, more than the 6 that Lockstep charges")
    assert said[1].startswith('to declare it, write in the module of mine: ACCURACY = {"exp": {"float32": ')
    assert said[2] == "not measured, since no op returns them: sin, cos, erf"


def test_what_is_close_to_its_charge_is_said_too() -> None:
    close = replace(measured()["tanh", "float32"], worst=3.9)
    assert (close.exceeds, close.is_close, close.advised) == (False, True, 5)
    assert "close to the 4 that Lockstep charges" in accuracy_findings([close])[0]
    assert "close" in accuracy_table([close], "text")


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: f"{probe.function}-{probe.settings}")
def test_a_sample_lies_in_its_intervals_ends_included_and_its_last_bits_vary(probe: Any, dtype: str) -> None:
    inputs = sampled(probe, dtype, FEW[dtype])
    assert inputs.dtype == dtype
    inside = [(inputs >= np.asarray(low, dtype)) & (inputs <= np.asarray(high, dtype)) for low, high in probe.intervals]
    assert np.any(inside, axis=0).all()
    for low, high in probe.intervals:
        assert np.isin(np.asarray([low, high], dtype), inputs).all()
    last_bits = inputs.view(f"u{inputs.itemsize}") & 7
    assert len(np.unique(last_bits)) == 8
    assert SAMPLE[dtype] > FEW[dtype]


def test_a_backend_without_the_ops_is_refused_and_one_with_a_few_is_measured() -> None:
    module = with_changes()
    kept = {"train", "sgd", "reduce_mean", "tanh"}
    for name in [name for name, value in vars(module).items() if callable(value) and name not in kept]:
        delattr(module, name)
    found = measure_accuracy(LoadedBackend("mine", module), ("float32",), lambda _: None, FEW)
    assert [one.function for one in found] == ["tanh"]
    del module.tanh
    with pytest.raises(InputError, match="backend mine has none of the ops that functions are measured by: exp, elu, "):
        measure_accuracy(LoadedBackend("mine", module), ("float32",), lambda _: None, FEW)
    module.tanh = numpy_manual.tanh  # type: ignore[attr-defined]
    del module.sgd
    with pytest.raises(InputError, match="it needs sgd, and reduce_sum or reduce_mean"):
        measure_accuracy(LoadedBackend("mine", module), ("float32",), lambda _: None, FEW)


def test_a_backend_without_values_is_refused() -> None:
    def train(ops: Any, program: Any, weights: Any, batches: Any, *, trace: bool = False) -> Iterator[Step]:
        return numpy_manual.train(ops, program, weights, batches, trace=False)

    with pytest.raises(InputError, match="backend mine yields no values with trace=True"):
        measured(train=train)


@pytest.mark.slow
@pytest.mark.parametrize("name", BUILT_IN)
def test_the_functions_of_a_built_in_backend_keep_their_charges(name: str) -> None:
    found = measure_accuracy(load_backend(name), ("float32", "float64"), lambda _: None)
    assert {one.function for one in found} == CHARGES.keys() - {"sin", "cos", "erf"}
    assert [one for one in found if one.exceeds or one.is_close] == []
    assert accuracy_line(found) == ""


@pytest.mark.slow
@pytest.mark.parametrize("one", PROBES, ids=lambda probe: f"{probe.function}-{probe.settings}")
def test_the_higher_precision_is_higher(one: Any, dtype: str) -> None:
    """Against mpmath, what functions are measured by is off by less than a hundredth of a unit."""
    if not can_measure(dtype):
        pytest.skip("this NumPy has no higher precision")
    context = mpmath.MPContext()
    context.prec = 200
    limits = np.finfo(dtype)
    inputs = np.random.RandomState(0).choice(sampled(one, dtype, FEW[dtype]), 300)
    wide = inputs.astype(np.float64 if dtype == "float32" else np.longdouble)
    function = context.power if one.function == "power" else getattr(context, one.function)
    with np.errstate(all="ignore"):
        for x, got in zip(inputs, one.exact(wide), strict=True):
            if not limits.tiny <= abs(got) <= limits.max:
                continue
            want = function(context.mpf(float(x)), *one.settings.values() if one.function == "power" else ())
            error = abs(_exact(context, got) - want) / abs(want)
            assert float(error) < 0.01 * float(limits.eps) / 2


def _exact(context: Any, value: Any) -> Any:
    """A longdouble as one of mpmath's numbers."""
    high = float(value)
    return context.mpf(high) + context.mpf(float(value - type(value)(high)))
