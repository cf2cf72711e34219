"""`lockstep list`: which scenarios, ops and backends there are, as tables and as JSON."""

import csv
import json
import re
from pathlib import Path

from tests.lockstep.commands.commands import Lockstep

RELU = "y = max(x, 0), element by element; the gradient at exactly 0 is 0, as in the frameworks.".split()  # noqa: SIM905


def test_list_shows_which_backend_has_which_op(lockstep: Lockstep) -> None:
    answer = lockstep("list")
    assert answer.exit_code == 0
    for name in ("two_layer_tiny", "digits", "residual_shared", "backends.chainer_autograd"):
        assert name in answer.stdout
    (row,) = (line.split() for line in answer.stdout.splitlines() if " relu " in line)
    start = row.index("relu")
    assert row[start : start + 4 + len(RELU)] == ["relu", "yes", "yes", "yes", *RELU]
    assert re.search(r"\w+, \w+ and \d+ more$", " ".join(row))


def test_list_shows_one_family_or_one_kind_of_thing(lockstep: Lockstep) -> None:
    losses = lockstep("list", "--family", "label_losses").stdout
    assert "softmax_cross_entropy" in losses
    assert "relu" not in losses.split()
    scenarios = lockstep("list", "scenarios", "--family", "two_layer").stdout
    assert [line.split()[-1 if line.startswith(" ") else 1][:9] for line in scenarios.splitlines()[2:3]] == [
        "two_layer"
    ]
    assert "backends." not in scenarios
    wrong = lockstep("list", "--family", "label_loses")
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "there is no family 'label_loses'; did you mean 'label_losses'?" in wrong.stderr


def test_list_names_the_optimizers_of_groups(lockstep: Lockstep) -> None:
    table = lockstep("list", "scenarios", "--family", "steps", "--format", "csv").stdout
    trained_by = {row["scenario"]: row["trained by"] for row in csv.DictReader(table.splitlines())}
    assert trained_by["two_optimizers"] == "momentum, adagrad for table, step_decay"
    assert trained_by["gradual_unfreezing"] == "adam"


def test_list_writes_json(lockstep: Lockstep, tmp_path: Path) -> None:
    document = json.loads(lockstep("list", "--json").stdout)
    assert document.keys() == {"scenarios", "ops", "backends"}
    ops = [op for op in document["ops"] if op["kind"] == "op"]
    assert len([op for op in ops if op["backends"] == ["numpy", "chainer", "torch"]]) >= 60
    assert len(document["scenarios"]) >= 40
    assert {"name": "numpy", "module": "backends.numpy_manual", "installed": True} in document["backends"]
    assert {op["kind"] for op in document["ops"]} == {"op", "optimizer", "average", "clipping", "schedule", "decay"}
    users = {op["name"]: op["scenarios"] for op in document["ops"]}
    assert {"two_layer", "two_layer_tiny", "digits"} <= set(users["relu"])
    assert "two_layer" not in users["softmax_cross_entropy"]
    assert "trained_by_adamw" in users["adamw"]
    by_name = {each["name"]: each for each in document["scenarios"]}
    assert by_name["biases_not_decayed"]["groups"] == [{"weights": ["b1"], "settings": {"weight_decay": 0.0}}]
    assert by_name["biases_not_decayed"]["settings"]["b1.weight_decay"] == 0.0
    assert by_name["decayed"]["groups"] == []
    of_table = {"weights": ["table"], "optimizer": "adagrad", "settings": {"lr": 0.1, "eps": 1e-8}}
    assert by_name["two_optimizers"]["groups"] == [of_table]
    assert lockstep("list", "--json", tmp_path / "all.json").stdout == ""
    assert json.loads((tmp_path / "all.json").read_text()) == document
