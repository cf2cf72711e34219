"""Saved runs that are damaged, made up or endless: one sentence with the place in the document, never a traceback."""

import json
import os
import sys
import threading
from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest

from harness import documents
from harness.documents import read_json
from harness.errors import InputError
from harness.reading import read_document
from tests.lockstep.commands.commands import Lockstep
from tests.robustness import saved

Change = Callable[[dict[str, Any]], object]


def _remove(*keys: str) -> Change:
    def change(result: dict[str, Any]) -> None:
        for key in keys[:-1]:
            result = result[key]
        del result[keys[-1]]

    return change


def _rename(old: str, new: str, *fields: str) -> Change:
    def change(result: dict[str, Any]) -> None:
        for field in fields:
            result[field][new] = result[field].pop(old)

    return change


CHANGES: list[tuple[Change, str]] = [
    (_remove("losses", "torch"), "`$.results[0].losses` has nothing of torch"),
    (_remove("seconds", "torch"), "`$.results[0].seconds` has nothing of torch"),
    (_remove("culprits"), "missing required field `culprits`"),
    (_rename("torch", "toch", "losses"), "`$.results[0].losses` has 'toch', which is none of the backends"),
    (_rename("torch", "toch", "certified"), "`$.results[0].certified` has 'toch', which is none of the backends"),
    (lambda result: result["losses"]["torch"].pop(), "`$.results[0].losses.torch` has 2 numbers for 3 epochs"),
    (lambda result: result.update(losses={name: [] for name in result["losses"]}), "has 0 numbers for 3 epochs"),
    (lambda result: result.update(backends=["numpy"]), "`$.results[0].backends` does not name two backends or more"),
    (lambda result: result.update(backends=["numpy", "torch", "torch"]), "each once"),
    (lambda result: result.update(reference="jax"), "`$.results[0].reference` is 'jax', which is none of the"),
    (lambda result: result.update(epochs=0), "$.results[0].epochs"),
    (lambda result: result.update(epochs=10**12), "`$.results[0].updates` is 3, which 1000000000000 epochs"),
    (lambda result: result.update(epochs=10**12, updates=10**12), "has 3 numbers for 1000000000000 epochs"),
    (lambda result: result.update(seed=-1), "`$.results[0].seed` is not from 0 to 4294967295"),
    (lambda result: result.update(seed=10**30), "$.results[0].seed"),
    (lambda result: result.update(threads=0), "`$.results[0].threads` is not from 1"),
    (lambda result: result.update(batch_size=0), "`$.results[0].batch_size` is not from 1"),
    (lambda result: result.update(dtype="float16"), "is 'float16', which is none of float32, float64"),
    (lambda result: result.update(verdict="fine"), "$.results[0].verdict"),
    (lambda result: result.update(horizon=4), "`$.results[0].horizon` is none of the 3 epochs"),
    (
        lambda result: result["seconds"].update(torch=-0.1),
        "`$.results[0].seconds.torch` is -0.1, and no time is negative",
    ),
    (lambda result: result["accuracy"].update(torch=1.5), "`$.results[0].accuracy.torch` is 1.5"),
    (
        lambda result: result["certified"]["torch"].pop("failed"),
        "`$.results[0].certified.torch` does not have the counts",
    ),
    (lambda result: result["certified"]["torch"].update(failed=-1), "has a negative count"),
    (lambda result: result["certified"]["torch"].update(suspect=10**6), "counts more results than its"),
    (lambda result: result["certified"]["torch"].update(updates=4), "has 4 certified updates of 3"),
    (
        lambda result: result["certified"]["torch"].update(failed=1),
        "does not have a ruling and an explanation for each",
    ),
    (lambda result: result["worst"][0].update(error="much"), "$.results[0].worst[0].error"),
    (lambda result: result["worst"][0].update(ulps="-inf"), "`$.results[0].worst[0].ulps` is negative"),
    (lambda result: result["worst"][0].update(epoch=4), "`$.results[0].worst[0].epoch` is 4, which is none of the 3"),
    (
        lambda result: result["worst"][0].update(backend="jax"),
        "`$.results[0].worst[0].backend` is 'jax', which is none",
    ),
    (lambda result: result["worst"][0].update(index=[-1, 0]), "`$.results[0].worst[0].index` has a negative position"),
    (lambda result: result["worst"][0].update(tensor=""), "`$.results[0].worst[0].tensor` is '', which is no name"),
    (
        lambda result: result.update(scenario="two\0layer"),
        r"`$.results[0].scenario` is 'two\x00layer', which is no name",
    ),
    (lambda result: result.update(optimizer="\x1b[31msgd"), r"is '\x1b[31msgd', which is no name"),
]


