"""`lockstep lab`: starters, points, hints, exit codes, and what stays hidden."""

import inspect
import json
from pathlib import Path

import msgspec
import pytest

from backends import numpy_manual
from backends.documentation import documentation
from harness.studies.lab.document import SCHEMA, LabDocument
from tests.lockstep.commands.commands import Lockstep

RIGHT = """
import numpy as np


def relu(x):
    return np.maximum(x, 0), lambda grad_y: (np.where(x > 0, grad_y, 0),)
"""
WRONG = RIGHT.replace("x > 0", "x >= 0")
MEAN = """
import numpy as np


def softmax_cross_entropy(x, t):
    print("in the student's code")
    largest = x.max(axis=1, keepdims=True)
    p = np.exp(x - largest) / np.exp(x - largest).sum(axis=1, keepdims=True)
    n = len(t)

    def backward(grad_loss):
        grad = p.copy()
        grad[np.arange(n), t] -= 1
        return grad * grad_loss, None

    z = x - largest
    return -np.mean((z - np.log(np.exp(z).sum(axis=1, keepdims=True)))[np.arange(n), t]), backward
"""


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("mine.py")


def test_a_starter_is_written_and_then_graded(lockstep: Lockstep, mine: Path) -> None:
    answer = lockstep("lab", "new", "relu", "softmax", "-o", mine)
    assert (answer.exit_code, answer.stdout, answer.stderr) == (0, "", "")
    answer = lockstep("lab", "check", mine)
    assert answer.exit_code == 1
    assert answer.stdout.splitlines()[0].startswith("mine.py: ")
    assert "backward: grad_x is not written yet" in answer.stdout
    mine.write_text(mine.read_text().replace("grad_x = ...", "grad_x = np.where(x > 0, grad_y, 0)", 1))
    answer = lockstep("lab", "check", mine, "--only", "relu")
    assert (answer.exit_code, answer.stderr) == (0, "")


def test_without_a_file_a_starter_goes_to_stdout(lockstep: Lockstep) -> None:
    answer = lockstep("lab", "new", "relu", "--forward")
    assert answer.exit_code == 0
    assert "    y = ...\n" in answer.stdout


def test_a_file_is_replaced_only_if_asked(lockstep: Lockstep, mine: Path) -> None:
    mine.write_text("my work\n")
    answer = lockstep("lab", "new", "relu", "-o", mine)
    assert (answer.exit_code, mine.read_text()) == (2, "my work\n")
    assert answer.stderr == "lockstep: mine.py is there already; name another file, or replace it with --force\n"
    assert lockstep("lab", "new", "relu", "-o", mine, "--force").exit_code == 0
    assert "def relu(x):" in mine.read_text()


@pytest.mark.parametrize("command", [("new", "sofmax"), ("check", "mine.py", "--only", "sofmax")])
def test_an_unknown_op_is_refused_with_one_that_is_near(
    command: tuple[str, ...], lockstep: Lockstep, mine: Path
) -> None:
    mine.write_text(RIGHT)
    answer = lockstep("lab", *command)
    assert answer.exit_code == 2
    assert answer.stderr == "lockstep: there is no op 'sofmax'; did you mean 'softmax'?\n"


@pytest.mark.parametrize(("source", "code"), [(RIGHT, 0), (WRONG, 1)])
def test_the_exit_code_says_whether_all_is_right(source: str, code: int, lockstep: Lockstep, mine: Path) -> None:
    mine.write_text(source)
    answer = lockstep("lab", "check", mine)
    assert (answer.exit_code, answer.stderr) == (code, "")
    assert "Traceback" not in answer.stdout


