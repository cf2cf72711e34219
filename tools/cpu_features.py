"""Prints the CPU features that this NumPy dispatches on, as NPY_DISABLE_CPU_FEATURES takes them."""

import importlib

if __name__ == "__main__":
    umath = importlib.import_module("numpy._core._multiarray_umath")
    print(" ".join(name for name in umath.__cpu_dispatch__ if umath.__cpu_features__.get(name)))
