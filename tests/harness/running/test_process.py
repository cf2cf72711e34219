"""Settings of the process during a run: freed memory is kept for reuse."""

import mmap
import os
import platform
import subprocess
import sys

import pytest

from harness.running.process import MOST_KEPT

FAULTS = """
import resource
import threading
import numpy as np
from contextlib import nullcontext
from harness.running.process import freed_memory_kept

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(100):
        np.ones(3 * 2**20, np.uint8)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)

with {context}():
    faults()
    thread = threading.Thread(target=faults)
    thread.start()
    thread.join()
"""
KEPT = """
import resource
import numpy as np
from harness.running.process import freed_memory_kept

def resident():
    np.ones(2**20, np.uint8)  # what is freed at the end of the heap makes glibc look how much is free there
    with open("/proc/self/statm") as pages:
        return int(pages.read().split()[1]) * resource.getpagesize()

before = resident()
with freed_memory_kept():
    for _ in range(2):
        arrays = [np.ones(2**20, np.uint8) for _ in range(300)]
        del arrays
    print(resident() - before)
print(resident() - before)
"""
PAGES = 3 * 2**20 // mmap.PAGESIZE
"""Of each array, which is larger than any gap that imports leave in the heap.

From 4 MiB on, NumPy asks for huge pages, a few of which come in place of all these, if the system has some left.
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has these settings")
@pytest.mark.parametrize("is_kept", [True, False])
def test_freed_memory_is_reused_although_the_environment_says_otherwise(is_kept: bool) -> None:
    """In the main thread and in another one; as Dask sets it for its workers."""
    code = FAULTS.format(context="freed_memory_kept" if is_kept else "nullcontext")
    environment = os.environ | {"MALLOC_TRIM_THRESHOLD_": "65536"}
    told = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    for count in map(int, told.stdout.split()):
        assert (count < 10 * PAGES) == is_kept


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has these settings")
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much memory is resident in this way")
def test_after_a_run_most_freed_memory_goes_back_to_the_system() -> None:
    told = subprocess.run([sys.executable, "-c", KEPT], capture_output=True, text=True, check=True)
    inside, after = map(int, told.stdout.split())
    assert inside > 250 * 2**20
    assert after < MOST_KEPT + 10 * 2**20