@pytest.mark.parametrize(
    ("source", "code", "says"),
    [
        (None, 2, "file mine.py does not exist"),
        ("def relu(x:\n", 2, "file mine.py, line 1, does not parse"),
        ("x = 1\n", 2, "mine.py defines no op: `lockstep lab new` writes a file to begin with"),
        ("def sofmax(x):\n    return x\n", 2, "mine.py defines no op: sofmax is no op; did you mean 'softmax'?"),
        ("from backends.numpy_manual import relu\n", 2, "mine.py defines no op"),
        ("1 / 0\n", 5, "file mine.py, line 1, raised ZeroDivisionError"),
        ("import sys\nsys.exit(0)\n", 5, "file mine.py, line 2, called sys.exit(0)"),
        ("import nothing_of_the_kind\n", 2, "can't be imported"),
    ],
)
def test_a_file_that_can_not_be_graded_ends_in_one_line(
    source: str | None, code: int, says: str, lockstep: Lockstep, mine: Path
) -> None:
    if source is not None:
        mine.write_text(source)
    answer = lockstep("lab", "check", mine)
    assert (answer.exit_code, answer.stdout) == (code, "")
    assert says in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


def test_a_file_that_is_no_python_is_refused(lockstep: Lockstep, mine: Path) -> None:
    Path("notes.txt").write_text("relu")
    answer = lockstep("lab", "check", "notes.txt")
    assert (answer.exit_code, answer.stderr) == (
        2,
        "lockstep: notes.txt is no Python file: its name must end in .py\n",
    )
    assert lockstep("lab", "check", ".").exit_code == 2


def test_a_file_may_be_in_another_encoding(lockstep: Lockstep, mine: Path) -> None:
    mine.write_bytes(f"# -*- coding: latin-1 -*-\n# \xe9{WRONG}".encode("latin-1"))
    answer = lockstep("lab", "check", mine)
    assert answer.exit_code == 1
    assert "mine.py:7  return np.maximum(x, 0)" in answer.stdout


def test_an_op_that_ends_the_process_costs_its_points_alone(lockstep: Lockstep, mine: Path) -> None:
    mine.write_text(f"import os\n{RIGHT}\n\ndef tanh(x):\n    os._exit(3)\n")
    answer = lockstep("lab", "check", mine, "--json", "-")
    relu, tanh = json.loads(answer.stdout)["ops"]
    assert answer.exit_code == 1
    assert (relu["points"], tanh["points"]) == (relu["of"], 0)
    assert tanh["mistakes"][0]["text"] == "called os._exit(3)"


def test_an_op_that_takes_too_long_is_given_up_on(lockstep: Lockstep, mine: Path) -> None:
    mine.write_text("def relu(x):\n    while True:\n        pass\n")
    answer = lockstep("lab", "check", mine, "--timeout", "0.05", "--dtype", "float32")
    assert answer.exit_code == 1
    assert "forward: took more than 0.05 s" in answer.stdout


def test_json_is_a_document_for_autograders(lockstep: Lockstep, mine: Path) -> None:
    mine.write_text(MEAN)
    answer = lockstep("lab", "check", mine, "--json", "-", "--only", "softmax_cross_entropy", "--only", "relu")
    document = msgspec.json.decode(answer.stdout, type=LabDocument)
    assert (document.schema, document.file) == (SCHEMA, "mine.py")
    entropy, relu = document.ops
    assert (relu.line, relu.points, relu.mistakes[0].text) == (None, 0, "mine.py defines no relu")
    assert document.points == entropy.points == sum(cell.right for cell in entropy.cells)
    assert document.of == len(entropy.cells) + len(relu.cells)
    (mistake,) = entropy.mistakes
    assert (mistake.tensor, mistake.phase, mistake.kind) == ("grad_x", "backward", "value")
    assert mistake.source == "return grad * grad_loss, None"
    assert mistake.cause.startswith("got is 4 times want: 4 is the number of rows of x")
    assert "in the student's code" in answer.stderr


def test_json_can_go_to_a_file_beside_the_text(lockstep: Lockstep, mine: Path) -> None:
    mine.write_text(WRONG)
    answer = lockstep("lab", "check", mine, "--json", "points.json")
    assert json.loads(Path("points.json").read_text())["points"] < json.loads(Path("points.json").read_text())["of"]
    assert answer.stdout.startswith("mine.py: ")


