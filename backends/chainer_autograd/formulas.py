"""What Chainer computes by another right formula than the hand-written one."""

from backends.equivalent_formulas import activations, optimizers

FORMULAS = {
    "sigmoid": activations.sigmoid_by_tanh,
    "adam": optimizers.adam_by_differences,
    "adamw": optimizers.adamw_by_differences,
}
"""By the op's name."""
