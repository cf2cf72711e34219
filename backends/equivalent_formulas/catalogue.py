"""All of these formulas by op, for asking whether one of them would explain what a backend computed."""

from collections.abc import Callable, Mapping
from typing import Any

from backends.equivalent_formulas import activations, gates, losses, normalisation, optimizers, recurrent

OTHER_FORMULAS: Mapping[str, tuple[Callable[..., Any], ...]] = {
    "elu": (activations.elu_by_output,),
    "selu": (activations.selu_by_output,),
    "softplus": (
        activations.softplus_by_difference,
        activations.softplus_of_exponential,
        activations.softplus_by_logarithm,
    ),
    "sigmoid": (activations.sigmoid_by_tanh,),
    "tanh": (activations.tanh_by_factors,),
    "gelu_tanh": (activations.gelu_tanh_by_chain_rule,),
    "swish": (activations.swish_by_tanh,),
    "hard_swish": (activations.hard_swish_by_product,),
    "mish": (activations.mish_by_difference,),
    "log_sigmoid": (activations.log_sigmoid_by_difference,),
    "glu": (gates.glu_by_tanh,),
    "swiglu": (gates.swiglu_by_tanh,),
    "batch_norm": (normalisation.batch_norm_by_offset,),
    "fixed_batch_norm": (normalisation.fixed_batch_norm_by_offset,),
    "group_norm": (normalisation.group_norm_by_offset,),
    "instance_norm": (normalisation.instance_norm_by_offset,),
    "lstm": (recurrent.lstm_by_tanh,),
    "gru_reset_before": (recurrent.gru_reset_before_by_tanh,),
    "gru_reset_after": (recurrent.gru_reset_after_by_tanh,),
    "lstm_layers": (recurrent.lstm_layers_by_tanh,),
    "gru_layers": (recurrent.gru_layers_by_tanh,),
    "smooth_l1": (losses.smooth_l1_by_huber,),
    "triplet_margin": (losses.triplet_margin_by_chain_rule,),
    "sigmoid_cross_entropy": (losses.sigmoid_cross_entropy_by_tanh, losses.sigmoid_cross_entropy_by_log_sigmoid),
    "masked_sigmoid_cross_entropy": (
        losses.masked_sigmoid_cross_entropy_by_tanh,
        losses.masked_sigmoid_cross_entropy_by_log_sigmoid,
    ),
    "binary_cross_entropy_with_logits": (
        losses.binary_cross_entropy_by_softplus,
        losses.binary_cross_entropy_by_log_sigmoid,
    ),
    "adadelta": (optimizers.adadelta_by_quotient,),
    "adam": (optimizers.adam_by_differences,),
    "amsgrad": (optimizers.amsgrad_by_differences,),
    "adamw": (optimizers.adamw_by_differences,),
    "adamax": (optimizers.adamax_by_differences,),
    "nadam": (optimizers.nadam_by_differences,),
    "radam": (optimizers.radam_by_differences,),
    "rmsprop_centered": (optimizers.rmsprop_centered_by_differences,),
    "adabound": (optimizers.adabound_by_differences,),
    "amsbound": (optimizers.amsbound_by_differences,),
    "msvag": (optimizers.msvag_by_differences,),
}
"""By the op's name."""


def rounds_of_formulas() -> list[dict[str, Callable[..., Any]]]:
    """The formulas as few tables of one formula per op, so that trying every table tries every formula."""
    most = max(map(len, OTHER_FORMULAS.values()))
    return [{op: formulas[i] for op, formulas in OTHER_FORMULAS.items() if i < len(formulas)} for i in range(most)]
