"""Not enough memory, before a run or during it, is one message with the size; finished scenarios are kept."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from backends.shortage import asked_for, is_shortage
from harness.errors import InputError, OutOfMemory
from harness.recording import memory
from harness.recording.arrays import draw_arrays
from lockstep import assert_agree
from scenarios import param, randn, scenario, sgd
from tests.lockstep.commands.commands import TINY, Lockstep

BEYOND = 2**50
"""Numbers that no address space holds, however much memory there is."""
BACKEND = """
import numpy as np
from backends import numpy_manual
from backends.numpy_manual import *

def add(x, b):  # which two_layer_tiny does not call
    SHORTAGE
    return numpy_manual.add(x, b)
"""
BACKEND_OF_ITS_OWN_LOOP = """
import torch
from backends import numpy_manual
from backends.numpy_manual import *

def train(ops, program, weights, batches, *, trace=False):
    for i, step in enumerate(numpy_manual.train(ops, program, weights, batches, trace=trace)):
        if i == 2:
            torch.empty(2**50)
        yield step
"""
SCENARIO = """
import numpy as np
from backends.numpy_manual import *
import scenarios

def twice(x):
    if type(x).__name__ == "Bounded":
        np.empty(2**50)
    return 2 * x, lambda grad_y: (2 * grad_y,)

SGD, DRAWS = scenarios.sgd(lr=0.1), {"x": scenarios.randn(4, 3), "y": scenarios.randn(4, 2)}

@scenarios.scenario(seed=1, epochs=2, optimizer=SGD, **DRAWS, w=scenarios.param(3, 2))
def doubled(op, x, y, w):
    return op.mean_squared_error(op.twice(op.matmul(x, w)), y)
"""
LIMITED_FROM_NOW_ON = """
import resource
from pathlib import Path
from backends import numpy_manual
from backends.numpy_manual import *
import scenarios

running = []  # kept, so that their memory is not freed before the limit is set

def train(ops, program, weights, batches, *, trace=False):
    running.append(numpy_manual.train(ops, program, weights, batches, trace=trace))
    for step in running[-1]:
        taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + 2**24, resource.RLIM_INFINITY))
        yield step

SGD, DRAWS = scenarios.sgd(lr=0.1), {"x": scenarios.randn(4000, 1)}

@scenarios.scenario(seed=1, epochs=2, optimizer=SGD, **DRAWS, w=scenarios.param(1, 4000))
def large(op, x, w):
    return op.reduce_mean(op.tanh(op.matmul(x, w)))
