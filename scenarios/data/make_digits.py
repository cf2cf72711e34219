# /// script
# requires-python = ">=3.11"
# dependencies = ["scikit-learn", "numpy"]
# ///
"""Rebuilds digits.npz from scikit-learn's copy of the data: `uv run scenarios/data/make_digits.py`."""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

digits = load_digits()
np.savez_compressed(
    Path(__file__).with_name("digits.npz"),
    images=digits.data.astype(np.uint8),
    labels=digits.target.astype(np.uint8),
)