@pytest.mark.parametrize(("change", "said"), CHANGES)
def test_what_does_not_fit_together_is_named_with_its_place(change: Change, said: str, tmp_path: Path) -> None:
    document = saved.decoded()
    change(document["results"][0])
    path = tmp_path / "run.json"
    path.write_text(json.dumps(document))
    with pytest.raises(InputError) as raised:
        read_document(path)
    assert str(raised.value).startswith(f"{path} is a broken lockstep.run/1 document: ")
    assert said in str(raised.value)


@pytest.mark.parametrize("command", ["table", "explain", "report"])
def test_every_command_says_so(command: str, lockstep: Lockstep, tmp_path: Path) -> None:
    document = saved.decoded()
    document["results"][1]["epochs"] = 2
    path = tmp_path / "run.json"
    path.write_text(json.dumps(document))
    answer = lockstep(command, path, *(["-o", tmp_path / "pages"] if command == "report" else []))
    assert (answer.exit_code, answer.stdout) == (2, "")
    (line,) = answer.stderr.splitlines()
    assert "`$.results[1]" in line


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not JSON"),
        (b"{", "is not JSON"),
        (b'{"schema": "\xff"}', "is not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"schema": "lockstep.run/1", "versions": {}, "x": ' + b'{"a":' * 100_000, "nested too deeply"),
        (b"[1]", "its schema is None, not 'lockstep.run/1'"),
        (b'{"schema": "lockstep.run/9"}', "its schema is 'lockstep.run/9', not 'lockstep.run/1'"),
        (b'{"schema": "lockstep.run/1", "versions": {}}', "missing required field `results`"),
        (b'{"schema": "lockstep.run/1", "versions": {}, "results": []}', "`$.results` is empty"),
        (b'{"schema": "lockstep.run/1", "versions": {}, "results": [{"scenario": 1}]}', "$.results[0]"),
        (b"1" * 5000, "is not JSON"),
    ],
)
def test_a_file_that_is_no_run(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"run\.json is ") as raised:
        read_document(path)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_byte_order_mark_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(documents.BYTE_ORDER_MARK + saved.whole())
    assert len(read_document(path).results) == 2


def test_control_characters_of_a_text_are_shown_escaped(lockstep: Lockstep, tmp_path: Path) -> None:
    document = saved.decoded()
    document["results"][1]["notes"] = ["mine sets \x1b]0;title\x07 and \u202e reversed\nin two lines"]
    path = tmp_path / "run.json"
    path.write_bytes(saved.encoded(document))
    assert read_document(path).results[1].notes == [r"mine sets \x1b]0;title\x07 and \u202e reversed" "\nin two lines"]
    for command in ("table", "explain"):
        shown = lockstep(command, path).stdout
        assert all(character.isprintable() or character == "\n" for character in shown)


@pytest.mark.parametrize("device", ["/dev/null", "/dev/zero"])
def test_a_device_is_not_read(device: str) -> None:
    with pytest.raises(InputError, match=f"can't read {device}: it is a device"):
        read_json(Path(device))


def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=lambda: path.write_bytes(saved.whole()))
    writer.start()
    assert len(read_document(path).results) == 2
    writer.join()


def test_a_pipe_that_nothing_is_written_to_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    monkeypatch.setattr(documents, "PATIENCE", 0.1)
    with pytest.raises(InputError, match="it is a pipe that nothing is written to"):
        read_json(path)


@pytest.mark.parametrize(
    ("name", "said"),
    [(".", "Is a directory"), ("missing.json", "No such file"), ("nu\0l.json", "embedded null")],
)
def test_a_file_that_can_not_be_read(name: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"can't read .*{said}"):
        read_json(tmp_path / name)


@pytest.mark.parametrize("command", ["table", "explain"])
def test_a_run_comes_from_stdin(command: str, lockstep: Lockstep, tmp_path: Path, monkeypatch: Any) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(saved.whole())
    expected = lockstep(command, path).stdout
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(saved.whole())))
    answer = lockstep(command, "-")
    assert (answer.exit_code, answer.stdout) == (0, expected)
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(b"{")))
    assert "stdin is not JSON" in lockstep(command, "-").stderr
