"""Calls of the ops that move, read and repeat elements."""

from harness.fuzzing.calls.arrays import indexing, joining, repeating, reshaping
from harness.fuzzing.calls.maker import Maker

MAKERS: dict[str, Maker] = {
    **reshaping.MAKERS,
    **joining.MAKERS,
    **indexing.MAKERS,
    **repeating.MAKERS,
}
