"""The suite as a user runs it over scenarios and backends of their own."""

import subprocess
import sys
from pathlib import Path

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
