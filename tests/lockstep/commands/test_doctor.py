"""`lockstep doctor`: every part is tried, and what is missing is named."""

import pytest

from tests.lockstep.commands.commands import Lockstep


def test_doctor_tries_every_part(lockstep: Lockstep) -> None:
    answer = lockstep("doctor")
    assert answer.exit_code == 0
    rows = [line.split() for line in answer.stdout.splitlines()[2:]]
    assert [row[0] for row in rows] == ["python", "numpy", "blas", "chainer", "torch", "uv"]
    assert answer.stdout.count("trained: loss 1.417049 → 1.415691") == 3


def test_doctor_says_what_to_do_where_a_framework_is_missing(
    lockstep: Lockstep, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "harness.studies.doctor.version", lambda name: _raise_missing(name) if name == "torch" else "1.0"
    )
    answer = lockstep("doctor")
    assert answer.exit_code == 3
    assert "torch: run `python -m uv sync`" in answer.stdout


def _raise_missing(name: str) -> str:
    from importlib.metadata import PackageNotFoundError

    raise PackageNotFoundError(name)
