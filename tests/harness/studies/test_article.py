"""Every number of the article, and every one that corrects it, out of trainings by the backends' own `train`.

In strict arithmetic they come out digit for digit; a BLAS that fuses operations differs in the last few bits.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from backends.vocabulary import BUILT_IN
from harness.recording.arrays import draw_arrays
from harness.studies.article_numbers import (
    CORRECTED,
    FLOAT64_LOSSES,
    PRINTED,
    TRUNCATED_LOSSES,
    has_the_digits,
    is_within_ulp,
    significant_digits,
)
from lockstep.pytest_plugin import loaded_or_skipped
from tests.harness.studies.article_runs import (
    ARITHMETICS,
    COMPUTED,
    DRAWS,
    TINY,
    losses_in_float64,
    program,
    prompt,
    value_of,
)

DIGITS_THAT_TELL_EVERY_FLOAT32 = 9
ULP_UNDER_BLAS = 4
COARSER_UNDER_BLAS = ("prompt-squared-error-after-honest-update", (1, 1))
"""One ulp of its y_p, 2.34, is seven of this small squared error."""


def cases(tables: Mapping[str, str], *without: tuple[str, tuple[int, int]]) -> list[Any]:
    """One test case per number, such as `h[0, 1]`."""
    numbers = []
    for item, text_of_item in tables.items():
        for i, row in enumerate(text_of_item.split(" / ")):
            for j, text in enumerate(row.split()):
                name = f"{item}[{i}, {j}]" if " " in text_of_item else item
                if (item, (i, j)) not in without:
                    numbers.append(pytest.param(item, (i, j), text, id=name))
    return numbers


def test_every_item_has_numbers_and_a_way_to_compute_it() -> None:
    assert COMPUTED.keys() == PRINTED.keys() | CORRECTED.keys()
    shapes = {item: np.atleast_2d(compute("strict")).shape for item, compute in COMPUTED.items()}
    assert shapes == {
        item: (len(rows), len(rows[0].split()))
        for item, rows in ((item, text.split(" / ")) for item, text in {**PRINTED, **CORRECTED}.items())
    }


@pytest.mark.parametrize(("item", "index", "text"), cases({**PRINTED, **CORRECTED}))
def test_strict_arithmetic_gives_the_very_digits(item: str, index: tuple[int, int], text: str) -> None:
    """Bit for bit where the text tells the float32; else the same digits."""
    value = value_of(item, index, "strict")
    assert value.dtype == np.float32
    if significant_digits(text) >= DIGITS_THAT_TELL_EVERY_FLOAT32:
        assert value == np.float32(text)
    else:
        assert has_the_digits(value, text)


@pytest.mark.parametrize(("item", "index", "text"), cases({**PRINTED, **CORRECTED}, COARSER_UNDER_BLAS))
def test_blas_is_within_four_units_of_the_last_place(item: str, index: tuple[int, int], text: str) -> None:
    value = value_of(item, index, "blas")
    assert value.dtype == np.float32
    assert is_within_ulp(value, text, ULP_UNDER_BLAS)


def test_blas_is_within_four_units_of_the_last_place_of_y_p_where_the_squared_error_is_coarser() -> None:
    item, index = COARSER_UNDER_BLAS
    (text,) = (case.values[2] for case in cases(CORRECTED) if case.values[:2] == (item, index))
    y_p, y = prompt("blas")[1].values["y_p"][index], DRAWS.data["y"][index]
    printed_y_p = float(y) + (4 * float(text)) ** 0.5
    assert abs(float(y_p) - printed_y_p) <= ULP_UNDER_BLAS * float(np.spacing(y_p))


@pytest.mark.parametrize("arithmetic", ARITHMETICS)
@pytest.mark.parametrize(("epoch", "text"), TRUNCATED_LOSSES.items())
def test_the_losses_in_the_text_are_truncated(epoch: int, text: str, arithmetic: str) -> None:
    loss = program(arithmetic)[epoch - 1].loss
    assert f"{loss:.7f}".startswith(text)
    assert not has_the_digits(loss, text), "this one would be rounded, not truncated"


def test_reseeding_repeats_the_draws() -> None:
    """`np.random.seed(1)` and `randn`, as they were typed, give the scenario's draws, whatever was drawn before."""
    state = np.random.get_state()
    try:
        for _ in range(2):
            np.random.seed(1)
            for array in (*DRAWS.data.values(), *DRAWS.weights.values()):
                np.testing.assert_array_equal(np.random.randn(*array.shape).astype(np.float32), array)
    finally:
        np.random.set_state(state)
    assert list(DRAWS.data) + list(DRAWS.weights) == ["x", "y", "w1", "w2"]
    np.testing.assert_array_equal(draw_arrays(TINY, "float32").data["x"], DRAWS.data["x"])


@pytest.mark.parametrize("name", BUILT_IN)
@pytest.mark.parametrize(
    ("scenario_name", "drawn_in", "epoch", "text"),
    [
        pytest.param(scenario_name, drawn_in, epoch, text, id=f"{scenario_name}-epoch-{epoch}")
        for (scenario_name, drawn_in), losses in FLOAT64_LOSSES.items()
        for epoch, text in losses.items()
    ],
)
def test_float64_losses_have_all_the_digits_in_every_backend(
    scenario_name: str, drawn_in: str, epoch: int, text: str, name: str, pytestconfig: pytest.Config
) -> None:
    backend = loaded_or_skipped(name, required=pytestconfig.getoption("--require-backends"))
    assert has_the_digits(losses_in_float64(backend, scenario_name, drawn_in)[epoch - 1], text)
