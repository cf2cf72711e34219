"""`lockstep run`, and `explain` of what it saved: what they print where, in which format, with which exit code."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from harness.recording.catalogue import DEFAULT_SCENARIOS, built_in_scenarios
from tests.lockstep.commands.commands import TINY, Lockstep
from tests.sources import NO_MASK

SCENARIOS = """
from scenarios import param, randn, scenario, sgd

def regression(op, x, y, w):
    return op.mean_squared_error(op.matmul(x, w), y)

draws = dict(x=randn(8, 3), y=randn(8, 1), w=param(3, 1))

@scenario(seed=1, epochs=4, optimizer=sgd(lr=0.1), **draws)
def one(op, x, y, w):
    return regression(op, x, y, w)

@scenario(seed=2, epochs=4, optimizer=sgd(lr=0.1), **draws)
def other(op, x, y, w):
    return regression(op, x, y, w)
"""


@pytest.fixture
def broken(tmp_path: Path) -> str:
    path = tmp_path / "broken.py"
    path.write_text(NO_MASK)
    return f"broken={path}"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(SCENARIOS)
    return path


def documents(answer: Any) -> list[dict[str, Any]]:
    """The results in a `--json -` answer."""
    results: list[dict[str, Any]] = json.loads(answer.stdout)["results"]
    return results


def test_agreement_exits_0_with_a_verdict_and_a_table(lockstep: Lockstep) -> None:
    answer = lockstep(*TINY)
    assert answer.exit_code == 0
    assert answer.stderr == ""
    verdict, certified, _, *table = answer.stdout.splitlines()
    assert verdict == "two_layer_tiny float32: agree (numpy, chainer and torch, 5 epochs, seed 1)"
    assert certified == "  certified: 165 checks in 5 updates, 0 failed, 0 suspect, 0 unchecked"
    assert table[0].startswith("Largest deviations from numpy, relative to its tensor's largest element")
    assert [line.split()[0] for line in table[4:7]] == ["numpy", "chainer", "torch"]
    assert [line.split()[1][:6] for line in table[4:7]] == ["1.4116"] * 3


def test_a_disagreement_exits_1_and_names_the_op(lockstep: Lockstep, broken: str) -> None:
    answer = lockstep(*TINY, "--backend", broken)
    assert answer.exit_code == 1
    headline, *source = answer.stdout.splitlines()
    assert "disagree: broken: relu backward, call h_r, epoch 1, grad_h[0, 0], got 0.2439" in headline
    place = next(i for i, line in enumerate(source) if line.startswith("  broken.py:"))
    assert place <= 1
    assert "np.where(x > 0, grad_y, 0)" not in answer.stdout
    shown = lockstep(*TINY, "--backend", broken, "--solution").stdout
    assert "            return (np.where(x > 0, grad_y, 0),)" in shown.splitlines()
    assert "first over its allowance: broken's grad_w1[0, 0] at epoch 1" in answer.stdout


def test_explain_writes_out_the_wrong_element(lockstep: Lockstep, broken: str, tmp_path: Path) -> None:
    saved = tmp_path / "run.json"
    shown = lockstep(*TINY, "--backend", broken, "--json", saved, "--explain").stdout
    again = lockstep("explain", saved)
    assert again.exit_code == 0
    findings = again.stdout.split("\n\n", 1)[1]
    assert shown.endswith(findings)
    assert shown.count("certified: ") == 1
    assert "where(h[0, 0] > 0, grad_h_r[0, 0], 0) = where(-1.12623584 > 0, 0.243918657, 0) = 0" in again.stdout
    assert "got is the other branch, grad_h_r[0, 0]" in again.stdout
    assert "numerical differentiation gives 0" in again.stdout


def test_explain_says_how_sharp_the_checks_of_a_right_run_are(lockstep: Lockstep, tmp_path: Path) -> None:
    saved = tmp_path / "run.json"
    lockstep(*TINY, "--json", saved)
    rows = [line.split() for line in lockstep("explain", saved).stdout.splitlines()]
    assert ["relu", "forward", "any", "0%", "-"] in rows
    (matmul,) = (row for row in rows if row[:2] == ["matmul", "forward"])
    assert 1e-8 < float(matmul[2]) < 1e-5
    assert 0 < float(matmul[3].rstrip("%")) <= 100
    lockstep(*TINY, "--no-certify", "--json", saved)
    assert "no op was certified in this run" in lockstep("explain", saved).stdout


def test_without_certificates_it_says_where_runs_part(lockstep: Lockstep, broken: str) -> None:
    answer = lockstep(*TINY, "--backend", broken, "--no-certify")
    assert answer.exit_code == 1
    assert "disagree: broken's grad_w1[0, 0] at epoch 1" in answer.stdout.splitlines()[0]
    assert "runs part at relu backward, call h_r, epoch 1" in answer.stdout
    assert "certified" not in answer.stdout


def test_every_third_update_the_first_three_and_the_last_are_certified(lockstep: Lockstep) -> None:
    answer = lockstep("run", "two_layer_tiny", "--epochs", 10, "--certify", 3)
    # Updates 1, 2, 3, 6, 9 and 10, of three backends with eleven tensors each.
    assert "certified: 198 checks in 6 of 10 updates" in answer.stdout
    assert lockstep(*TINY, "--certify", 3, "--no-certify").exit_code == 2


def test_drift_exits_0_with_a_warning_and_1_if_strict(lockstep: Lockstep) -> None:
    folder = Path(__file__).parents[2] / "harness" / "judging" / "kink"
    backends = (
        "--backend",
        "numpy=tests.harness.judging.kink.in_order",
        "--backend",
        "other=tests.harness.judging.kink.ends_first",
    )
    drifting = ("run", f"{folder / 'scenarios.py'}:kink_in_float32", *backends)
    answer = lockstep(*drifting)
    assert answer.exit_code == 0
    assert ": drift (" in answer.stdout
    assert "warning: kink_in_float32 drifts in float32" in answer.stderr
    assert lockstep(*drifting, "--strict").exit_code == 1


@pytest.mark.parametrize("change", [("--seed", 1019), ("--set", "lr=1e30"), ("--set", "lr=0")], ids=str)
def test_where_nothing_was_tested_it_exits_4(change: tuple[str, object], lockstep: Lockstep) -> None:
    answer = lockstep(*TINY, *change)
    assert answer.exit_code == 4
    assert ": inconclusive (" in answer.stdout


def test_a_disagreement_outweighs_an_inconclusive_run(lockstep: Lockstep, broken: str) -> None:
    assert lockstep("run", "two_layer_tiny", "digits", "--set", "lr=1e30", "--epochs", 2).exit_code == 4
    assert lockstep(*TINY, "residual_shared", "--backend", broken).exit_code == 1


def test_json_on_stdout_is_the_whole_document_and_nothing_else(lockstep: Lockstep) -> None:
    answer = lockstep(*TINY, "--dtype", "both", "--json", "-")
    assert answer.exit_code == 0
    document = json.loads(answer.stdout)
    assert document["schema"] == "lockstep.run/1"
    assert {"python", "numpy", "chainer", "torch"} <= document["versions"].keys()
    assert [result["dtype"] for result in document["results"]] == ["float32", "float64"]
    result = document["results"][0]
    assert {
        *("scenario", "dtype", "seed", "epochs", "reference", "backends", "verdict", "threads", "losses", "seconds"),
        *("worst", "first", "certified", "culprits", "notes"),
    } <= result.keys()
    assert result["threads"] == 1
    assert [len(losses) for losses in result["losses"].values()] == [5, 5, 5]
    assert {(worst["backend"], worst["tensor"]) for worst in result["worst"]} == {
        (backend, tensor) for backend in ("chainer", "torch") for tensor in ("loss", "grad_w1", "grad_w2", "w1", "w2")
    }
    assert "agree" in answer.stderr


def test_a_mismatch_in_the_document_has_all_its_fields(lockstep: Lockstep, broken: str) -> None:
    (result,) = documents(lockstep(*TINY, "--backend", broken, "--json", "-"))
    where = {"backend", "epoch", "update", "phase", "call", "op", "tensor", "index", "between"}
    how_much = {"got", "want", "error", "allowed", "ulps", "slight", "own_source"}
    assert result["first"].keys() == result["culprits"][0].keys() == where | how_much
    assert result["culprits"][0]["op"] == "relu"
    assert result["culprits"][0]["index"] == [0, 0]
    assert result["culprits"][0]["want"] == 0


def test_output_and_json_are_written_to_files(lockstep: Lockstep, tmp_path: Path) -> None:
    table, run = tmp_path / "table.md", tmp_path / "run.json"
    answer = lockstep(*TINY, "--format", "github", "--output", table, "--json", run)
    assert answer.exit_code == 0
    assert answer.stdout.startswith("two_layer_tiny float32: agree")
    assert "| backend" in table.read_text()
    assert json.loads(run.read_text())["schema"] == "lockstep.run/1"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.json", "table.md"]


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        (("--seed", 5), "seed", 5),
        (("--epochs", 7), "epochs", 7),
        (("--dtype", "float64"), "dtype", "float64"),
        (("--batch-size", 1), "batch_size", 1),
        (("--set", "lr=0.5"), "settings", {"lr": 0.5, "M": 2, "N_I": 3, "N_H": 2, "N_O": 3}),
        (("--set", "N_H=5"), "settings", {"lr": 1e-4, "M": 2, "N_I": 3, "N_H": 5, "N_O": 3}),
        (("--threads", 2), "threads", 2),
        (("--reference", "torch"), "reference", "torch"),
    ],
    ids=str,
)
def test_options_vary_the_scenario(change: tuple[str, object], field: str, value: object, lockstep: Lockstep) -> None:
    (usual,) = documents(lockstep(*TINY, "--json", "-"))
    (varied,) = documents(lockstep(*TINY, *change, "--json", "-"))
    assert varied[field] == value
    assert varied[field] != usual[field]
    changes_arithmetic = field not in ("threads", "reference", "epochs")
    assert (varied["losses"]["numpy"][-1] != usual["losses"]["numpy"][4]) == (changes_arithmetic or field == "epochs")


def test_a_users_scenarios_run_all_or_by_name(lockstep: Lockstep, mine: Path) -> None:
    assert [result["scenario"] for result in documents(lockstep("run", mine, "--json", "-"))] == ["one", "other"]
    assert [result["scenario"] for result in documents(lockstep("run", f"{mine}:other", "--json", "-"))] == ["other"]
    assert "grad_w = x.T @ grad_matmul_1" in lockstep("map", f"{mine}:one").stdout


def test_a_backend_can_be_a_module(lockstep: Lockstep) -> None:
    (result,) = documents(lockstep(*TINY, "--backend", "autograd=backends.hips_autograd", "--json", "-"))
    assert result["backends"] == ["numpy", "autograd"]
    assert result["verdict"] == "agree"


def test_tolerances_replace_the_allowance(lockstep: Lockstep, broken: str) -> None:
    assert lockstep(*TINY, "--backend", broken, "--rtol", 10, "--atol", 10).exit_code == 0
    assert lockstep(*TINY, "--backend", "torch", "--rtol", 1e-30).exit_code == 1


def test_without_names_the_two_layer_networks_and_the_digits_run(lockstep: Lockstep) -> None:
    by_scenario = documents(lockstep("run", "--epochs", 1, "--json", "-"))
    assert [result["scenario"] for result in by_scenario] == ["two_layer", "two_layer_tiny", "digits"]


def test_a_reference_of_ones_own_is_compared_with_the_built_in_backends(lockstep: Lockstep, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("from backends.numpy_manual import *")
    mine = f"mine={tmp_path / 'mine.py'}"
    (result,) = documents(lockstep(*TINY, "--reference", "mine", "--backend", mine, "--json", "-"))
    assert result["reference"] == "mine"
    assert result["backends"] == ["mine", "numpy", "chainer", "torch"]
    named = ("--reference", "mine", "--backend", mine, "--backend", "torch")
    (result,) = documents(lockstep(*TINY, *named, "--json", "-"))
    assert result["backends"] == ["mine", "torch"]


def test_help_names_the_scenarios_that_run_without_a_name(lockstep: Lockstep) -> None:
    words = " ".join(lockstep("run", "--help").stdout.split())
    assert f"{', '.join(DEFAULT_SCENARIOS[:-1])} and {DEFAULT_SCENARIOS[-1]} are run" in words


def test_all_runs_every_scenario_and_sums_up(lockstep: Lockstep, monkeypatch: pytest.MonkeyPatch) -> None:
    some = {name: built_in_scenarios()[name] for name in ("residual_shared", "trained_by_sgd", "two_layer_tiny")}
    monkeypatch.setattr("lockstep.commands.run.built_in_scenarios", lambda: some)
    answer = lockstep("run", "--all", "--dtype", "both", "--epochs", 5)
    assert answer.exit_code == 0, answer.stdout
    checks = [int(count.replace(",", "")) for count in re.findall(r"certified: ([\d,]+) checks", answer.stdout)]
    assert len(checks) == 6
    summary = f"6 runs: 6 agree; {sum(checks):,} checks, 0 failed, 0 suspect, 0 unchecked\n"
    assert answer.stdout.endswith(f"\n\n{summary}")
    wrong = lockstep("run", "--all", "digits")
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "--all runs every built-in scenario; name none with it" in wrong.stderr
