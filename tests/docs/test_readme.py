"""Both READMEs hold to what there is: their commands parse, their files run, and the two show the same."""

import ast
import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest

from harness.recording.loading import built_in_scenarios
from lockstep.command_line import SUMMARIES
from tests.lockstep.commands.commands import Lockstep

ROOT = Path(__file__).parents[2]
README = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "README.md", ROOT / "README.ja.md")}
BLOCK = re.compile(r"^```(\w*)\n(.*?)\n```$", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"^(?:\$ )?lockstep (?=\w)")
INLINE = re.compile(r"`lockstep (\w[^`]*)`")
DEFINED_IN = re.compile(r"# (\w+\.py)\n")

both = pytest.mark.parametrize("readme", README)


def blocks(readme: str, *languages: str) -> list[str]:
    return [body for language, body in BLOCK.findall(README[readme]) if language in languages]


def commands(readme: str) -> list[list[str]]:
    """The arguments of every command, in blocks and in running text, where a line may break inside one."""
    lines = [line for block in blocks(readme, "") for line in block.split("\n")]
    typed = [COMMAND.sub("", line) for line in lines if COMMAND.match(line)]
    quoted = INLINE.findall(BLOCK.sub("", README[readme]))
    return [shlex.split(command, comments=True) for command in typed + quoted]


def files(readme: str) -> dict[str, str]:
    """The files that a user is to write, by name."""
    found = {}
    for body in blocks(readme, "python"):
        if name := DEFINED_IN.match(body):
            found[name[1]] = f"{body}\n"
    return found


def output(readme: str, command: str) -> list[str]:
    """The lines below `$ COMMAND`."""
    (found,) = [body for body in blocks(readme, "") if body.startswith(f"$ {command}\n")]
    return found.split("\n")[1:]


@both
def test_every_command_parses(readme: str) -> None:
    found = commands(readme)
    assert len(found) > 20
    for name, *arguments in found:
        assert name in SUMMARIES, f"lockstep {name}"
        told = import_module(f"lockstep.commands.{name}").command.make_context(name, arguments).params
        for scenario in (told.get("scenario_name"), *told.get("names", ())):
            is_file = scenario is None or scenario.endswith((".py", ".json"))
            assert is_file or scenario in built_in_scenarios(), f"lockstep {name} {scenario}"


@both
def test_its_links_lead_somewhere(readme: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", README[readme]):
        assert (ROOT / target).exists(), target


@both
def test_its_scenario_runs_and_its_backend_is_caught(
    readme: str, lockstep: Lockstep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, body in files(readme).items():
        Path(name).write_text(body, encoding="utf-8")
    answer = lockstep("run", "./mine.py")
    assert answer.exit_code == 0
    assert answer.stdout.split("\n")[:2] == output("README.ja.md", "lockstep run ./mine.py")
    answer = lockstep("run", "two_layer_tiny", "--backend", "broken=./broken.py")
    assert answer.exit_code == 1
    said = output(readme, "lockstep run two_layer_tiny --backend broken=./broken.py")
    place, _, _ = said[0].partition(", got ")  # the last digits are this machine's
    assert answer.stdout.startswith(f"{place}, got ")


def test_the_japanese_one_shows_what_the_english_one_shows() -> None:
    english, japanese = (
        [ast.dump(ast.parse(body)) for body in blocks(readme, "python")] for readme in ("README.md", "README.ja.md")
    )
    assert sorted(japanese) == sorted(english), "a comment may be translated, but no code"
    shown = [body for body in blocks("README.ja.md", "") if not COMMAND.match(body)]
    shown.append("\n".join(output("README.ja.md", "lockstep run two_layer_tiny --backend broken=./broken.py")))
    rows = [line for line in README["README.ja.md"].split("\n") if line.startswith(("| op.", "| optimizer "))]
    assert len(shown) > 3
    assert len(rows) > 3
    for what in shown + rows:
        assert what in README["README.md"], what