@pytest.mark.parametrize("shape", [(), ("--format", "html"), ("--json", "-")], ids=["text", "html", "json"])
def test_the_hand_written_op_stays_hidden_until_it_is_asked_for(
    shape: tuple[str, ...], lockstep: Lockstep, mine: Path
) -> None:
    mine.write_text(MEAN)
    source = inspect.getsource(numpy_manual.softmax_cross_entropy)
    secret = "grad_loss * grad_x / len(t)"
    assert secret in source
    hidden = lockstep("lab", "check", mine, *shape).stdout
    for leak in (secret, "label_losses.py", "log_p", "shifted", "rows, t"):
        assert leak not in hidden
    shown = lockstep("lab", "check", mine, *shape, "--solution").stdout
    assert secret in shown


def test_hints_come_by_degree(lockstep: Lockstep, mine: Path) -> None:
    mine.write_text(MEAN)
    texts = [lockstep("lab", "check", mine, "--hint", degree).stdout for degree in range(4)]
    for degree, text in enumerate(texts):
        assert [f"hint {number}:" in text for number in (1, 2, 3)] == [number <= degree for number in (1, 2, 3)]
    assert "hint 1: grad_x has the shape of x, (4, 5)." in texts[1]
    assert "hint 2: grad_x[0, 0] depends on grad_loss, x[0, 0]" in texts[2]
    assert "∂loss/∂x" not in texts[2]
    assert "hint 3: ∂loss/∂x = (softmax(x) − onehot(t)) / N" in texts[3]
    assert "--hint 1, 2 or 3 says more" in texts[0]


def test_the_last_hint_says_why_without_the_line_of_numpy(lockstep: Lockstep, mine: Path) -> None:
    mine.write_text(MEAN)
    texts = [lockstep("lab", "check", mine, "--hint", degree).stdout for degree in (2, 3)]
    for line in documentation(numpy_manual.softmax_cross_entropy.__doc__ or "").derivation.lines:  # type: ignore[union-attr]
        assert line.text not in texts[0]
        assert (" ".join(line.text.split()) in " ".join(texts[1].split())) == (line.kind != "matrix")


def test_a_backward_that_raises_is_told_how_all_gradients_come_about(lockstep: Lockstep, mine: Path) -> None:
    mine.write_text(
        "def matmul(x, w):\n    def backward(grad_y):\n        return grad_y @ w.T, x @ grad_y\n\n"
        "    return x @ w, backward\n"
    )
    text = lockstep("lab", "check", mine, "--hint", "3").stdout
    assert "∂L/∂w[d,h] = Σ_n" in text
    assert "∂L/∂x[n,d] = Σ_h" in text
    assert "x.T @ grad_y" not in text


def test_a_page_is_written(lockstep: Lockstep, mine: Path) -> None:
    mine.write_text(WRONG)
    answer = lockstep("lab", "check", mine, "--format", "html", "--lang", "ja", "-o", "page.html")
    assert (answer.exit_code, answer.stdout) == (1, "")
    page = Path("page.html").read_text(encoding="utf-8")
    assert page.startswith('<!doctype html>\n<html lang="ja"')
    assert "maximum" in page


def test_a_page_and_the_points_are_written_by_one_command(lockstep: Lockstep, mine: Path) -> None:
    mine.write_text(WRONG)
    answer = lockstep("lab", "check", mine, "--format", "html", "-o", "page.html", "--json", "-")
    assert json.loads(answer.stdout)["schema"] == SCHEMA
    assert Path("page.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_misspelt_op_is_said_beside_the_others(lockstep: Lockstep, mine: Path) -> None:
    mine.write_text(f"{RIGHT}\n\ndef sofmax(x):\n    return x\n")
    answer = lockstep("lab", "check", mine)
    assert "  sofmax is no op; did you mean 'softmax'?" in answer.stdout.splitlines()
