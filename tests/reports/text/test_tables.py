"""Tables as they are printed and written: in every format, of one run and of several, in a narrow terminal."""

import csv
import io
import json
from pathlib import Path

import pytest

from reports.text.runs.side_by_side import short_names
from reports.text.table import render_table
from tests.lockstep.commands.commands import TINY, Lockstep


@pytest.mark.parametrize("table_format", ["github", "latex", "html", "csv", "json"])
def test_with_another_format_stdout_holds_the_table_alone(table_format: str, lockstep: Lockstep) -> None:
    answer = lockstep(*TINY, "--format", table_format)
    assert answer.exit_code == 0
    assert ": agree (" in answer.stderr
    assert answer.stdout.count(": agree (") == (0 if table_format in ("csv", "json") else 1)
    first_line = answer.stdout.splitlines()[0]
    if table_format == "csv":
        rows = list(csv.DictReader(io.StringIO(answer.stdout)))
        assert [row["backend"] for row in rows] == ["numpy", "chainer", "torch"]
        assert float(rows[0]["final_loss"]) == pytest.approx(1.4116, abs=1e-4)
    elif table_format == "json":
        assert [row["verdict"] for row in json.loads(answer.stdout)] == ["agree"] * 3
    else:
        assert first_line.startswith({"github": "### ", "latex": r"\begin{table}", "html": "<table>"}[table_format])


@pytest.mark.parametrize("table_format", ["text", "github", "csv"])
def test_a_saved_run_gives_the_same_table_again(table_format: str, lockstep: Lockstep, tmp_path: Path) -> None:
    run = tmp_path / "run.json"
    printed = lockstep(*TINY, "--dtype", "both", "--format", table_format, "--json", run).stdout
    redrawn = lockstep("table", run, "--format", table_format)
    assert redrawn.exit_code == 0
    assert redrawn.stdout == printed


def test_saved_runs_are_compared(lockstep: Lockstep, tmp_path: Path) -> None:
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    assert lockstep(*TINY, "--json", before).exit_code == 0
    assert lockstep(*TINY, "digits", "--set", "lr=0.01", "--json", after).exit_code == 0
    rows = json.loads(lockstep("table", before, after, "--format", "json").stdout)
    assert [row["scenario"] for row in rows] == ["two_layer_tiny"] * 3 + ["digits"] * 3
    tiny, digits = rows[0], rows[3]
    assert tiny["after: final loss"] < tiny["before: final loss"]
    assert tiny["after: loss vs before, relative"] == pytest.approx(
        tiny["after: final loss"] / tiny["before: final loss"] - 1, rel=1e-9
    )
    assert digits["before: verdict"] is None
    assert digits["after: verdict"] == "agree"
    said, *others = lockstep("table", before, after).stdout.splitlines()
    assert said == "two_layer_tiny, before → after: lr 0.0001 → 0.01"
    assert others[0] == "digits: only in after"
    assert "loss vs before,  time vs before," in others[3]
    assert "relative" in others[4]


@pytest.mark.parametrize("turned", [False, True])
def test_every_run_has_the_same_columns_whichever_has_a_scenario(
    turned: bool, lockstep: Lockstep, tmp_path: Path
) -> None:
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    assert lockstep("run", "residual_shared", "--epochs", 2, "--json", one).exit_code == 0
    assert lockstep(*TINY, "residual_shared", "--json", two).exit_code == 0
    saved = [two, one] if turned else [one, two]
    base, other = (path.stem for path in saved)
    header = lockstep("table", *saved, "--format", "csv").stdout.splitlines()[0].split(",")
    joined = ",".join(header)
    against = f'"{other}: loss vs {base}, relative","{other}: time vs {base}, ratio"'
    assert joined == (
        f"scenario,dtype,backend,{base}: verdict,{base}: final loss,{base}: ms/epoch,"
        f"{other}: verdict,{other}: final loss,{other}: ms/epoch,{against}"
    )


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["before.json", "runs/after.json"], ["before", "after"]),
        (["/a/long/way/run.json", "/another/long/path/run.json"], ["way/run", "path/run"]),
        (["/a/same/run.json", "/b/same/run.json", "/b/other.json"], ["a/same/run", "b/same/run", "other"]),
        (["/run.json", "/a/run.json"], ["/run", "a/run"]),
        (["run.json", "run.txt"], ["run", "run.txt"]),
        (["run.json", "./run.json", "a/run.json", "run.json"], ["HERE/run", "HERE/run (2)", "a/run", "HERE/run (3)"]),
    ],
)
def test_runs_have_short_names(paths: list[str], names: list[str]) -> None:
    assert short_names([Path(path) for path in paths]) == [name.replace("HERE", Path.cwd().name) for name in names]


