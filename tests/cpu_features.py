"""Prints the CPU features that this NumPy dispatches on, as NPY_DISABLE_CPU_FEATURES takes them."""

from typing import Any

from numpy._core import _multiarray_umath

umath: Any = _multiarray_umath

if __name__ == "__main__":
    print(" ".join(name for name in umath.__cpu_dispatch__ if umath.__cpu_features__.get(name)))
