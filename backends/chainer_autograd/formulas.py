"""Ops that Chainer computes by another correct formula than the hand-written one."""

from backends.equivalent_formulas import activations, gates, losses, optimizers, recurrent

FORMULAS = {
    "elu": activations.elu_by_output,
    "selu": activations.selu_by_output,
    "gelu_tanh": activations.gelu_tanh_by_chain_rule,
    "softplus": activations.softplus_by_difference,
    "sigmoid": activations.sigmoid_by_tanh,
    "swish": activations.swish_by_tanh,
    "hard_swish": activations.hard_swish_by_product,
    "mish": activations.mish_by_difference,
    "log_sigmoid": activations.log_sigmoid_by_difference,
    "glu": gates.glu_by_tanh,
    "swiglu": gates.swiglu_by_tanh,
    "lstm": recurrent.lstm_by_tanh,
    "gru_reset_before": recurrent.gru_reset_before_by_tanh,
    "gru_reset_after": recurrent.gru_reset_after_by_tanh,
    "lstm_layers": recurrent.lstm_layers_by_tanh,
    "gru_layers": recurrent.gru_layers_by_tanh,
    "smooth_l1": losses.smooth_l1_by_huber,
    "triplet_margin": losses.triplet_margin_by_chain_rule,
    "sigmoid_cross_entropy": losses.sigmoid_cross_entropy_by_tanh,
    "masked_sigmoid_cross_entropy": losses.masked_sigmoid_cross_entropy_by_tanh,
    "binary_cross_entropy_with_logits": losses.binary_cross_entropy_by_softplus,
    "adadelta": optimizers.adadelta_by_quotient,
    "adam": optimizers.adam_by_differences,
    "amsgrad": optimizers.amsgrad_by_differences,
    "adamw": optimizers.adamw_by_differences,
    "adabound": optimizers.adabound_by_differences,
    "amsbound": optimizers.amsbound_by_differences,
    "msvag": optimizers.msvag_by_differences,
}
"""By the op's name."""