"""


@pytest.mark.parametrize(
    ("error", "size"),
    [
        (MemoryError(), ""),
        (MemoryError("Unable to allocate 7.28 TiB for an array with shape (1000000, 1000000)"), "7.28 TiB"),
        (MemoryError("Unable to allocate 976. KiB for an array"), "976 KiB"),
        (RuntimeError("[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you "
                      "tried to allocate 40000000000 bytes. Error code 12 (Cannot allocate memory)"), "37.3 GiB"),
        (RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB (GPU 0; 79.10 GiB total)"), "20 GiB"),
        (RuntimeError("std::bad_alloc"), ""),
    ],
)  # fmt: skip
def test_what_numpy_and_the_frameworks_say_is_understood(error: Exception, size: str) -> None:
    assert is_shortage(error)
    assert asked_for(error) == size


@pytest.mark.parametrize("error", [RuntimeError("shapes differ"), ValueError("Unable to allocate 1 GiB"), OSError()])
def test_no_other_error_is_taken_for_one(error: Exception) -> None:
    assert not is_shortage(error)


def test_in_an_op_of_a_backend(lockstep: Lockstep, tmp_path: Path) -> None:
    mine, run = tmp_path / "mine.py", tmp_path / "run.json"
    mine.write_text(BACKEND.replace("SHORTAGE", f"np.empty({BEYOND})"))
    answer = lockstep(*TINY, "xor", "--backend", f"mine={mine}", "--json", run)
    assert answer.exit_code == 5
    early, said = answer.stderr.splitlines()
    assert early == "lockstep: stopped early; results are those of two_layer_tiny float32"
    assert said == (
        "lockstep: scenario xor float32: backend mine ran out of memory at update 1 (add), line 7 of mine.py, "
        "asking for 8 PiB"
    )
    assert [result["scenario"] for result in json.loads(run.read_text())["results"]] == ["two_layer_tiny"]


def test_in_the_backward_of_an_op(tmp_path: Path) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(
        "from backends.numpy_manual import *\n\n"
        "def relu(x):\n"
        "    def backward(grad_y):\n"
        "        raise MemoryError\n"
        "    return np.maximum(x, 0), backward\n"
    )
    with pytest.raises(OutOfMemory) as raised:
        assert_agree("two_layer_tiny", f"mine={mine}")
    assert str(raised.value) == (
        "scenario two_layer_tiny float32: backend mine ran out of memory at update 1 (relu), line 5 of mine.py"
    )


def test_in_pytorch(lockstep: Lockstep, tmp_path: Path) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(BACKEND_OF_ITS_OWN_LOOP)
    answer = lockstep(*TINY, "--backend", f"mine={mine}")
    assert (answer.exit_code, answer.stdout) == (5, "")
    assert answer.stderr == (
        "lockstep: scenario two_layer_tiny float32: backend mine ran out of memory at update 3, line 9 of mine.py, "
        "asking for 4 PiB\n"
    )


def test_in_a_certificate(lockstep: Lockstep, tmp_path: Path) -> None:
    mine, plain = tmp_path / "mine.py", tmp_path / "plain.py"
    mine.write_text(SCENARIO)
    plain.write_text(SCENARIO.replace("np.empty(2**50)", "pass"))
    answer = lockstep("run", mine, "--backend", f"mine={mine}", "--backend", f"plain={plain}", "--reference", "mine")
    assert (answer.exit_code, answer.stdout) == (5, "")
    assert answer.stderr == (
        "lockstep: scenario doubled float32: the certificate of mine's update 1, twice, ran out of memory, "
        "asking for 8 PiB\n"
    )


def test_all_arrays_of_a_scenario_have_to_fit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    @scenario(seed=1, epochs=1, optimizer=sgd(lr=0.1), x=randn(2**10, 2**8), y=randn(2**10, 2**7), w=param(2**8, 2**7))
    def large(op, x, y, w):  # type: ignore[no-untyped-def]
        return op.mean_squared_error(op.matmul(x, w), y)

    needed = 8 * (2**18 + 2**17 + 2**15)
    monkeypatch.setattr("harness.recording.arrays.most_memory", lambda: needed - 1)
    with pytest.raises(InputError) as raised:
        draw_arrays(large, "float32")
    assert str(raised.value) == (
        "scenario large: x of shape (1024, 256) takes 0.00195 GiB to draw, all arrays together 0.00317 GiB, "
        "and there is memory of 0.00317 GiB"
    )
    monkeypatch.setattr("harness.recording.arrays.most_memory", lambda: needed)
    assert draw_arrays(large, "float32").weights["w"].shape == (2**8, 2**7)


def test_the_smallest_limit_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = memory.most_memory()
    assert machine is not None
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(memory, "CONTAINERS", (tmp_path / "missing", limit))
    for content, expected in (("max\n", machine), (f"{2**20}\n", 2**20), (f"{2**62}\n", machine)):
        limit.write_text(content)
        assert memory.most_memory() == expected


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits the address space")
@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_under_a_limit_of_the_process(backend: str, tmp_path: Path) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(LIMITED_FROM_NOW_ON)
    others = [] if backend == "numpy" else ["--backend", backend]
    command = [sys.executable, "-m", "lockstep", "run", str(mine), "--backend", f"mine={mine}", *others]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert (ended.returncode, ended.stdout) == (5, "")
    assert re.fullmatch(
        rf"lockstep: scenario large float32: backend {backend} ran out of memory at update 1 \(\w+\), "
        r"asking for 61 MiB\n",
        ended.stderr,
    )
