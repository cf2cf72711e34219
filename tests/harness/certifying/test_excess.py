"""An excess that less accurate functions or another formula would explain is not called a mistake; all else is."""

from collections.abc import Callable
from typing import Any
from zlib import crc32

import numpy as np
import pytest

from backends import numpy_manual
from backends.contract import Array
from backends.mutants import MUTANTS
from backends.mutants.mutant import Mutant
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import LoadedBackend, load_backend
from harness.results import Result
from harness.run import run_scenario
from harness.sentences import details, headline, message
from harness.studies.mutants.trials import try_mutant
from reports.text.runs.certificates import certificate_report
from tests.harness.broken import with_changes

EXPLAINED = (
    "times the bound: a less accurate function (ACCURACY) or another formula (FORMULAS) would explain this; "
    "see docs/backends.md"
)


def run(name: str, *, dtype: str = "float32", epochs: int = 3, **changes: Any) -> Result:
    """A run of the hand-written backend against itself with some functions replaced."""
    backends = [load_backend("numpy"), LoadedBackend("changed", with_changes(**changes))]
    return run_scenario(built_in_scenarios()[name].vary(epochs=epochs), backends, dtype=dtype)


def tanh_off_by(units: float) -> Callable[[Array], Any]:
    def tanh(x: Array) -> Any:
        y = (np.tanh(x.astype(np.float64)) * (1 + units * float(np.finfo(x.dtype).eps) / 2)).astype(x.dtype)
        return y, lambda grad_y: (grad_y * (1 - y * y),)

    return tanh


def tanh_by_factors(x: Array) -> Any:
    """As JAX's gradient, with one rounding more than the hand-written formula; the tanh is exact."""
    y = np.tanh(x.astype(np.float64)).astype(x.dtype)
    return y, lambda grad_y: ((grad_y + grad_y * y) * (1 - y),)


def elu_by_output(x: Array, *, alpha: float) -> Any:
    """As JAX's: right, and hundreds of ulp off where the gradient is small."""
    y = np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))
    return y, lambda grad_y: (grad_y * np.where(x > 0, 1, y + x.dtype.type(alpha)),)


@pytest.mark.parametrize(
    ("name", "changes", "where"),
    [
        ("mlp_tanh", {"tanh": tanh_off_by(6)}, ("tanh", "forward")),
        ("mlp_tanh", {"tanh": tanh_by_factors}, ("tanh", "backward")),
        ("mlp_elu", {"elu": elu_by_output}, ("elu", "backward")),
    ],
)
def test_a_slight_excess_shows_no_mistake(name: str, changes: Any, where: tuple[str, str]) -> None:
    result = run(name, epochs=20, **changes)
    assert result.certified["changed"]["failed"] > 0
    assert result.verdict == "inconclusive"
    assert where in [(culprit.op, culprit.phase) for culprit in result.culprits]
    assert all(culprit.slight for culprit in result.culprits)
    assert headline(result).startswith(f"{name} float32: inconclusive: changed: {where[0]} ")
    assert headline(result).endswith(EXPLAINED)
    said = message(result) + certificate_report(result)
    assert "changed is wrong" not in said
    assert "backward is right" not in said
    assert "that does not show that anything is wrong" in "\n".join(details(result))


def test_how_many_times_the_bound_is_said() -> None:
    culprit = (result := run("mlp_tanh", tanh=tanh_off_by(6))).culprits[0]
    assert f"off by {float(culprit.error) / float(culprit.allowed):.3g} {EXPLAINED}" in headline(result)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"tanh": tanh_off_by(100)}, id="a function far less accurate"),
        pytest.param({"tanh": tanh_off_by(-1e4)}, id="a wrong function"),
        pytest.param(
            {"matmul": lambda x, w: (x @ w * x.dtype.type(1.00001), numpy_manual.matmul(x, w)[1])}, id="a product"
        ),
    ],
)
def test_a_large_excess_or_one_without_functions_is_a_mistake(changes: Any) -> None:
    result = run("mlp_tanh", **changes)
    assert result.verdict == "disagree"
    assert not result.culprits[0].slight


def test_an_op_without_functions_that_exceeds_its_bound_slightly_is_wrong() -> None:
    """Of one rounding, no formula makes two: where nothing is charged, nothing may be less accurate."""

    def add(x: Array, b: Array) -> Any:
        y, backward = numpy_manual.add(x, b)
        return np.nextafter(y, np.inf), backward

    result = run("mlp_tanh", add=add)
    assert result.verdict == "disagree"
    assert (result.culprits[0].op, result.culprits[0].slight) == ("add", False)
    assert float(result.culprits[0].error) < 4 * float(result.culprits[0].allowed)


def test_a_mistake_is_named_before_a_slight_excess() -> None:
    def add(x: Array, b: Array) -> Any:
        y, backward = numpy_manual.add(x, b)
        return y * y.dtype.type(1.001), backward

    result = run("mlp_tanh", tanh=tanh_off_by(6), add=add)
    assert result.verdict == "disagree"
    assert (result.culprits[0].op, result.culprits[0].slight) == ("add", False)
    slight = [culprit for culprit in result.culprits if culprit.slight]
    assert {culprit.op for culprit in slight} == {"tanh"}
    assert EXPLAINED in message(result)


def test_one_large_excess_among_slight_ones_makes_the_op_wrong() -> None:
    calls = iter(range(1000))

    def tanh(x: Array) -> Any:
        return tanh_off_by(6 if next(calls) < 10 else 1000)(x)

    result = run("mlp_tanh", epochs=8, tanh=tanh)
    assert result.verdict == "disagree"
    forward = next(culprit for culprit in result.culprits if culprit.phase == "forward")
    assert (forward.op, forward.slight, forward.epoch) == ("tanh", False, 1)


def test_slight_excesses_of_runs_that_part_disagree() -> None:
    """Each step may be right; that the runs part has then to be explained, too."""
    result = run("mlp_tanh", dtype="float64", epochs=40, tanh=tanh_off_by(15))
    assert result.first is not None
    assert result.verdict == "disagree"
    assert all(culprit.slight for culprit in result.culprits)
    assert "changed is wrong" not in message(result)


def in_most(name: str) -> bool:
    """Of three quarters of all names, which stay the same ones when others are added."""
    return crc32(name.encode()) % 4 != 0


@pytest.mark.parametrize(
    "mutant",
    [
        pytest.param(mutant, id=mutant.name, marks=pytest.mark.exhaustive if in_most(mutant.name) else pytest.mark.slow)
        for mutant in MUTANTS
        if "float32" in mutant.dtypes
    ],
)
def test_no_mistake_of_the_corpus_passes_for_a_slight_excess(mutant: Mutant) -> None:
    """In float32, where rounding is large; in float64 all of them have to be detected."""
    assert try_mutant(mutant, "float32", {}).verdict != "inconclusive"
