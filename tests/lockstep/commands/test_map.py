"""`lockstep map`: one op, one op of a scenario, and the page."""

import html
import re
from pathlib import Path

import pytest

from tests.lockstep.commands.commands import Lockstep


def test_map_shows_an_op_with_its_formula(lockstep: Lockstep) -> None:
    answer = lockstep("map", "--op", "relu")
    assert answer.exit_code == 0
    assert answer.stdout.count("def relu(") == 3
    assert "y = max(x, 0)" in answer.stdout


def test_map_of_one_op_of_a_scenario_has_its_lines_and_its_source(lockstep: Lockstep) -> None:
    answer = lockstep("map", "two_layer", "--op", "relu")
    assert answer.exit_code == 0
    assert "h_r = F.relu(h)" in answer.stdout
    assert "F.matmul" not in answer.stdout
    assert answer.stdout.count("def relu(") == 3


@pytest.mark.parametrize("op_format", ["text", "github", "html"])
def test_map_of_an_op_says_why_in_every_format(lockstep: Lockstep, op_format: str) -> None:
    answer = lockstep("map", "--op", "matmul", "--format", op_format)
    assert answer.exit_code == 0
    text = html.unescape(answer.stdout)
    assert text.count("∂L/∂w[d,h] = Σ_n ∂L/∂y[n,h]·∂y[n,h]/∂w[d,h] = Σ_n x[n,d]·∂L/∂y[n,h]") == 1
    assert text.count("grad_w = x.T @ grad_y") == 1
    assert "Goodfellow et al., Deep Learning, 6.5.6" in text
    assert [text.count(title) for title in ("NumPy", "Chainer", "PyTorch")] == [1, 1, 1]


def test_an_optimizer_has_no_derivation(lockstep: Lockstep) -> None:
    answer = lockstep("map", "--op", "sgd", "--format", "github")
    assert answer.exit_code == 0
    assert "Why" not in answer.stdout


def test_a_page_is_of_one_thing(lockstep: Lockstep) -> None:
    answer = lockstep("map", "two_layer", "--op", "relu", "--format", "html")
    assert answer.exit_code == 2
    assert "a page shows one map or one op, and not two_layer and relu" in answer.stderr


def test_map_is_written_as_a_page(lockstep: Lockstep, tmp_path: Path) -> None:
    assert lockstep("map", "two_layer", "--format", "html", "--output", tmp_path / "map.html").exit_code == 0
    assert (tmp_path / "map.html").read_text().startswith("<!doctype html>")


def test_map_is_a_table_for_latex(lockstep: Lockstep) -> None:
    answer = lockstep("map", "two_layer", "--format", "latex")
    assert answer.exit_code == 0
    note, begin, *_, end = answer.stdout.splitlines()
    assert "\\usepackage{booktabs}" in note
    assert (begin, end) == (r"\begin{tabular}{lllll}", r"\end{tabular}")
    rows = [line for line in answer.stdout.splitlines() if line.startswith(("op.", "optimizer", "loop"))]
    (relu,) = [row for row in rows if row.startswith("op.relu")]
    assert relu == (
        r"op.relu & \texttt{h\_r = np.maximum(h, 0)} & "
        r"\texttt{grad\_h = np.where(h \ensuremath{>} 0, grad\_h\_r, 0)} & "
        r"\texttt{h\_r = F.relu(h)} & \texttt{h\_r = F.relu(h)} \\"
    )
    for row in rows:
        flat = re.sub(r"\\begin\{tabular\}.*?\\end\{tabular\}", "", row)
        assert flat.count(" & ") == 4
        assert row.count("{") == row.count("}")
        assert not re.search(r"(?<!\\)[_#%$]", row)


def test_latex_has_no_table_for_a_source(lockstep: Lockstep) -> None:
    answer = lockstep("map", "--op", "relu", "--format", "latex")
    assert answer.exit_code == 2
    assert "for which LaTeX has no table" in answer.stderr
