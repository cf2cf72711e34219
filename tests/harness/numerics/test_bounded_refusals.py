"""Whatever would drop a bound is refused by name; nothing silently turns a Bounded into a plain array."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from harness.numerics.bounds.bounded import Bounded
from harness.numerics.bounds.bounds import Unsupported
from harness.numerics.bounds.selections import Undecided
from harness.numerics.rounding import arithmetic

F32 = arithmetic("float32")


def vector() -> Bounded:
    """Three numbers with a radius."""
    return Bounded(np.array([1.0, 2.0, 3.0]), F32, np.full(3, 0.1))


def undecided() -> Undecided:
    comparison = vector() > 2
    assert isinstance(comparison, Undecided)
    return comparison


def _into_a_buffer(x: Bounded) -> None:
    np.zeros(3)[:] = x


def _element_into_a_buffer(x: Bounded) -> None:
    np.zeros(3)[0] = x[0]


def _added_to_a_buffer(x: Bounded) -> None:
    buffer = np.zeros(3)
    buffer += x


def _added_at_a_buffer(x: Bounded) -> None:
    np.add.at(np.zeros(3), [0, 1, 2], x)


def _assigned_by_undecided(x: Bounded) -> None:
    x[undecided()] = 0


REFUSED: dict[str, tuple[Callable[[Bounded], Any], str]] = {
    "a buffer": (_into_a_buffer, "np.zeros_like"),
    "in place into a buffer": (_added_to_a_buffer, "np.add"),
    "add.at into a buffer": (_added_at_a_buffer, r"np\.add\.at"),
    "dot": (lambda x: x.dot(x), r"\.dot"),
    "np.dot": (lambda x: np.dot(x, x), r"np\.dot"),
    "var": (np.var, r"np\.var"),
    "std": (np.std, r"np\.std"),
    "norm": (np.linalg.norm, r"np\.linalg\.norm"),
    "median": (np.median, r"np\.median"),
    "float": (float, r"float\(\)"),
    "int": (int, r"int\(\)"),
    "math": (lambda x: math.exp(x[0]), "math"),
    "asarray": (np.asarray, r"np\.asarray"),
    "a list": (lambda x: np.sum([x, x]), r"np\.sum"),
    "a list of elements": (lambda x: np.sum([x[0], x[1]]), r"np\.sum"),
    "an undecided mask": (lambda x: x[undecided()], "undecided"),
    "assignment by an undecided mask": (_assigned_by_undecided, "undecided"),
    "a condition": (lambda x: 1 if x[1] > 2 else 0, "undecided"),
    "truth": (lambda x: 1 if x else 0, "neither true nor false"),
    "undecided times a number": (lambda x: undecided() * 2.0, r"np\.multiply"),
    "undecided plus": (lambda x: undecided() + x, "undecided"),
    "undecided and": (lambda x: undecided() & np.array([True, True, False]), r"np\.bitwise_and"),
    "mask and undecided": (lambda x: np.array([True, True, False]) & undecided(), r"np\.bitwise_and"),
    "undecided, asked for all": (lambda x: undecided().all(), r"\.all"),
    "np.any of undecided": (lambda x: np.any(undecided()), "undecided|any"),
    "selection of numbers": (lambda x: np.where(undecided(), 1.0, 0.0), "undecided"),
    "where of one": (np.where, r"np\.where"),
    "the largest place": (np.argmax, r"np\.argmax"),
    "reduce": (np.add.reduce, r"np\.add\.reduce"),
    "outer": (lambda x: np.multiply.outer(x, x), r"np\.multiply\.outer"),
    "accumulate": (np.add.accumulate, r"np\.add\.accumulate"),
    "reduceat": (lambda x: np.add.reduceat(x, [0, 1]), r"np\.add\.reduceat"),
    "subtract.at": (lambda x: np.subtract.at(x, [0], 1.0), r"np\.subtract\.at"),
    "arctan": (np.arctan, r"np\.arctan"),
    "a power of powers": (lambda x: x**x, r"np\.power"),
    "sum where": (lambda x: np.sum(x, where=np.array([True, False, True])), r"np\.sum"),
    "sum initial": (lambda x: np.sum(x, initial=1), r"np\.sum"),
    "sum dtype": (lambda x: np.sum(x, 0, np.float64), r"np\.sum"),
    "sum out": (lambda x: np.sum(x, out=np.zeros(())), r"np\.sum"),
    "take out": (lambda x: np.take(x, [0], out=np.zeros(1)), r"np\.take"),
    "exp where": (lambda x: np.exp(x, where=np.array([True, False, True])), r"np\.exp"),
    "exp out": (lambda x: np.exp(x, out=np.zeros(3)), r"np\.exp"),
    "concatenate dtype": (lambda x: np.concatenate([x, x], dtype=np.float16), r"np\.concatenate"),
    "another dtype": (lambda x: x.astype(np.float64), "float64"),
    "zeros_like of another dtype": (lambda x: np.zeros_like(x, dtype=int), r"np\.zeros_like"),
    "pad by a ramp": (lambda x: np.pad(x, 1, mode="linear_ramp"), r"np\.pad"),
    "pad by odd reflection": (lambda x: np.pad(x, 1, mode="reflect", reflect_type="odd"), r"np\.pad"),
    "None": (lambda x: x + None, "NoneType|np.add"),
    "a complex number": (lambda x: x + 1j, "complex"),
    "item": (lambda x: x[0].item(), r"\.item"),
    "einsum with an ellipsis": (lambda x: np.einsum("...i,i->...", x, x), r"np\.einsum"),
    "an undecided einsum": (lambda x: np.matmul(undecided(), x), "undecided"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_name(name: str) -> None:
    refused, message = REFUSED[name]
    with pytest.raises(Unsupported, match=message):
        refused(vector())


def test_no_element_goes_into_a_buffer() -> None:
    with pytest.raises(ValueError, match="setting an array element"):  # NumPy's words for what float() refuses
        _element_into_a_buffer(vector())


def test_a_refusal_is_a_type_error() -> None:
    assert issubclass(Unsupported, TypeError)


@pytest.mark.parametrize("attribute", ["__array_interface__", "_mask"])
def test_what_libraries_ask_for_is_merely_absent(attribute: str) -> None:
    assert not hasattr(vector(), attribute)


def test_a_decided_comparison_is_a_plain_mask() -> None:
    x = vector()
    assert (x > 10).tolist() == [False, False, False]
    assert x[x > 0].shape == (3,)


def test_later_assignments_do_not_change_what_was_computed() -> None:
    x, y = Bounded(np.array([1e6]), F32), Bounded(np.array([-1e6]), F32)
    total = x + y + 1
    x[0] = 0
    y -= y
    assert total.radius is not None
    assert total.radius[0] > 0.1


def test_what_was_recorded_is_never_written_into() -> None:
    recorded = np.array([1.0, 2.0])
    x = Bounded(recorded, arithmetic("float64"))
    x[0] = 5
    x -= 1
    np.add.at(x, [0, 0], 1.0)
    assert recorded.tolist() == [1.0, 2.0]


@pytest.mark.parametrize("value", [2**53 + 1, 2**70, np.int64(2**53 + 1)])
def test_whole_numbers_beyond_float64_are_bounded(value: int) -> None:
    x = Bounded(np.zeros(()), arithmetic("float64")) + Bounded(np.ones(()), arithmetic("float64")) * 0 + value
    assert x.radius is not None
    assert abs(int(x.midpoint) - int(value)) <= x.radius


def test_empty_arrays() -> None:
    x = Bounded(np.zeros((0, 3)), F32)
    assert np.sum(x, axis=0).radius is None
    assert (x @ np.zeros((3, 2), np.float32)).shape == (0, 2)
    assert (x.T @ x).radius.shape == (3, 3)
    assert np.exp(x / x).shape == (0, 3)
