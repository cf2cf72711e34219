"""PyTorch's samples as calls of the activations."""

from collections.abc import Mapping, Sequence

from tests.backends.op_db.activations import gates, rectifiers, smooth
from tests.backends.op_db.samples import Source

SOURCES: Mapping[str, Sequence[Source]] = {
    **rectifiers.SOURCES,
    **smooth.SOURCES,
    **gates.SOURCES,
}
