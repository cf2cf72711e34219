"""A backend that breaks the contract is named with what it did, wherever in a run that comes up."""

import re
from pathlib import Path

import pytest

from tests.lockstep.commands.commands import Lockstep
from tests.lockstep.commands.test_refusals import BACKEND_HEAD, CRASHED, RUN, STEPS, TRAIN, WRONG_INPUT, check

EACH_STEP = f"{TRAIN}    for s in {STEPS}:\n        yield dataclasses.replace(s, "
WRONG_AND = "grads={n: 2 * g for n, g in s.grads.items()}, "
"""What makes the harness run again with every intermediate value traced."""


@pytest.fixture
def backend(tmp_path: Path) -> Path:
    return tmp_path / "mine.py"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (f"{TRAIN}    return None", "backend mine's train() returned NoneType; it must be a generator of Steps"),
        (f"{TRAIN}    return 1 / 0", "backend mine raised ZeroDivisionError at update 1, line 7 of mine.py"),
        ("def train(ops, program):\n    yield", "raised TypeError at update 1: train() got an unexpected keyword"),
        (f"{TRAIN}    yield from {STEPS}\n    1 / 0", "raised ZeroDivisionError at update 4, line 8 of mine.py"),
        (f"{EACH_STEP}weights=None)", "backend mine yielded weights as NoneType; it must be a dict by name"),
        ("def threads(count):\n    1 / 0", "backend mine's threads(1) raised ZeroDivisionError"),
    ],
    ids=["no generator", "call raises", "signature", "raises after the last step", "no mapping", "threads raises"],
)
def test_a_breach_in_any_run(body: str, said: str, lockstep: Lockstep, backend: Path) -> None:
    backend.write_text(BACKEND_HEAD + body)
    check(lockstep(*RUN, "--backend", f"mine={backend}"), CRASHED if "raised" in said else WRONG_INPUT, said)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ("values={'hr': s.values['h_r']}", "yielded values of hr, which has none in this program; did you mean 'h_r'?"),
        ("values=dict.fromkeys(s.values)", "yielded h as NoneType; it must be a NumPy array"),
        (
            "values={n: v[..., None] for n, v in s.values.items()}",
            "yielded h with shape (2, 2, 1); it should be (2, 2)",
        ),
        ("value_grads={'x': s.loss}", "yielded value_grads of x, which has none in this program"),
        (
            "value_grads={n: g[..., None] for n, g in s.value_grads.items()}",
            "yielded grad_h with shape (2, 2, 1); it should be (2, 2)",
        ),
    ],
)
def test_a_breach_in_what_is_only_looked_at_after_a_disagreement(
    changes: str, said: str, lockstep: Lockstep, backend: Path
) -> None:
    name, _, value = changes.partition("=")
    backend.write_text(f"{BACKEND_HEAD}{EACH_STEP}{WRONG_AND}{name}={value} if trace else {{}})")
    check(lockstep(*RUN, "--backend", f"mine={backend}"), WRONG_INPUT, f"backend mine {said}")


def test_a_last_batch_with_fewer_rows_is_no_breach(lockstep: Lockstep, backend: Path) -> None:
    # M=5 in batches of 2: what is traced changes its shape with the batch.
    backend.write_text(
        f"{BACKEND_HEAD}{TRAIN}    for i, s in enumerate({STEPS}):\n"
        "        yield dataclasses.replace(s, grads={n: (2 if i == 2 else 1) * g for n, g in s.grads.items()})"
    )
    answer = lockstep(*RUN, "--set", "M=5", "--batch-size", 2, "--backend", f"mine={backend}")
    assert answer.exit_code == 1
    assert "epoch 1, update 3, grad_w" in answer.stdout


@pytest.mark.parametrize("options", [(), ("--no-certify",)], ids=["certified", "traced again"])
def test_a_smaller_last_batch_that_loses_a_row_is_named(
    options: tuple[str, ...], lockstep: Lockstep, backend: Path
) -> None:
    # M=7 in batches of 4: the last has 3 rows, of which 2 are used.
    cut = "({n: a[: len(a) // 2 * 2] for n, a in batch.items()} for batch in batches)"
    backend.write_text(
        f"{BACKEND_HEAD}{TRAIN}    yield from numpy_manual.train(ops, program, weights, {cut}, trace=trace)"
    )
    answer = lockstep(*RUN, "--set", "M=7", "--batch-size", 4, "--backend", f"mine={backend}", *options)
    check(answer, WRONG_INPUT, "backend mine yielded h with shape (2, 2) at update 2")


def test_a_backend_that_does_not_trace_gets_its_verdict(lockstep: Lockstep, backend: Path) -> None:
    backend.write_text(f"{BACKEND_HEAD}{EACH_STEP}{WRONG_AND}values={{}}, value_grads={{}})")
    answer = lockstep(*RUN, "--backend", f"mine={backend}")
    assert answer.exit_code == 1
    assert "disagree: mine: backward between loss and h_r (matmul or mean_squared_error)" in answer.stdout


def test_a_backend_that_does_not_trace_agrees_without_held_out_accuracy(lockstep: Lockstep, backend: Path) -> None:
    backend.write_text(f"{BACKEND_HEAD}{EACH_STEP}values={{}}, value_grads={{}})")
    answer = lockstep("run", "digits", "--epochs", 1, "--backend", f"mine={backend}")
    assert answer.exit_code == 0
    assert re.search(r"held-out accuracy: numpy \d\d\.\d\d%\n", answer.stdout)
