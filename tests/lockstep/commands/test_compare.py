"""`lockstep compare`: what it prints, writes and exits with."""

import json
from pathlib import Path

import pytest

from tests.lockstep.commands.commands import Lockstep

FILE = """
import lockstep
from tests.harness.comparing.networks import article_network as network

chain = network.in_chainer()
by_hand = lockstep.Training(step=network.train, weights=network.weights())
slip = lockstep.Training(step=network.step, weights=network.weights())
right = lockstep.Comparison(by_hand, chain, network.batches(), updates=3)
wrong = lockstep.Comparison(slip, chain, network.batches(), updates=3)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_every_comparison_of_a_file_is_made(lockstep: Lockstep, file: Path) -> None:
    answer = lockstep("compare", file)
    assert answer.exit_code == 1
    right, wrong = answer.stdout.strip().split("\n\n")
    assert right.startswith("right: code (numpy) | ReadersChain (chainer): agree\n")
    assert wrong.startswith(
        "wrong: code (numpy) | ReadersChain (chainer): disagree: the gradient of W1 | l1.W is wrong"
    )


def test_what_is_compared_is_kept_when_a_later_model_fails(lockstep: Lockstep, file: Path, tmp_path: Path) -> None:
    fails = (
        "\nwrong = lockstep.Comparison(lockstep.Training(step=lambda *batch: 1 / 0, weights=network.weights()), chain, "
        "network.batches())\n"
    )
    file.write_text(FILE + fails, encoding="utf-8")
    answer = lockstep("compare", file, "--json", tmp_path / "outcomes.json")
    assert answer.exit_code == 5
    assert answer.stdout.startswith("right: code (numpy) | ReadersChain (chainer): agree\n")
    early, error = answer.stderr.splitlines()
    assert early == "lockstep: stopped early; outcomes are those of right"
    assert error.startswith("lockstep: wrong: left: its code")
    assert "ZeroDivisionError" in error
    assert [each["name"] for each in json.loads((tmp_path / "outcomes.json").read_text())["outcomes"]] == ["right"]


ENTRIES = """
import torch
import lockstep
from tests.harness.comparing.networks import mlp

chain, module = mlp.ChainerMLP, mlp.TorchMLP
by_sgd = lockstep.Comparison(
    mlp.in_chainer(mlp.chainer.optimizers.SGD(lr=0.1)),
    mlp.in_torch(module(), torch.optim.SGD, lr=0.1),
    mlp.batches(),
    updates=1,
)
by_adam = lockstep.Comparison(
    mlp.in_chainer(mlp.chainer.optimizers.Adam()), mlp.in_torch(module(), torch.optim.Adam), mlp.batches(), updates=1
)
"""


def test_entries_that_several_comparisons_share_are_listed_once(lockstep: Lockstep, tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(ENTRIES, encoding="utf-8")
    said = lockstep("compare", path).stdout
    assert said.count("initial_weights") == 1
    by_sgd, by_adam, entries = said.strip().split("\n\n")
    assert "(see `lockstep differences adam_eps`)" in by_adam
    assert "  see `lockstep differences`" not in by_sgd + by_adam
    assert entries.splitlines() == [
        "all: see `lockstep differences` softmax_cross_entropy_all_ignored, initial_weights",
        "by_sgd: see `lockstep differences` sgd_learning_rate",
        "by_adam: see `lockstep differences` adam_eps",
    ]
    alone = lockstep("compare", f"{path}:by_adam").stdout
    assert "\n  see `lockstep differences` adam_eps, softmax_cross_entropy_all_ignored, initial_weights\n" in alone


def test_no_certify_compares_only_and_o_names_the_output(lockstep: Lockstep, tmp_path: Path) -> None:
    path, output = tmp_path / "mine.py", tmp_path / "said.txt"
    path.write_text(ENTRIES, encoding="utf-8")
    assert lockstep("compare", f"{path}:by_sgd", "-o", output).stdout == ""
    assert "left: 6 calls certified by" in output.read_text(encoding="utf-8")
    assert "left: 6 calls compared, none certified" in lockstep("compare", f"{path}:by_sgd", "--no-certify").stdout


def test_one_is_chosen_by_its_name(lockstep: Lockstep, file: Path) -> None:
    assert lockstep("compare", f"{file}:right").exit_code == 0
    answer = lockstep("compare", f"{file}:rigth")
    assert answer.exit_code == 2
    assert answer.stderr == f"lockstep: {file} has no comparison 'rigth'; did you mean 'right'?\n"


def test_outcomes_are_written_as_json_and_tables(lockstep: Lockstep, file: Path, tmp_path: Path) -> None:
    output = tmp_path / "outcomes.json"
    assert lockstep("compare", f"{file}:wrong", "--json", output).exit_code == 1
    document = json.loads(output.read_text(encoding="utf-8"))
    assert document["schema"] == "lockstep.comparison/1"
    (outcome,) = document["outcomes"]
    assert (outcome["name"], outcome["verdict"], outcome["findings"][0]["kind"]) == ("wrong", "disagree", "backward")
    assert json.loads(lockstep("compare", f"{file}:wrong", "--json", "-").stdout) == document
    rows = json.loads(lockstep("compare", file, "--format", "json").stdout)
    assert [(row["comparison"], row["verdict"], row["weights"]) for row in rows] == [
        ("right", "agree", "2 of 2"),
        ("wrong", "disagree", "1 of 2"),
    ]
    assert "W1 \\| l1.W is wrong" in lockstep("compare", file, "--format", "github").stdout


@pytest.mark.parametrize(
    ("source", "code", "message"),
    [
        ("x = 1\n", 2, "defines no comparison; write one as port = lockstep.Comparison(left, right, batches=[(x, t)])"),
        ("import lockstep\nlockstep.Training()\n", 2, "line 2: Training(...) needs a model and its loss"),
        ("import lockstep\n1 / 0\n", 5, "raised ZeroDivisionError"),
        ("import missing_module\n", 2, "can't be imported: No module named 'missing_module'"),
    ],
)
def test_a_file_that_can_not_be_compared(
    lockstep: Lockstep, tmp_path: Path, source: str, code: int, message: str
) -> None:
    path = tmp_path / "mine.py"
    path.write_text(source, encoding="utf-8")
    answer = lockstep("compare", path)
    assert answer.exit_code == code
    assert message in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_file_that_is_none(lockstep: Lockstep, tmp_path: Path) -> None:
    assert "does not exist" in lockstep("compare", tmp_path / "none.py").stderr
    assert "is no Python file; write FILE.py or FILE.py:NAME" in lockstep("compare", "mine").stderr
