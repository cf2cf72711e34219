"""What workers of this machine are forked from: it has imported everything, and has one thread."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.sweeping import fork_server

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not fork_server.IS_AVAILABLE, reason="workers are not forked here"),
]

IMPORTING = f"""
import json
import os
import sys
import {fork_server.EVERYTHING}

threads = len(os.listdir("/proc/self/task"))
before = set(sys.modules)
from harness.recording.catalogue import find_scenarios
from harness.recording.loading import load_backends
from harness.run import run_scenario

result = run_scenario(find_scenarios(["two_layer_tiny"])[0].vary(epochs=2), load_backends(()))
print(json.dumps([threads, sorted(set(sys.modules) - before)]))
"""
FEW = 30
"""Modules that a first run may import: Lockstep's own and single ones, no framework's hundreds."""


def test_a_first_run_has_nothing_left_to_import() -> None:
    environment = os.environ | fork_server.ONE_THREAD
    told = subprocess.run(
        [sys.executable, "-c", IMPORTING], env=environment, capture_output=True, text=True, check=True
    )
    threads, imported = json.loads(told.stdout.splitlines()[-1])
    assert threads == 1
    assert len(imported) < FEW, imported


FORKED = """
import os
import sys
from multiprocessing import get_context
from harness.sweeping import fork_server

def tell(queue):
    queue.put(["torch" in sys.modules, "chainer" in sys.modules, os.environ["OPENBLAS_NUM_THREADS"]])

if __name__ == "__main__":
    os.environ.pop("OPENBLAS_NUM_THREADS", None)
    fork_server.start()
    fork_server.start()
    assert "OPENBLAS_NUM_THREADS" not in os.environ
    context = get_context(fork_server.METHOD)
    queue = context.SimpleQueue()
    process = context.Process(target=tell, args=(queue,))
    process.start()
    print(queue.get())
    process.join()
    print("torch" in sys.modules)
"""


def test_what_is_forked_has_everything(tmp_path: Path) -> None:
    """And the command need not have it."""
    program = tmp_path / "program.py"
    program.write_text(FORKED)
    told = subprocess.run([sys.executable, program], capture_output=True, text=True, check=True)
    assert told.stdout.splitlines() == ["[True, True, '1']", "False"]
