"""Ops that PyTorch computes by another correct formula than the hand-written one."""

from backends.equivalent_formulas import activations, losses, normalisation, optimizers

FORMULAS = {
    "softplus": activations.softplus_of_exponential,
    "batch_norm": normalisation.batch_norm_by_offset,
    "fixed_batch_norm": normalisation.fixed_batch_norm_by_offset,
    "group_norm": normalisation.group_norm_by_offset,
    "instance_norm": normalisation.instance_norm_by_offset,
    "sigmoid_cross_entropy": losses.sigmoid_cross_entropy_by_log_sigmoid,
    "masked_sigmoid_cross_entropy": losses.masked_sigmoid_cross_entropy_by_log_sigmoid,
    "binary_cross_entropy_with_logits": losses.binary_cross_entropy_by_log_sigmoid,
    # PyTorch computes only the first moment like this, by lerp; it shows on CPUs without fused multiply-add.
    "adam": optimizers.adam_by_differences,
    "amsgrad": optimizers.amsgrad_by_differences,
    "adamw": optimizers.adamw_by_differences,
    "adamax": optimizers.adamax_by_differences,
    "nadam": optimizers.nadam_by_differences,
    "radam": optimizers.radam_by_differences,
    "rmsprop_centered": optimizers.rmsprop_centered_by_differences,
}
"""By the op's name."""
