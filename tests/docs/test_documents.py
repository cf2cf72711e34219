"""Every document holds to what there is: its commands, files, outputs, links and counts; translations show the same."""

import inspect
import re
import runpy
import shlex
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import get_args

import click
import pytest

import scenarios
from backends import numpy_manual
from harness.recording.catalogue import built_in_scenarios
from harness.studies.lab.complaints import Kind
from harness.studies.lab.document import SCHEMA, Cell, GradedOp, LabDocument, Mistake, WrongElement
from lockstep.command_line import SUMMARIES
from reports.source.code_map import op_names
from tests.docs.documents import DOCUMENTS, ENGLISH, NAMES, ROOT, TRANSLATIONS
from tests.lockstep.commands.commands import Answer, Lockstep, in_own_process

PROMPT = "$ "
"""Before a command that is run, and whose output stands below it."""
LEFT_OUT = "…"
"""In place of any number of lines of an output."""
OTHER_COMMANDS = {
    "--with jupyterlab jupyter lab docs/notebooks",
    "python -m venv .venv",
    ". .venv/bin/activate",
    "python -m pip install uv",
    "python -m uv sync",
    "python -m uv sync --extra figures",
    "pre-commit install",
    "ruff format .",
    "ruff check --fix .",
    "mypy",
}
"""Commands of other programs, which stand in documents exactly so."""
EXIT_CODES = {"agree": 0, "drift": 0, "disagree": 1, "inconclusive": 4}


def test_every_document_is_linked() -> None:
    linked = {path for document in DOCUMENTS.values() for path, _ in document.links()}
    assert [name for name in NAMES if ROOT / name not in linked] == []


def test_what_learners_read_is_in_japanese() -> None:
    assert {"README.md", "docs/learning.md", "docs/scenarios.md"} <= TRANSLATIONS.keys()


@pytest.mark.parametrize("name", ["README.md", "README.ja.md"])
def test_a_readme_is_short(name: str) -> None:
    assert len(DOCUMENTS[name].text.splitlines()) <= 150


def test_every_link_leads_somewhere() -> None:
    for document in DOCUMENTS.values():
        for path, anchor in document.links():
            assert path.exists(), f"{document.name} links to {path}"
            if anchor:
                anchors = DOCUMENTS[str(path.relative_to(ROOT))].anchors()
                assert anchor in anchors, f"{document.name}: {path.name} has no {anchor}, only {', '.join(anchors)}"
    assert sum(len(document.links()) for document in DOCUMENTS.values()) > 100


def test_every_command_parses() -> None:
    for document in DOCUMENTS.values():
        for words in document.commands():
            check_command(words, f"{document.name}: {shlex.join(words)}")
    assert sum(len(document.commands()) for document in ENGLISH) > 100


def check_command(words: list[str], where: str) -> None:
    """Check that a command takes these arguments, and that the scenarios, ops, modules and files in them exist.

    Commands of other programs have to be among OTHER_COMMANDS.
    """
    match words:
        case ["python", "-m", "uv", "run", *command]:
            check_command(command, where)
        case ["python", "-m", module, *_] if module.startswith(("backends.", "tools.")):
            assert find_spec(module), where
        case ["pytest", *arguments]:
            paths = [argument for argument in arguments if argument.startswith("tests")]
            assert all((ROOT / path).exists() for path in paths), where
        case ["lockstep"]:  # only spoken of
            pass
        case ["lockstep", name, *arguments]:
            assert name in SUMMARIES, where
            if not arguments:  # only spoken of
                return
            try:
                parsed = import_module(f"lockstep.commands.{name}").command.make_context(name, arguments).params
            except click.ClickException as error:
                pytest.fail(f"{where}: {error.format_message()}")
            for scenario in (parsed.get("scenario_name"), *parsed.get("names", ())):
                is_file = scenario is None or re.search(r"\.(py(:\w+)?|json)$", scenario)
                assert is_file or is_placeholder(scenario) or scenario in built_in_scenarios(), where
            op = parsed.get("op_name")
            assert op is None or is_placeholder(op) or op in op_names(), where
        case _:
            assert shlex.join(words) in OTHER_COMMANDS, f"{where}: not a known command"


def is_placeholder(word: str) -> bool:
    """Whether a word stands for what the reader is to put there, as NAME."""
    return word.isupper()


@pytest.mark.parametrize(
    "command",
    [
        "lockstep run two_layr",
        "lockstep run --epoch ten",
        "lockstep rnu",
        "lockstep map --op rleu",
        "python -m lockstp run",
        "python -m tools.screenshto",
        "python -m uv run lokstep run",
        "python -m uv snyc",
        "pytest tests/harnes",
    ],
)
def test_a_wrong_command_is_seen(command: str) -> None:
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        check_command(command.split(), "a document")


