"""Mistakes in the centered RMSprops, AdaBound, AMSBound and M-SVAG."""

from backends.mutants.mutant import Mutant, Training, family

rmsprop_centered = Training("trained_by_rmsprop_centered", epochs=6)
rmsprop_graves = Training("trained_by_rmsprop_graves", epochs=6)
adabound = Training("trained_by_adabound", epochs=6)
falling_bounds = Training("falling_bounds", epochs=14)
amsbound = Training("trained_by_amsbound", epochs=6)
msvag = Training("trained_by_msvag", epochs=6)

IN_NUMPY = family(
    "optimizers and schedules",
    Mutant(
        "rmsprop_centered_mean_added",
        "the square of the mean is added to v, not subtracted",
        rmsprop_centered,
        ("rmsprop_centered", "update"),
        "rmsprop_centered",
        {"v - g * g": "v + g * g"},
        cause="the square of the mean is added, not subtracted",
    ),
    Mutant(
        "rmsprop_centered_eps_inside",
        "√(v − g² + eps) for √(v − g²) + eps, as in RMSpropGraves",
        rmsprop_centered,
        ("rmsprop_centered", "update"),
        "rmsprop_centered",
        {"np.sqrt(v - g * g) + eps": "np.sqrt(v - g * g + eps)"},
        cause="eps is added inside the root",
    ),
    Mutant(
        "rmsprop_graves_uncentered",
        "the mean of the gradient is not taken off",
        rmsprop_graves,
        ("rmsprop_graves", "state"),
        "rmsprop_graves",
        {"v - g * g + eps": "v + eps"},
        cause="the mean of the gradient is not taken off",
    ),
    Mutant(
        "rmsprop_graves_eps_outside_root",
        "√(v − g²) + eps for √(v − g² + eps), as PyTorch's centered RMSprop has it",
        rmsprop_graves,
        ("rmsprop_graves", "state"),
        "rmsprop_graves",
        {"np.sqrt(v - g * g + eps)": "(np.sqrt(v - g * g) + eps)"},
        cause="eps is added outside of the root",
    ),
    Mutant(
        "adabound_unbounded",
        "the rate is not kept between the bounds",
        adabound,
        ("adabound", "update"),
        "adabound",
        {"np.clip(rate, final * (1 - 1 / (gamma * t + 1)), final * (1 + 1 / (gamma * t)))": "rate"},
        cause="the rate is not kept between the bounds",
    ),
    Mutant(
        "adabound_bounds_stay",
        "final_lr is not multiplied by the schedule's share of the learning rate",
        falling_bounds,
        ("adabound", "update"),
        "adabound",
        {"final_lr * lr / first_lr": "final_lr"},
        cause="the bounds don't follow the schedule",
    ),
    Mutant(
        "adabound_bounds_of_steps",
        "the whole step is clipped, not the rate",
        adabound,
        ("adabound", "update"),
        "adabound",
        {"(np.sqrt(v) + eps)": "(np.sqrt(v) + eps) * m", "w - rate * m": "w - rate"},
        cause="the bounds are those of the whole step",
    ),
    Mutant(
        "adabound_without_correction",
        "the rate's bias is not corrected",
        adabound,
        ("adabound", "update"),
        "adabound",
        {"lr * (1 - beta2**t) ** 0.5 / (1 - beta1**t) /": "lr /"},
        cause="the rate's bias is not corrected",
    ),
    Mutant(
        "amsbound_forgets",
        "the largest v is not kept: the rate is divided by the root of v",
        amsbound,
        ("amsbound", "state"),
        "amsbound",
        {"np.maximum(v_max, v)": "v"},
        cause="v is taken, not the largest v so far",
    ),
    Mutant(
        "amsbound_gamma_swapped",
        "the two bounds have each other's distance from final_lr",
        amsbound,
        ("amsbound", "update"),
        "amsbound",
        {"1 - 1 / (gamma * t + 1)": "1 - 1 / (gamma * t)", "1 + 1 / (gamma * t)": "1 + 1 / (gamma * t + 1)"},
    ),
    Mutant(
        "msvag_without_variance",
        "the step is momentum's",
        msvag,
        ("msvag", "update"),
        "msvag",
        {"mean * np.clip(factor, 0, 1)": "mean"},
        cause="the step is momentum's, whatever the variance is",
    ),
    Mutant(
        "msvag_of_squares",
        "the mean of the squares is taken for the variance",
        msvag,
        ("msvag", "update"),
        "msvag",
        {"v / (1 - beta**t) - mean * mean": "v / (1 - beta**t)"},
        cause="the mean of the squares is taken for the variance",
    ),
    Mutant(
        "msvag_constant_rho",
        "rho is (1 - beta) / (1 + beta) from the first update on",
        msvag,
        ("msvag", "update"),
        "msvag",
        {"(1 - beta) * (1 + beta**t) / ((1 + beta) * (1 - beta**t))": "(1 - beta) / (1 + beta)"},
        cause="rho is that of late updates from the first one on",
    ),
    Mutant(
        "msvag_uncorrected",
        "m's and v's bias is not corrected",
        msvag,
        ("msvag", "update"),
        "msvag",
        {"mean = m / (1 - beta**t)": "mean = m", "v / (1 - beta**t) - mean": "v - mean"},
        cause="m's and v's bias is not corrected",
    ),
)
IN_CHAINER = family(
    "optimizers and schedules",
    Mutant(
        "chainer_adabound_bounds_stay",
        "the bounds are scaled by the rate of the update alone, as where the rule is made anew at each",
        falling_bounds,
        ("adabound", "update"),
        "_bound_by_own_rates",
        {
            "if optimizer.alpha and rule.hyperparam.alpha != optimizer.alpha:": "if optimizer.alpha:",
            "first * rule.hyperparam.alpha / optimizer.alpha": "rule.hyperparam.alpha",
        },
        cause="the bounds don't follow the schedule",
    ),
    backend="chainer",
)
MUTANTS = (*IN_NUMPY, *IN_CHAINER)
