"""What PyTorch computes by another right formula than the hand-written one."""

from backends.equivalent_formulas import activations, losses

FORMULAS = {
    "softplus": activations.softplus_of_exponential,
    "sigmoid_cross_entropy": losses.sigmoid_cross_entropy_by_log_sigmoid,
}
"""By the op's name."""
