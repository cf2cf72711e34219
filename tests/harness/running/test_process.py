"""Settings of the process during a run: freed memory is kept for reuse."""

import mmap
import os
import platform
import subprocess
import sys

import pytest

FAULTS = """
import resource
import threading
import numpy as np
from harness.running.process import keep_freed_memory

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(100):
        np.ones(3 * 2**20, np.uint8)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)

{call}
faults()
thread = threading.Thread(target=faults)
thread.start()
thread.join()
"""
PAGES = 3 * 2**20 // mmap.PAGESIZE
"""Of each array, which is larger than any gap that imports leave in the heap.

From 4 MiB on, NumPy asks for huge pages, a few of which come in place of all these, if the system has some left.
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has these settings")
@pytest.mark.parametrize("is_called", [True, False])
def test_freed_memory_is_reused_although_the_environment_says_otherwise(is_called: bool) -> None:
    """In the main thread and in another one; as Dask sets it for its workers."""
    code = FAULTS.format(call="keep_freed_memory()" if is_called else "")
    environment = os.environ | {"MALLOC_TRIM_THRESHOLD_": "65536"}
    told = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    for count in map(int, told.stdout.split()):
        assert (count < 10 * PAGES) == is_called
