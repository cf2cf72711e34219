"""PyTorch's samples as calls of the ops that move, read and repeat elements."""

from collections.abc import Mapping, Sequence

from tests.backends.op_db.arrays import indexing, joining, repeating, reshaping
from tests.backends.op_db.samples import Source

SOURCES: Mapping[str, Sequence[Source]] = {
    **reshaping.SOURCES,
    **joining.SOURCES,
    **indexing.SOURCES,
    **repeating.SOURCES,
}
