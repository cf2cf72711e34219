"""A cause that is named is the right one: over the corpus of mutants, each of which has one known mistake."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from backends.mutants import MUTANTS
from backends.mutants.mutant import Mutant
from harness.errors import InputError
from harness.recording.loading import LoadedBackend, load_backend
from harness.run import run_scenario
from harness.studies.mutants.causes import is_right, named_cause
from harness.studies.mutants.corpus import build, scenario_of
from harness.studies.mutants.score import SHARP
from harness.studies.mutants.trials import MUTANT

BY_NAME = {mutant.name: mutant for mutant in MUTANTS}
IN_BOTH_DTYPES = (
    *("gelu_by_tanh", "gelu_tanh_by_erf", "softmax_along_rows", "leaky_relu_usual_slope", "elu_without_alpha"),
    *("elu_as_celu", "mae_summed", "torch_mse_summed", "huber_divided_by_delta", "class_weight_mean"),
    *("ignored_labels_counted", "smoothing_of_the_others", "smoothing_summed", "norm_unbiased_variance"),
    *("batch_norm_unbiased_variance", "batch_norm_running_variance_biased", "batch_norm_momentum_swapped"),
    *("batch_norm_eps_outside", "group_norm_unbiased_variance", "embedding_gradient_added_up_buffered"),
    *("dropout_not_scaled", "dropout_ratio_for_keep", "dropout_multiplied", "deconv_kernel_turned"),
    *("average_pool_without_padding", "max_pool_last_tie", "lstm_gates_in_another_order", "gru_gates_in_another_order"),
    *("attention_unscaled", "attention_scaled_by_width", "heads_unscaled", "momentum_dampened", "momentum_nesterov"),
    *("momentum_with_rate_in_velocity", "nesterov_without_look_ahead", "nesterov_of_another_framework"),
    *("nesterov_ag_of_another_framework", "nesterov_ag_as_in_the_paper", "adagrad_starts_at_a_tenth"),
    *("adam_eps_inside", "adam_eps_before_correction", "adam_without_correction", "adamw_without_correction"),
    *("amsgrad_without_correction", "amsgrad_eps_inside_root", "adamw_coupled", "adamw_decay_without_lr"),
    *("clip_norm_one_by_one", "clip_norm_by_value", "chainer_adam_eps_uncorrected"),
    *("group_lr_ignored", "group_decay_ignored", "groups_swapped", "biases_decayed", "schedule_for_all_alike"),
    *("torch_group_decay_ignored", "chainer_hyperparameters_before_setup"),
)
"""Mistakes that are often made, and that float32 can tell, too."""

ENTRIES = {
    "chainer_adam_eps_uncorrected": "adam_eps",
    "amsgrad_eps_before_correction": "amsgrad_eps",
    "chainer_adamw_decay_without_lr": "adamw_decay",
    "nesterov_of_another_framework": "nesterov",
    "clip_norm_with_eps": "gradient_clipping",
    "rmsprop_eps_inside_root": "rmsprop_eps_inside_sqrt",
    "torch_class_weight_mean": "softmax_cross_entropy_class_weight",
    "chainer_batch_norm_momentum": "batch_normalization_decay",
    "torch_hardsigmoid": "hard_sigmoid",
    "chainer_lstm_candidate_third": "lstm_gate_order",
}
"""The entry of the catalogue of differences that a report points to."""

RIGHT, NAMED = 0.95, 0.6
"""Shares: of the causes that are named, those that are right; of all mutants, those for which one is named."""


def cause_named(mutant: Mutant, dtype: str = SHARP) -> str:
    """What is named as the cause; nothing where none is, or where the run is refused."""
    backends = [load_backend("numpy"), LoadedBackend(MUTANT, build(mutant))]
    try:
        return named_cause(run_scenario(scenario_of(mutant), backends, dtype=dtype))
    except InputError:
        return ""


def check(mutants: Sequence[Mutant]) -> None:
    named = [(mutant, said) for mutant in mutants if (said := cause_named(mutant))]
    wrong = [f"{mutant.name}: {said}" for mutant, said in named if not is_right(mutant, said)]
    assert len(wrong) <= (1 - RIGHT) * len(named), "\n".join(wrong)
    assert len(named) >= NAMED * len(mutants)


def test_named_causes_are_right_for_every_eighth_mutant() -> None:
    check(MUTANTS[::8])


@pytest.mark.slow
def test_named_causes_are_right_for_as_many_other_mutants() -> None:
    check(MUTANTS[4::8])


@pytest.mark.exhaustive
def test_named_causes_are_right_for_all_mutants() -> None:
    check(MUTANTS)


@pytest.mark.parametrize("name", IN_BOTH_DTYPES)
def test_what_is_often_mistaken_is_named_in_both_dtypes(name: str, dtype: str) -> None:
    said = cause_named(BY_NAME[name], dtype)
    assert is_right(BY_NAME[name], said), said


@pytest.mark.parametrize("name", ENTRIES)
def test_a_difference_between_the_frameworks_is_pointed_to(name: str) -> None:
    assert f"(see `lockstep differences {ENTRIES[name]}`)" in cause_named(BY_NAME[name])


def test_a_declared_cause_is_within_one_clause() -> None:
    mutant = replace(BY_NAME["adam_eps_inside"], cause="eps is … inside")
    assert is_right(mutant, "several causes fit equally: lr is 2; or eps is added inside the root")
    assert not is_right(mutant, "several causes fit equally: eps is 1; or it is added inside the root")
    assert not is_right(mutant, "")
    assert not is_right(replace(mutant, cause=""), "eps is added inside the root")
