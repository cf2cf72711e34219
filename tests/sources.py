"""Files that users write, with a mistake in them, for tests that need no particular line."""

NO_MASK = """
from backends.numpy_manual import *


def relu(x):
    return np.maximum(x, 0), lambda grad_y: (grad_y,)
"""
"""A backend whose ReLU passes every gradient on."""
STUDENTS_FILE = """
import numpy as np


def relu(x):
    return np.maximum(x, 0), lambda grad_y: (np.where(x >= 0, grad_y, 0),)


def matmul(x, w):
    return x @ w, lambda grad_y: (grad_y @ w.T, x @ grad_y)
"""
"""Of the lab: relu takes the wrong side where both are equal, and matmul leaves a transpose out."""
