"""The programs that the playground gives to copy: each runs as it is, and prints the losses that the page shows."""

import os
import re
import subprocess
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backends.contract import Array
from harness.recording.loading import load_backend
from tests.reports.page.pages import Node

FRAMEWORKS = ("numpy", "chainer", "torch")
NETWORKS = [
    pytest.param({"network": "article"}, id="article"),
    pytest.param({"network": "article", "M": 5, "N_I": 4, "N_H": 6, "N_O": 2, "seed": 3, "lr": 0.01}, id="sizes"),
    pytest.param({"network": "article", "mask": False, "ysize": True, "scale": 2}, id="mask-and-size-and-scale"),
    pytest.param({"network": "article", "twice": True}, id="twice"),
    pytest.param({"network": "article", "keep": True, "epochs": 100}, id="not-cleared"),
    pytest.param({"network": "linear"}, id="linear"),
    pytest.param({"network": "logistic"}, id="logistic"),
    pytest.param({"network": "xor"}, id="xor"),
    pytest.param({"network": "xor", "optimizer": "sgd", "activation": "sigmoid"}, id="xor-sgd-sigmoid"),
    pytest.param({"network": "mlp", "epochs": 40}, id="mlp"),
    pytest.param(
        {"network": "mlp", "data": "clouds", "activation": "relu", "optimizer": "momentum"}, id="mlp-momentum"
    ),
    pytest.param({"network": "mlp", "data": "spirals", "activation": "sigmoid", "epochs": 40}, id="mlp-spirals"),
]


@pytest.fixture(scope="module")
def node(pytestconfig: pytest.Config) -> Node:
    return Node(pytestconfig)


def shown_and_copied(node: Node, changed: dict[str, Any], framework: str) -> tuple[Array, str]:
    """The losses of the page, and the program that it gives to copy."""
    losses, code = node(
        "(({ losses }, code) => [losses, code])(trained(settings), codeOf(settings, framework))",
        settings={**preset(node, changed["network"]), **changed},
        framework=framework,
    )
    return np.array(losses, np.float32), code


def preset(node: Node, network: str) -> dict[str, Any]:
    settings: dict[str, Any] = node("PRESETS[network]", network=network)
    return settings


def printed_by(code: str) -> Array:
    said = StringIO()
    with redirect_stdout(said):
        exec(compile(code, "copied.py", "exec"), {"__name__": "__main__"})
    return losses_in(said.getvalue())


def losses_in(output: str) -> Array:
    lines = [line.split() for line in output.splitlines()]
    assert [int(epoch) for epoch, _ in lines] == list(range(1, len(lines) + 1))
    return np.array([float(loss) for _, loss in lines], np.float32)


@pytest.fixture(params=FRAMEWORKS)
def framework(request: pytest.FixtureRequest) -> str:
    load_backend(request.param)  # Chainer needs what Lockstep gives it before it can be imported
    return str(request.param)


@pytest.mark.parametrize("changed", NETWORKS)
def test_the_copied_program_prints_the_losses_of_the_page(changed: dict[str, Any], framework: str, node: Node) -> None:
    shown, code = shown_and_copied(node, changed, framework)
    printed = printed_by(code)
    np.testing.assert_allclose(printed, shown, rtol=0, atol=1e-6 * float(shown[0]))
    assert len(printed) == len(shown)


def test_the_copied_programs_fit_the_screen(node: Node) -> None:
    programs = node(
        """changed.flatMap((each) => frameworks.map((framework) =>
             codeOf({ ...PRESETS[each.network], ...each }, framework)))""",
        changed=[each.values[0] for each in NETWORKS],
        frameworks=FRAMEWORKS,
    )
    assert len(programs) == len(NETWORKS) * len(FRAMEWORKS)
    for code in programs:
        assert max(len(line) for line in code.splitlines()) <= 120
        assert not re.search(r"undefined|NaN|\[object", code)


def test_lockstep_runs_the_copied_chainer_program_in_a_process_of_its_own(node: Node, tmp_path: Path) -> None:
    shown, code = shown_and_copied(node, {"network": "xor"}, "chainer")
    (tmp_path / "copied.py").write_text(code, encoding="utf-8")
    assert code.startswith("# lockstep chainer FILE.py runs this")
    command = [sys.executable, "-m", "lockstep", "chainer", "copied.py"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[4])}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    np.testing.assert_allclose(losses_in(done.stdout), shown, rtol=0, atol=1e-6 * float(shown[0]))