def test_a_run_beside_itself_has_its_columns_twice(lockstep: Lockstep, tmp_path: Path) -> None:
    run = tmp_path / "run.json"
    assert lockstep(*TINY, "--json", run).exit_code == 0
    (row, *_) = json.loads(lockstep("table", run, run, "--format", "json").stdout)
    assert row["run: final loss"] == row["run (2): final loss"]
    assert row["run (2): loss vs run, relative"] == 0


def test_what_runs_were_given_differently_is_said(lockstep: Lockstep, tmp_path: Path) -> None:
    runs = [tmp_path / "a.json", tmp_path / "b.json"]
    assert lockstep(*TINY, "--json", runs[0]).exit_code == 0
    changed = ("--seed", 2, "--epochs", 6, "--dtype", "float64", "--threads", 2, "--batch-size", 1, "--set", "lr=0.5")
    lockstep("run", "two_layer_tiny", *changed, "--json", runs[1])
    document = json.loads(runs[1].read_text())
    document["versions"]["torch"] = "9.9"
    runs[1].write_text(json.dumps(document))
    settings, versions, *_ = lockstep("table", *runs).stdout.splitlines()
    assert settings == (
        "two_layer_tiny, a → b: lr 0.0001 → 0.5, dtype float32 → float64, seed 1 → 2, epochs 5 → 6, "
        "batch size none → 1, threads 1 → 2"
    )
    assert versions.startswith("versions, a → b: torch ")
    assert versions.endswith(" → 9.9")
    for table_format in ("github", "html", "latex"):
        assert "seed 1 → 2" in lockstep("table", *runs, "--format", table_format).stdout
    assert lockstep("table", runs[0], runs[0]).stdout.startswith("all runs have the same settings and versions\n")


def test_held_out_accuracy_is_shown(lockstep: Lockstep) -> None:
    assert "held-out accuracy: numpy 9" in lockstep("run", "digits", "--epochs", 3).stdout
    assert "|   held-out accuracy |" in lockstep("run", "digits", "--epochs", 3, "--format", "github").stdout


@pytest.mark.parametrize("table_format", ["text", "github", "latex", "html"])
def test_a_table_says_which_scenario_it_is_of(table_format: str, lockstep: Lockstep, tmp_path: Path) -> None:
    output = tmp_path / "tables"
    answer = lockstep(*TINY, "residual_shared", "--format", table_format, "--output", output)
    assert answer.exit_code == 0
    tables = output.read_text()
    name = {"latex": r"two\_layer\_tiny"}.get(table_format, "two_layer_tiny")
    assert tables.index(f"{name} float32: agree (") < tables.index("numpy  " if table_format == "text" else "torch")
    assert tables.count(" float32: agree (") == 2


def widest(text: str) -> int:
    return max(map(len, text.splitlines()))


def test_the_usual_tables_fit_into_100_columns(lockstep: Lockstep) -> None:
    for name in ("two_layer", "two_layer_tiny", "digits"):
        assert widest(lockstep("run", name, "--epochs", 3).stdout) <= 100


@pytest.mark.parametrize("columns", [80, 60, 40])
def test_a_narrow_terminal_has_the_columns_in_several_tables(
    columns: int, lockstep: Lockstep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "run.json"
    wide = lockstep(*TINY, "--json", run).stdout
    monkeypatch.setenv("COLUMNS", str(columns))
    narrow = lockstep("table", run).stdout
    tables = narrow.split("\n\n")[1:]
    assert widest("\n".join(tables)) <= columns
    assert all(table.count("\nchainer ") == 1 for table in tables)
    assert set(narrow.split()) >= set(wide.split()) - {word for word in wide.split() if set(word) == {"-"}}
    to_file = tmp_path / "table.txt"
    lockstep("table", run, "--output", to_file)
    assert to_file.read_text() == wide


def test_columns_that_belong_together_stay_together() -> None:
    row = {"name": "one", "a\nfirst": "1", "a\nsecond": "2", "b\nfirst": "3", "b\nsecond": "4"}
    assert render_table([row], "text", width=28) == (
        "          a\n"
        "name  first  second\n"
        "----  -----  ------\n"
        "one       1       2\n"
        "\n"
        "          b\n"
        "name  first  second\n"
        "----  -----  ------\n"
        "one       3       4\n"
    )