def test_files_that_a_reader_writes_run_as_it_says(
    lockstep: Lockstep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every command that shows its output, or takes a file that the reader has written, is run."""
    monkeypatch.chdir(tmp_path)
    files = files_to_write()
    for name, body in files.items():
        Path(name).write_text(body, encoding="utf-8")
    used = {name for name in files for body in files.values() if f"./{name}" in body}
    used |= {name for name in files for body in files.values() if f"from {Path(name).stem} import" in body}
    for document in ENGLISH:
        for line, output in document.sessions():
            program, *arguments = shlex.split(line.removeprefix(PROMPT), comments=True)
            taken = {name for name in files for argument in arguments if f"./{name}" in argument}
            if "--watch" in arguments:  # waits for a person
                continue
            if program == "lockstep" and (line.startswith(PROMPT) or taken):
                run = in_own_process if arguments[0] == "chainer" else lockstep
                check_output(run(*arguments), output, f"{document.name}: {line}")
                used |= taken
    for name in files:
        if name.startswith("test_"):
            run_tests(name)
            used.add(name)
    assert sorted(files.keys() - used) == [], "a reader is told to write these, and nothing takes them"


def files_to_write() -> dict[str, str]:
    """The files of all documents; a name has the same code in all of them."""
    files: dict[str, str] = {}
    for document in ENGLISH:
        for name, body in document.files().items():
            assert files.setdefault(name, body) == body, f"{document.name} has another {name}"
    return files


def run_tests(name: str) -> None:
    """Call the test functions of a file, as pytest would."""
    tests = [value for key, value in runpy.run_path(name).items() if key.startswith("test_")]
    assert tests, f"{name} has no tests"
    for test in tests:
        test()


def check_output(answer: Answer, shown: list[str], where: str) -> None:
    """Hold what a command printed and its exit code against what a document shows of it."""
    verdict = re.search(r": (agree|drift|disagree|inconclusive)\b", shown[0]) if shown else None
    points = re.search(r": (\d+) of (\d+) points$", shown[0]) if shown else None
    code = EXIT_CODES[verdict[1]] if verdict else int(points is not None and points[1] != points[2])
    assert answer.exit_code == code, f"{where}\n{answer.stderr}"
    printed = [comparable(line) for line in answer.stdout.split("\n")]
    follows = True
    for line in shown:
        if line == LEFT_OUT:
            follows = False
            continue
        candidates = printed[:1] if follows else printed
        assert comparable(line) in candidates, f"{where}\nprints no line\n{line}\nin its place, but\n{answer.stdout}"
        printed = printed[printed.index(comparable(line)) + 1 :]
        follows = True


def comparable(line: str) -> str:
    """A line without what differs from machine to machine: last digits, and numbers and widths in a table.

    A table has a dash in place of a number that it has not, as of the epoch of a deviation that is 0.
    """
    is_row = re.search(r"\S  +\S", line)
    numbers = r"\d[\d.,]*(e[+-]\d+)?|(?<=\s)-(?=\s)" if is_row else r"\d+(\.\d+)?e[+-]\d+|\d+\.\d+"
    return " ".join(re.sub(r"-{2,}", "--", re.sub(numbers, "#", line)).split())


def test_a_wrong_output_is_seen() -> None:
    first, second = "two_layer float32: agree (numpy and torch)", "  certified: 9,900 checks, off by 1.5e-07 at epoch 3"
    answer = Answer(0, f"{first}\n{second}\n", "")
    check_output(answer, [first, LEFT_OUT], "a document")
    check_output(answer, [LEFT_OUT, second.replace("1.5e-07", "2.13")], "a document")
    for wrong in ([second], [first.replace("agree", "drift")], [first, second.replace("3", "4")], [LEFT_OUT, "1", "2"]):
        with pytest.raises(AssertionError):
            check_output(answer, wrong, "a document")


@pytest.mark.parametrize("english", TRANSLATIONS)
def test_a_translation_shows_what_the_english_document_shows(english: str) -> None:
    document, translation = DOCUMENTS[english], DOCUMENTS[TRANSLATIONS[english]]
    for theirs, ours in zip(document.code(), translation.code(), strict=True):
        assert ours == theirs, "a comment may be translated, but no code"
    assert translation.code_in_tables() == document.code_in_tables()
    assert len(translation.anchors()) == len(document.anchors())


@pytest.mark.parametrize("name", ["docs/scenarios.md", TRANSLATIONS["docs/scenarios.md"]])
def test_the_reference_has_every_op_and_rule_with_its_arguments(name: str) -> None:
    calls = re.findall(r"(\w+)(\(.*\))", "\n".join(code.strip("`") for code in DOCUMENTS[name].code_in_tables()))
    documented = dict(calls)
    for op in op_names():
        is_rule = hasattr(scenarios, op)
        assert documented.get(op) == signature_of(op, is_rule=is_rule), f"{name}: {op}"


def signature_of(op: str, *, is_rule: bool) -> str:
    """The parameters of an op by hand, or of what a scenario calls for a rule, all of which are keywords."""
    parameters = inspect.signature(getattr(scenarios if is_rule else numpy_manual, op)).parameters.values()
    signature = str(inspect.Signature([p.replace(annotation=inspect.Parameter.empty) for p in parameters]))
    return signature.replace("(*, ", "(").replace("e-0", "e-") if is_rule else signature


@pytest.mark.parametrize("name", ["docs/lab.md", TRANSLATIONS["docs/lab.md"]])
def test_the_labs_document_is_described_field_by_field(name: str) -> None:
    words = set(re.findall(r"\w[\w ]*", " ".join(DOCUMENTS[name].code_in_tables())))
    fields = {
        field for struct in (LabDocument, GradedOp, Cell, Mistake, WrongElement) for field in struct.__struct_fields__
    }
    assert fields | set(get_args(Kind)) | {"value", SCHEMA.partition(".")[0]} <= words


def test_a_captured_scenario_is_written_as_the_document_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    document = DOCUMENTS["docs/capturing.md"]
    (shown,) = [block for block in document.blocks() if block.startswith("def mine(")]
    for name, text in document.files().items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    mine = runpy.run_path("my_model.py")["mine"]
    assert inspect.getsource(mine.function).strip() == shown
