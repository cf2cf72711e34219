"""Labels and ids may be cut out of a tensor of integers; a backend that cuts elsewhere is named."""

from types import ModuleType
from typing import Any

import numpy as np

from backends import numpy_manual
from backends.contract import Array
from harness.recording.loading import LoadedBackend, load_backend
from harness.run import run_scenario
from scenarios.sequences.language_models import bigrams


def slice_one_early(x: Array, *, start: int, stop: int, axis: int) -> Any:
    """Labels that are the inputs themselves, not the next characters."""
    is_label = x.dtype.kind == "i" and start == 1
    return numpy_manual.slice_axis(x, start=start - is_label, stop=stop - is_label, axis=axis)


def test_a_slice_of_integers_that_starts_elsewhere_is_named() -> None:
    module = ModuleType("early")
    vars(module).update({**vars(numpy_manual), "slice_axis": slice_one_early})
    result = run_scenario(bigrams, [load_backend("numpy"), LoadedBackend("early", module)])
    assert result.verdict == "disagree"
    first = result.culprits[0]
    assert (first.op, first.phase, first.tensor) == ("slice_axis", "forward", "slice_axis_2")
    assert np.isclose(first.allowed, 0)
