"""The parts of a backend's training loop are where the contract says, or an error names the backend and the part."""

import re
from pathlib import Path

import pytest

from backends.vocabulary import BUILT_IN, PARTS, Part
from harness.recording.arrays import draw_arrays
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import hand_written_ops
from harness.recording.recorder import record_program
from reports.source.code_map import code_map
from reports.source.source import read_backend
from reports.source.training import TrainSource


def train_with(lines: str) -> TrainSource:
    """A training loop with these lines in it."""
    body = ["loss = forward(batches)", *lines.split("\n"), "", "yield Step(loss=loss.array)"]
    return TrainSource("mine", "\n    ".join(["def train(batches, *, trace=False):", *body]))


@pytest.mark.parametrize("module", BUILT_IN.values())
@pytest.mark.parametrize("part", PARTS)
def test_every_backend_has_every_part(part: Part, module: str) -> None:
    assert read_backend(module).train.part(part)


@pytest.mark.parametrize("column", BUILT_IN)
@pytest.mark.parametrize("part", ["clear gradients", "backward", "step", "schedule", "carry"])
def test_a_renamed_comment_is_an_error_and_no_empty_row(
    part: str, column: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = f"renamed_{column}_{part.replace(' ', '_')}"
    train = read_backend(BUILT_IN[column]).texts["train"].replace(f"# {part}\n", f"# {part} it\n")
    (tmp_path / f"{module}.py").write_text(f"from {BUILT_IN[column]} import *\n\n\n{train}\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(BUILT_IN, column, module)
    scenario = built_in_scenarios()["batch_norm_mlp"]
    program = record_program(scenario, draw_arrays(scenario, scenario.dtype), hand_written_ops(()))
    with pytest.raises(ValueError, match=f"^{module}: train has 0 comments `# {part}`, and must have one$"):
        code_map(program)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("pass", "mine: train has 0 comments `# step`, and must have one"),
        ("# step\nstep()\n\n# step\nstep()", "mine: train has 2 comments `# step`, and must have one"),
        ("# step\n\nstep()", "mine: no statement stands below the comment `# step` of train"),
    ],
)
def test_a_part_stands_once_and_is_not_empty(lines: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        train_with(lines).part("step")


def test_a_part_ends_at_an_empty_line() -> None:
    train = train_with("# step\nif clip:\n    clip()\nstep()\n\nafter()")
    assert [train.text(statement) for statement in train.part("step")] == ["if clip:\n    clip()", "step()"]


def test_a_part_that_is_written_otherwise_is_an_error() -> None:
    train = train_with("\n\n".join(f"# {part}\npass" for part in PARTS))
    for part, read in {
        "optimizer": train.optimizer,
        "clip": train.clipped,
        "schedule": train.scheduler,
        "carry": lambda: train.carried("mean"),
        "backward": train.loss_gradient,
    }.items():
        with pytest.raises(ValueError, match=f"^mine: the part `# {part}` of train must "):
            read()


@pytest.mark.parametrize("column", BUILT_IN)
def test_variables_are_known_by_what_sets_them(column: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a `train` calls the flags of a step and the optimizers of groups, its lines are the same."""
    renamed = {"is_first": "at_first", "is_last": "at_last", "share": "its_part", "others": "added_ones"}
    module, text = f"renamed_variables_of_{column}", read_backend(BUILT_IN[column]).texts["train"]
    train = re.sub(rf"(?<![.\w])({'|'.join(renamed)})\b", lambda found: renamed[found[0]], text)
    (tmp_path / f"{module}.py").write_text(f"from {BUILT_IN[column]} import *\n\n\n{train}\n")
    monkeypatch.syspath_prepend(tmp_path)
    scenarios = [built_in_scenarios()[name] for name in ("accumulated_and_clipped", "two_optimizers")]
    programs = [record_program(each, draw_arrays(each, each.dtype), hand_written_ops(())) for each in scenarios]
    before = [row for program in programs for row in code_map(program)]
    monkeypatch.setitem(BUILT_IN, column, module)
    after = [row for program in programs for row in code_map(program)]
    named = "\n".join(line for row in after for cell in row.cells for line in cell)
    for name, new in renamed.items():
        named = re.sub(rf"\b{new}\b", name, named)
    assert named == "\n".join(line for row in before for cell in row.cells for line in cell)
    assert ("if at_last:" in [line for row in after for cell in row.cells for line in cell]) is True


@pytest.mark.parametrize(
    ("before", "after"), [("begins_step", "starts_step"), ("for other in others:\n", "for other in more:\n")]
)
def test_a_variable_that_nothing_sets_is_an_error(
    before: str, after: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, text = f"unset_{after[:3]}", read_backend(BUILT_IN["torch"]).texts["train"]
    (tmp_path / f"{module}.py").write_text(f"from {BUILT_IN['torch']} import *\n\n\n{text.replace(before, after, 1)}\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(BUILT_IN, "torch", module)
    scenario = built_in_scenarios()["two_optimizers"]
    program = record_program(scenario, draw_arrays(scenario, scenario.dtype), hand_written_ops(()))
    with pytest.raises(ValueError, match=f"^{module}: train (must set NAME|loops over more)"):
        code_map(program)


def test_the_loss_is_what_a_step_is_made_of() -> None:
    assert train_with("pass").loss() == "loss"
    with pytest.raises(ValueError, match=r"^mine: train does not yield "):
        TrainSource("mine", "def train():\n    yield Step(weights={})").loss()
