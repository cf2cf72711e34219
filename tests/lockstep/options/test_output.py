"""Where a command's text and its JSON go: each to its own place, whatever the other one's is."""

from pathlib import Path

import click
import pytest

from harness.errors import InputError
from lockstep.options.output import destinations


def written(tmp_path: Path, output: str | None, json_path: str | None) -> dict[str, str]:
    """What stands in each file after a command that has a text and JSON."""
    to = destinations(None if output is None else tmp_path / output, json_path)
    to.write_json(lambda: "{}\n")
    to.write_text(lambda: "text\n")
    return {path.name: path.read_text() for path in tmp_path.iterdir()}


@pytest.mark.parametrize(
    ("output", "json_path", "files", "stdout"),
    [
        (None, None, {}, "text\n"),
        (None, "-", {}, "{}\n"),
        (None, "run.json", {"run.json": "{}\n"}, "text\n"),
        ("text", None, {"text": "text\n"}, ""),
        ("text", "-", {"text": "text\n"}, "{}\n"),
        ("text", "run.json", {"text": "text\n", "run.json": "{}\n"}, ""),
    ],
)
def test_nothing_that_was_asked_for_is_left_out(
    output: str | None,
    json_path: str | None,
    files: dict[str, str],
    stdout: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert written(tmp_path, output, json_path) == files
    assert capsys.readouterr().out == stdout


def test_one_file_for_both_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(click.UsageError, match=r"both write same; give each a file of its own"):
        destinations(Path("same"), str(tmp_path / "same"))


def test_a_file_that_can_not_be_written_is_refused_at_once(tmp_path: Path) -> None:
    for output, json_path in ((tmp_path, None), (None, str(tmp_path))):
        with pytest.raises(InputError, match="it is a folder"):
            destinations(output, json_path)
