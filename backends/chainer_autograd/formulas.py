"""What Chainer computes by another right formula than the hand-written one."""

from backends.equivalent_formulas import activations, optimizers

FORMULAS = {
    "elu": activations.elu_by_output,
    "selu": activations.selu_by_output,
    "softplus": activations.softplus_by_difference,
    "sigmoid": activations.sigmoid_by_tanh,
    "swish": activations.swish_by_tanh,
    "adam": optimizers.adam_by_differences,
    "adamw": optimizers.adamw_by_differences,
}
"""By the op's name."""
