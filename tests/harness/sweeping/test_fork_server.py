"""What workers of this machine are forked from: it has imported everything, and has one thread."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
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
import gc
import os
import sys
from multiprocessing import get_context
from harness.sweeping import fork_server

def tell(queue):
    has_both = "torch" in sys.modules and "chainer" in sys.modules
    looked_through = len(gc.get_objects()) / gc.get_freeze_count()
    queue.put([has_both, os.environ["OPENBLAS_NUM_THREADS"], looked_through < 0.1])

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
    """Which is not looked through for garbage; and the command need not have it."""
    program = tmp_path / "program.py"
    program.write_text(FORKED)
    told = subprocess.run([sys.executable, program], capture_output=True, text=True, check=True)
    assert told.stdout.splitlines() == ["[True, '1', True]", "False"]


SLEEPING = """
import signal
import time
from harness.sweeping import fork_server

signal.signal(signal.SIGINT, signal.default_int_handler)  # which a program in the background ignores
fork_server.start()
time.sleep(60)
"""


def test_a_signal_to_stop_while_it_imports_says_nothing(tmp_path: Path) -> None:
    """It is for the command alone, but a terminal sends it to all."""
    program = tmp_path / "program.py"
    program.write_text(SLEEPING, encoding="utf-8")
    command = subprocess.Popen([sys.executable, program], stderr=subprocess.PIPE, text=True, start_new_session=True)
    (server,) = _children_of(command.pid)
    while signal.SIGINT not in _ignored_by(server):
        time.sleep(0.01)
    assert "torch" not in Path(f"/proc/{server}/maps").read_text()
    os.killpg(command.pid, signal.SIGINT)
    _, said = command.communicate()
    assert said.count("Traceback") == 1  # the program's own
    assert "time.sleep(60)" in said


def _children_of(process: int) -> list[int]:
    """The processes that are forked to become servers, once there are some."""
    while True:
        found = [child.pid for child in psutil.Process(process).children() if "forkserver" in " ".join(child.cmdline())]
        if found:
            return found
        time.sleep(0.01)


def _ignored_by(process: int) -> set[int]:
    """The signals that a process ignores."""
    status = Path(f"/proc/{process}/status").read_text()
    bits = int(next(line.split()[1] for line in status.splitlines() if line.startswith("SigIgn")), 16)
    return {number for number in range(1, 65) if bits >> (number - 1) & 1}
