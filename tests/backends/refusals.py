"""Whether an op refused by itself, in its own words, or NumPy refused inside of it."""

import linecache
import re
import traceback
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backends import numpy_manual
from backends.contract import Array

OWN = Path(numpy_manual.__file__).parent
SCORES = np.zeros((3, 4), np.float32)
LABELS = np.array([0, 3, 1])


def ones(*shape: int) -> Array:
    """An array of ones of float32."""
    return np.ones(shape, np.float32)


def check_refused(op: str, inputs: list[Any], settings: dict[str, Any], says: str) -> None:
    """Check that a hand-written op refuses these inputs itself, and that what it says has these words."""
    with pytest.raises(ValueError, match=re.escape(says)) as refusal:
        getattr(numpy_manual, op)(*inputs, **settings)
    assert is_in_own_words(refusal.value)


def is_in_own_words(error: BaseException) -> bool:
    """Whether a `raise` of the hand-written backend itself raised this error."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    raised_by = linecache.getline(frame.filename, frame.lineno or 0).strip()
    return Path(frame.filename).is_relative_to(OWN) and raised_by.startswith("raise ")
