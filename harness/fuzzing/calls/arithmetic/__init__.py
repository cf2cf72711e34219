"""Calls of arithmetic."""

from harness.fuzzing.calls.arithmetic import elementary, elementwise, products, reductions, sums
from harness.fuzzing.calls.maker import Maker

MAKERS: dict[str, Maker] = {
    **products.MAKERS,
    **elementwise.MAKERS,
    **reductions.MAKERS,
    **sums.MAKERS,
    **elementary.MAKERS,
}
