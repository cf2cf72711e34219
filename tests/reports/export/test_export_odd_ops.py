"""What can't be written one line after the other is a function of an exported program, as it stands in the backend."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from harness.errors import InputError
from harness.recording.arrays import draw_arrays
from harness.recording.catalogue import find_scenario
from harness.recording.loading import hand_written_ops, load_backend
from harness.recording.recorder import record_program
from harness.running.runner import Runner
from reports.export.frameworks import framework
from reports.export.script import Script
from tests.reports.export.test_export import printed_by

BACKENDS = {
    "numpy": '''
from backends.numpy_manual import *
import numpy as np

FACTORS: tuple[float, ...] = (0.5, 2.0)
"""By which it multiplies."""

def _factor(x: np.ndarray) -> float:
    return FACTORS[x.ndim % 2]

def branching(
    x: np.ndarray,
    labels: np.ndarray,
    *,
    by: float = 1.0,
) -> tuple:
    """y = x times a factor."""
    # Why it is so.
    if x.ndim == 0:
        return x, lambda grad_y: (grad_y, None)
    y: np.ndarray = x * _factor(x) * by
    return y, lambda grad_y: (lambda: grad_y * _factor(x) * by, None)

def halting(w: np.ndarray, grad_w: np.ndarray, *, lr: float) -> np.ndarray:
    """w ← w − lr·g, unless there is nothing to gain."""
    if not grad_w.any():
        return w
    return w - lr * grad_w
''',
    "torch": """
from backends.torch_autograd import *
from torch import Tensor

def branching(x: Tensor, labels: Tensor, *, by: float = 1.0) -> Tensor:
    if not x.numel():
        return x
    return x * 0.5 * by
""",
}
SCENARIO = """
from scenarios import Optimizer, gradient_accumulation, group, param, randn, scenario, sgd

@scenario(seed=1, epochs=3, optimizer=sgd(lr=0.1), x=randn(4, 3), y=randn(4, 3), w=param(3, 3))
def branched(op, x, y, w):
    h = op.branching(op.matmul(x, w), y, by=3.0)
    return op.mean_squared_error(op.branching(op.add(h, h), y), y)

@scenario(
    seed=1, epochs=3, optimizer=Optimizer("halting", {"lr": 0.1}), batch_size=2,
    accumulation=gradient_accumulation(batches=2), groups=[group("b", trained_from=2)],
    x=randn(4, 3), y=randn(4, 2), w=param(3, 2), b=param(2),
)
def halted(op, x, y, w, b):
    return op.mean_squared_error(op.linear(x, w, b), y)
"""


def script_and_runner(backend: str, module: str, folder: Path, chosen: str = "branched") -> tuple[Script, Runner]:
    for name, source in BACKENDS.items():
        (folder / f"{name}_that_branches.py").write_text(source)
    (folder / "branched.py").write_text(SCENARIO)
    scenario = find_scenario(f"{folder / 'branched.py'}:{chosen}")
    draws = draw_arrays(scenario, scenario.dtype)
    program = record_program(scenario, draws, hand_written_ops([load_backend("numpy=numpy_that_branches")]))
    frame = replace(framework(backend), module=module)
    script = Script(scenario, program, draws, scenario.dtype, frame, command="lockstep export", archive="data.npz")
    return script, Runner(load_backend(f"{backend}={module}"), program, draws, 3, scenario.dtype)


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_op_that_is_more_than_lines_is_called(backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    script, runner = script_and_runner(backend, f"{backend}_that_branches", tmp_path)
    text = script.text()
    assert "def branching(x, labels, *, by=1.0):" in text
    assert "_that_branches" not in text
    if backend == "numpy":
        assert "# By which it multiplies.\nFACTORS = (0.5, 2.0)\n" in text
        assert "    # Why it is so.\n" in text
    assert printed_by(text, script, tmp_path) == [str(np.asarray(runner.advance().loss)) for _ in range(3)]


def test_an_op_that_a_framework_lacks_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InputError, match="no op branching \\(needed by scenario branched\\)"):
        script_and_runner("chainer", "backends.chainer_autograd", tmp_path)


def test_a_rule_that_is_more_than_lines_is_called_at_the_steps_of_trained_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    script, runner = script_and_runner("numpy", "numpy_that_branches", tmp_path, "halted")
    text = script.text()
    assert "b = halting(b, grad_b, lr=0.1)" in text
    losses = [[float(runner.advance().loss) for _ in range(2)] for _ in range(3)]
    assert printed_by(text, script, tmp_path) == [
        str(np.float32(sum(2 * loss for loss in each) / 4)) for each in losses
    ]
