"""What PyTorch computes by another right formula than the hand-written one."""

from backends.equivalent_formulas import activations

FORMULAS = {
    "softplus": activations.softplus_of_exponential,
}
"""By the op's name."""
