"""Calls of the activations."""

from harness.fuzzing.calls.activations import gates, rectifiers, smooth
from harness.fuzzing.calls.maker import Maker

MAKERS: dict[str, Maker] = {
    **rectifiers.MAKERS,
    **smooth.MAKERS,
    **gates.MAKERS,
}
