"""Long lines of an exported program are broken inside their brackets, and mean the same."""

import ast

import pytest

from reports.export.wrapping import wrapped
from reports.source.spans import WIDTH

NAMES = ", ".join(f"weight_of_layer_{number}" for number in range(8))


@pytest.mark.parametrize(
    "line",
    [
        f"y = layers(x, h, {NAMES}, number_of_layers=2)",
        f"flat = [each for w_x, w_h in cells(({NAMES}), 2) for each in (w_x.T, w_h.T, np.zeros_like(w_h))]",
        f"total = sum(weight * weight for weight in ({NAMES}))",
        f"({NAMES}), back = layers(x, h, c, {NAMES}, number_of_layers=2)",
        f"{NAMES} = grad_weights",
        f'print("a word for it", {NAMES})',
    ],
)
def test_a_long_line_is_broken_and_means_the_same(line: str) -> None:
    broken = wrapped(f"    {line}")
    assert max(map(len, broken.split("\n"))) <= WIDTH
    assert len(broken.split("\n")) > 1
    assert ast.dump(ast.parse(broken.strip())) == ast.dump(ast.parse(line))
