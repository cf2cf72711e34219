"""What Chainer computes by another right formula than the hand-written one."""

from backends import equivalent_formulas

FORMULAS = {
    "sigmoid": equivalent_formulas.sigmoid_by_tanh,
    "adam": equivalent_formulas.adam_by_differences,
    "adamw": equivalent_formulas.adamw_by_differences,
}
"""By the op's name."""
