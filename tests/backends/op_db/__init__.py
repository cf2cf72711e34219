"""PyTorch's sample inputs as calls of the suite's ops: one function per kind of op, for the samples of `op_db`.

A sample whose setting no op of the suite has, such as a divisor of its own for a mean, is Inexpressible. How a loss is
reduced is not the sample's but the op's: the inputs are what samples are for.
"""

from collections.abc import Mapping, Sequence

from tests.backends.op_db import activations, arithmetic, arrays, layers, losses
from tests.backends.op_db.samples import Called, Inexpressible, Source

__all__ = ["SOURCES", "Called", "Inexpressible", "Source"]

SOURCES: Mapping[str, Sequence[Source]] = {
    **arithmetic.SOURCES,
    **arrays.SOURCES,
    **activations.SOURCES,
    **layers.SOURCES,
    **losses.SOURCES,
}
"""The samples of each op that PyTorch has a function like."""
