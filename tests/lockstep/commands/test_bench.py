"""`lockstep bench`: the backends' times side by side."""

import json

from tests.lockstep.commands.commands import Lockstep


def test_bench_measures_side_by_side(lockstep: Lockstep) -> None:
    answer = lockstep("bench", "residual_shared", "--epochs", 3, "--no-memory", "--format", "json")
    assert answer.exit_code == 0
    rows = json.loads(answer.stdout)
    assert [row["what"] for row in rows] == [
        *("numpy alone", "chainer alone", "torch alone"),
        *("lockstep run, --no-certify", "lockstep run"),
    ]
    assert all(isinstance(row["ms_per_epoch"], float) and row["ms_per_epoch"] > 0 for row in rows)
    assert all(isinstance(row["time_ratio"], float) and row["to"] for row in rows[1:])
