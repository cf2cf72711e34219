"""`lockstep names`: the table, one name, every format, the proofs, and what is wrong."""

import json
import subprocess
import sys

import pytest

from harness.studies import names
from harness.studies.names import table
from tests.lockstep.commands.commands import Lockstep


def test_the_whole_table_is_listed_without_a_framework() -> None:
    code = (
        "import sys; from lockstep.command_line import command_line\n"
        "command_line(['names'], standalone_mode=False)\n"
        "assert not {'chainer', 'torch'} & sys.modules.keys()"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    listed = [row.split()[0] for row in answer.stdout.splitlines() if row.startswith(("functions.", "links.", "optim"))]
    assert listed == [line.name.removeprefix("chainer.") for line in table()]


def test_one_name_is_shown_with_all_that_is_known(lockstep: Lockstep) -> None:
    answer = lockstep("names", "F.max_pooling_2d")
    assert (answer.exit_code, answer.stderr) == (0, "")
    assert answer.stdout.splitlines()[0] == "chainer.functions.max_pooling_2d (function): differs"
    assert "nn.functional.max_pool2d(x, 2, ceil_mode=True)" in answer.stdout
    assert "lockstep differences max_pooling_cover_all" in answer.stdout


@pytest.mark.parametrize(("table_format", "begins"), [("github", "### From"), ("html", "<table>"), ("csv", "Chainer,")])
def test_the_table_comes_in_every_format(lockstep: Lockstep, table_format: str, begins: str) -> None:
    answer = lockstep("names", "--kind", "hook", "--format", table_format)
    assert answer.exit_code == 0
    assert answer.stdout.startswith(begins)
    assert answer.stdout.count("optimizer_hooks.WeightDecay") >= 1


def test_json_holds_every_field(lockstep: Lockstep) -> None:
    (line,) = json.loads(lockstep("names", "L.Linear", "--format", "json").stdout)
    assert line["name"] == "chainer.links.Linear"
    assert line["weights"] == {"weight": "W", "bias": "b"}
    assert (line["status"], line["unproven"]) == ("identical", None)


def test_check_counts_what_is_proven(lockstep: Lockstep) -> None:
    answer = lockstep("names", "F.tanh", "--check")
    assert answer.exit_code == 0
    assert answer.stdout.splitlines()[2].split() == ["functions", "1", "1", "0", "0", "1", "0", "0"]


def test_check_fails_on_a_line_that_is_not_true(lockstep: Lockstep, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "MATCHES", -1.0)
    answer = lockstep("names", "F.tanh", "--check")
    assert answer.exit_code == 1
    assert "failed: chainer.functions.tanh: torch.tanh(x) is off" in answer.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["names", "F.rellu"], "there is no name 'F.rellu'; did you mean 'relu'?"),
        (["names", "F.foo"], "there is no name 'F.foo'; `lockstep names` shows what there is"),
        (["map", "--op", "nothing"], "there is no op 'nothing'; `lockstep list ops` shows what there is"),
        (["names", "F.nothing"], "there is no name 'F.nothing'; `lockstep names` shows what there is"),
        (["names", "Adam", "--kind", "link"], "Adam is no link; leave --kind out"),
        (["names", "--check", "--format", "json"], "--check counts proofs"),
        (["map", "--op", "F.cholesky"], "Lockstep has no op for F.cholesky; `lockstep names F.cholesky` says"),
    ],
)
def test_what_is_wrong_is_said(lockstep: Lockstep, arguments: list[str], said: str) -> None:
    answer = lockstep(*arguments)
    assert answer.exit_code == 2
    assert said in answer.stderr


def test_a_name_without_a_difference_shows_its_line(lockstep: Lockstep) -> None:
    answer = lockstep("differences", "F.cholesky")
    assert answer.exit_code == 0
    assert answer.stdout.startswith("No difference is known of F.cholesky.\n\nchainer.functions.cholesky (function)")


def test_a_name_with_several_differences_shows_their_table(lockstep: Lockstep) -> None:
    answer = lockstep("differences", "L.BatchNormalization")
    assert answer.exit_code == 0
    assert {"batch_normalization_decay", "batch_normalization_eps"} <= {
        row.split()[0] for row in answer.stdout.splitlines() if row
    }


def test_map_shows_an_op_by_a_name_of_chainer(lockstep: Lockstep) -> None:
    assert "def max_pool2d(" in lockstep("map", "--op", "F.max_pooling_2d").stdout
