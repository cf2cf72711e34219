"""PyTorch's samples as calls of arithmetic."""

from collections.abc import Mapping, Sequence

from tests.backends.op_db.arithmetic import elementary, elementwise, products, reductions, sums
from tests.backends.op_db.samples import Source

SOURCES: Mapping[str, Sequence[Source]] = {
    **products.SOURCES,
    **elementwise.SOURCES,
    **reductions.SOURCES,
    **sums.SOURCES,
    **elementary.SOURCES,
}
