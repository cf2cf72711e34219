"""The suite as a user runs it over scenarios and backends of their own."""

import re
import subprocess
import sys
from pathlib import Path

from scenarios import DTYPES

ROOT = Path(__file__).parents[2]
AGREEMENT = "tests/harness/test_agreement.py"


def run_pytest(*arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n", "0", *arguments]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return answer.returncode, answer.stdout + answer.stderr


def test_scenarios_and_backends_can_be_chosen_and_the_header_has_the_versions() -> None:
    code, printed = run_pytest(
        AGREEMENT, "-v", "--scenario", "two_layer_tiny", "--backend", "autograd=backends.hips_autograd"
    )
    assert code == 0
    assert "test_backend_agrees_with_reference[two_layer_tiny-autograd-float32] PASSED" in printed
    assert "test_backend_agrees_with_reference[two_layer_tiny-autograd-float64] PASSED" in printed
    assert "2 passed" in printed
    (header,) = (line for line in printed.splitlines() if line.startswith("lockstep "))
    for part in ("python 3.", "numpy 2.", "chainer 7.8", "torch 2.", "blas "):
        assert part in header


def test_a_missing_framework_skips_with_its_reason_and_fails_where_it_is_required() -> None:
    arguments = (AGREEMENT, "--scenario", "two_layer_tiny", "--backend", "gone=a_framework.that_nobody_has")
    code, printed = run_pytest(*arguments)
    assert code == 0
    assert "2 skipped" in printed
    assert "backend gone can't be imported: No module named 'a_framework'" in printed
    code, printed = run_pytest(*arguments, "--require-backends")
    assert code == 1
    assert "--require-backends: backend gone can't be imported" in printed


def test_a_failing_comparison_starts_with_what_where_and_by_how_much(tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text(
        "from backends.numpy_manual import *\ndef relu(x):\n    return np.maximum(x, 0), lambda grad_y: (grad_y,)\n"
    )
    code, printed = run_pytest(AGREEMENT, "--scenario", "two_layer_tiny", "--backend", f"broken={broken}")
    assert code == 1
    assert (
        "E       AssertionError: two_layer_tiny float32: disagree: broken: relu backward, call h_r, epoch 1, grad_h"
        in printed
    )


SOFTMAX = """
from backends.numpy_manual import *


def softmax(x, *, axis=-1):
    powers = np.exp(x - np.max(x, axis=axis, keepdims=True))
    y = powers / np.sum(powers, axis=axis, keepdims=True)
    return y, lambda grad_y: (y * (grad_y - np.sum(grad_y * y, axis=axis, keepdims=True)),)
"""
BY_ITS_OWN_TRAIN = """
import autograd.numpy as autograd_np

from backends.hips_autograd import *


def softmax(x, *, axis=-1):
    powers = autograd_np.exp(x - autograd_np.max(x, axis=axis, keepdims=True))
    return powers / autograd_np.sum(powers, axis=axis, keepdims=True)
"""
BY_TORCH = """
from backends.torch_autograd import *


def softmax(x, *, axis=-1):
    return torch.softmax(x, dim=axis)
"""


def test_every_op_of_a_chosen_backend_is_checked_by_name(tmp_path: Path) -> None:
    """By hand, by a framework and by a train of its own: a right softmax passes, and a wrong one fails."""
    backward_of_means = SOFTMAX.replace("np.sum(grad_y", "np.mean(grad_y")
    texts = {
        "mine_by_hand": SOFTMAX,
        "mine_by_train": BY_ITS_OWN_TRAIN,
        "mine_by_torch": BY_TORCH,
        "faulty_by_hand": backward_of_means,
        "faulty_by_train": BY_ITS_OWN_TRAIN.replace("sum(powers, axis=axis", "sum(powers, axis=0"),
        "faulty_by_torch": BY_TORCH.replace("dim=axis", "dim=0"),
    }
    assert len(set(texts.values())) == len(texts)
    for name, text in texts.items():
        (tmp_path / f"{name}.py").write_text(text)
    chosen = [part for name in texts for part in ("--backend", f"{name}={tmp_path / name}.py")]
    code, printed = run_pytest("tests/backends", "-v", "-k", "softmax and (mine or faulty)", *chosen)
    assert code == 1
    outcomes = dict(re.findall(r"::(test_\w+\[\S+\]) (PASSED|FAILED|SKIPPED|ERROR)", printed))
    for name in texts:
        said = "FAILED" if name.startswith("faulty") else "PASSED"
        for dtype in DTYPES:
            assert outcomes[f"test_an_op_alone_is_certified[{dtype}-{name}-6-softmax]"] == said
    derivative = "test_every_hand_written_backward_is_the_derivative"
    assert outcomes[f"{derivative}[mine_by_hand-0-softmax]"] == "PASSED"
    assert outcomes[f"{derivative}[faulty_by_hand-0-softmax]"] == "FAILED"
    assert outcomes[f"{derivative}[mine_by_torch-0-softmax]"] == "SKIPPED"
    assert "ERROR" not in outcomes.values()
    assert all("faulty" in case and case.endswith("softmax]") for case, said in outcomes.items() if said == "FAILED")
    assert "softmax of faulty_by_hand is off by" in printed


def test_a_chosen_backend_takes_the_place_of_the_built_in_one_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(SOFTMAX.replace("np.sum(grad_y", "np.mean(grad_y"))
    tests = ("tests/backends/test_equivalent_formulas.py", "-v", "-k", "alone_is_certified and float64 and 6-softmax")
    code, printed = run_pytest(*tests, "--backend", f"numpy={tmp_path / 'mine.py'}")
    assert code == 1
    assert "[float64-numpy-6-softmax] FAILED" in printed
    assert "[float64-torch-6-softmax] PASSED" in printed


def test_two_backends_of_one_name_are_refused() -> None:
    code, printed = run_pytest("tests/backends/test_contract.py", "--backend", "torch", "--backend", "torch")
    assert code != 0
    assert "two backends are called 'torch'" in printed
