"""Whether an op refused by itself, in its own words, or NumPy refused inside of it."""

import linecache
import traceback
from pathlib import Path

from backends import numpy_manual

OWN = Path(numpy_manual.__file__).parent


def is_in_own_words(error: BaseException) -> bool:
    """Whether a `raise` of the hand-written backend itself raised this error."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    raised_by = linecache.getline(frame.filename, frame.lineno or 0).strip()
    return Path(frame.filename).parent == OWN and raised_by.startswith("raise ")
