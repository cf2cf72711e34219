"""The docstring of an op is taken apart into its equation, its details and its derivation."""

import pytest

from backends import numpy_manual
from backends.documentation import documentation, without_derivation
from harness.studies.lab.questions import explanation_of
from reports.source.source import read_backend

DOCSTRING = """y = 2·x.

    x (any shape) → y (the same).  ∂L/∂x = 2·∂L/∂y
    (a book).

    Why:
        axis = 0
        y[i] = 2·x[i]
        ∂L/∂x[i] = ∂L/∂y[i]·∂y[i]/∂x[i]
        = 2·∂L/∂y[i]
        (I) → (I)
        grad_x = 2 * grad_y
    """


def test_the_parts_of_a_docstring() -> None:
    said = documentation(DOCSTRING)
    assert said.equation == "y = 2·x."
    assert said.details == "x (any shape) → y (the same). ∂L/∂x = 2·∂L/∂y (a book)."
    assert said.derivation is not None
    assert [line.kind for line in said.derivation.lines] == ["case", "indices", "indices", "shapes", "matrix"]
    assert said.derivation.lines[2].sides == ("∂L/∂x[i]", "∂L/∂y[i]·∂y[i]/∂x[i]", "2·∂L/∂y[i]")
    assert said.derivation.of("x") == said.derivation.lines
    assert said.derivation.of("y") == ()


def test_what_one_gradient_is_derived_from_comes_with_it() -> None:
    derivation = documentation(numpy_manual.lstm.__doc__ or "").derivation
    assert derivation is not None
    of_w_x = [line.text for line in derivation.of("w_x")]
    assert any(line.startswith("∂L/∂cell[n,j] =") for line in of_w_x)
    assert not any(line.startswith("∂L/∂x[n,d] =") for line in of_w_x)
    assert of_w_x[-1] == "grad_w_x = x.T @ grad_a"


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("        grad_x = 2 * grad_y\n", "", "a derivation ends with `grad_… = …`"),
        ("∂L/∂x[i] =", "∂L/∂z[i] =", "no line that begins with ∂L/∂x"),
    ],
)
def test_a_derivation_of_another_form_is_refused(right: str, wrong: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        documentation(DOCSTRING.replace(right, wrong))


def test_a_function_of_ones_own_may_say_why_in_another_form() -> None:
    def op() -> None:
        """y = x.

        x (N,) → y (N,), the same.

        Why:
            because
        """

    said = explanation_of(op)
    assert (said.equation, said.shapes, said.derivation) == ("y = x.", "x (N,) → y (N,), the same.", None)


def test_source_without_its_derivation_is_the_rest() -> None:
    texts = read_backend("backends.numpy_manual").texts
    without = without_derivation(texts["matmul"])
    assert "Why:" not in without
    assert 'et al., Deep Learning, 6.5.6).\n    """\n' in without
    assert without_derivation(without) == without
