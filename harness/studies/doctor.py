"""Checks that the frameworks of this machine work, by training with each, and advises what to do if one does not."""

import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from backends.vocabulary import BUILT_IN
from harness.errors import BackendMissing, InputError
from harness.recording.arrays import draw_arrays
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import hand_written_ops, load_backend
from harness.recording.recorder import record_program
from harness.running.runner import Runner

INSTALL = 'run `python -m uv sync` in the clone, or install it as README.md says under "Without uv"'
ADVICE = {
    "python": "use Python 3.11 or newer: `uv python install 3.13`",
    "numpy": INSTALL,
    "blas": "reinstall NumPy from its wheel: `uv pip install --reinstall numpy`",
    "chainer": f"{INSTALL}; Chainer is built from source with setuptools older than 81",
    "torch": INSTALL,
    "uv": "`python -m pip install uv`; it is only needed for the one-command setup",
}


@dataclass(frozen=True)
class Examination:
    """One part of the installation: its version, whether it works, and what to do if not."""

    name: str
    version: str
    works: bool
    detail: str
    advice: str


def examine() -> list[Examination]:
    """Examine Python, NumPy, BLAS, Chainer, torch and uv, in this order."""
    return [
        _python(),
        _framework("numpy"),
        _blas(),
        _framework("chainer"),
        _framework("torch"),
        _uv(),
    ]


def backends_work(examinations: list[Examination]) -> bool:
    """Whether all three backends work; uv is a convenience."""
    return all(examination.works for examination in examinations if examination.name in BUILT_IN)


def _examined(name: str, version: str, works: bool, detail: str) -> Examination:
    return Examination(name, version, works, detail, "" if works else ADVICE[name])


def _python() -> Examination:
    return _examined("python", platform.python_version(), sys.version_info >= (3, 11), platform.machine())


def _framework(name: str) -> Examination:
    """Train two updates of the tiny network; the framework works if the loss falls."""
    try:
        installed = version(name)
    except PackageNotFoundError:
        return _examined(name, "not installed", False, f"there is no package {name}")
    try:
        losses = _two_updates(name)
    except (BackendMissing, InputError) as error:
        return _examined(name, installed, False, str(error))
    return _examined(name, installed, losses[1] < losses[0], f"trained: loss {losses[0]:.6f} → {losses[1]:.6f}")


def _two_updates(name: str) -> list[float]:
    scenario = built_in_scenarios()["two_layer_tiny"]
    draws = draw_arrays(scenario, scenario.dtype)
    program = record_program(scenario, draws, hand_written_ops(()))
    runner = Runner(load_backend(name), program, draws, 2, scenario.dtype)
    return [float(runner.advance().loss) for _ in range(2)]


def _blas() -> Examination:
    """Multiply matrices of small whole numbers, whose product is exact in every order of summation."""
    import threadpoolctl

    pools = [pool for pool in threadpoolctl.threadpool_info() if pool["user_api"] == "blas"]
    versions = ", ".join(f"{pool['internal_api']} {pool['version']}" for pool in pools) or "not identified"
    a = np.arange(64 * 48, dtype=np.float32).reshape(64, 48) % 7
    exact = [[sum(int(x) * int(y) for x, y in zip(row, column, strict=True)) for column in a] for row in a]
    works = bool((a @ a.T == np.asarray(exact)).all())
    detail = "matrix product exact" if works else "a matrix product of small whole numbers came out wrong"
    return _examined("blas", versions, works, detail)


def _uv() -> Examination:
    command = [shutil.which("uv") or sys.executable, *([] if shutil.which("uv") else ["-m", "uv"]), "--version"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    words = answer.stdout.split()
    works = answer.returncode == 0 and len(words) > 1
    return _examined("uv", words[1] if works else "not found", works, "")
