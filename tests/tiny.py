"""The whole spine in a few seconds: one scenario through three backends, certified, drawn, mapped, and one mutant.

`pytest tests/tiny.py` is what to run while changing something; the other tests say in which room it broke.
"""

from pathlib import Path

import pytest

from backends.vocabulary import BUILT_IN
from harness.reading import read_document
from harness.recording.arrays import draw_arrays
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import LoadedBackend, hand_written_ops, load_backend, load_backends
from harness.recording.recorder import record_program
from harness.recording.versions import versions
from harness.results import SCHEMA, Document, Result, to_json
from harness.run import run_scenario
from harness.sentences import message
from reports.source.code_map import code_map
from reports.text.runs.tables import run_tables
from tests.harness.broken import relu_without_mask, with_changes
from tests.lockstep.commands.commands import Lockstep

SCENARIO = built_in_scenarios()["two_layer_tiny"].vary(epochs=20)


@pytest.fixture(scope="module")
def result() -> Result:
    return run_scenario(SCENARIO, load_backends([]))


def test_three_backends_agree_and_every_op_of_every_update_is_certified(result: Result) -> None:
    assert result.verdict == "agree"
    assert list(result.certified) == list(BUILT_IN)
    for counts in result.certified.values():
        assert counts == {"checks": 220, "failed": 0, "suspect": 0, "unchecked": 0, "updates": 20}
    assert message(result).startswith("two_layer_tiny float32: agree (numpy, chainer and torch, 20 epochs, seed 1)")


def test_a_run_is_read_as_it_was_written(result: Result, tmp_path: Path) -> None:
    document = Document(schema=SCHEMA, versions=versions(), results=[result])
    (tmp_path / "run.json").write_text(to_json(document))
    assert read_document(tmp_path / "run.json") == document


def test_the_table_has_a_row_for_every_backend(result: Result) -> None:
    for table_format in ("text", "github", "latex", "html", "csv", "json"):
        table = run_tables([result], table_format)
        assert all(backend in table for backend in BUILT_IN), table_format


def test_the_map_has_a_line_of_every_backend_for_every_call() -> None:
    program = record_program(SCENARIO, draw_arrays(SCENARIO, "float32"), hand_written_ops(()))
    rows = code_map(program)
    assert [row.title for row in rows[:4]] == ["op.matmul", "op.relu", "op.matmul", "op.mean_squared_error"]
    assert rows[1].cells == (
        ["h_r = np.maximum(h, 0)"],
        ["grad_h = np.where(h > 0, grad_h_r, 0)"],
        ["h_r = F.relu(h)"],
        ["h_r = F.relu(h)"],
    )


def test_a_missing_mask_is_found_at_its_op() -> None:
    mutant = LoadedBackend("mutant", with_changes(relu=relu_without_mask))
    result = run_scenario(SCENARIO, [load_backend("numpy"), mutant])
    assert result.verdict == "disagree"
    (culprit, *_) = result.culprits
    assert (culprit.backend, culprit.op, culprit.phase, culprit.tensor) == ("mutant", "relu", "backward", "grad_h")
    ruling = result.rulings[0]
    assert ruling is not None
    assert ruling.right == "hand-written"


def test_the_command_says_so_and_its_exit_code_too(lockstep: Lockstep) -> None:
    answer = lockstep("run", "two_layer_tiny", "--epochs", "5", "--backend", "torch")
    assert answer.exit_code == 0
    assert answer.stdout.startswith("two_layer_tiny float32: agree (numpy and torch, 5 epochs, seed 1)")
