"""Mistakes in the other optimizers, in weight decay, clipping and schedules."""

from backends.mutants.mutant import Mutant, Training, family

nesterov = Training("trained_by_nesterov", epochs=6)
nesterov_ag = Training("trained_by_nesterov_ag", epochs=6)
adagrad = Training("trained_by_adagrad", epochs=6)
rmsprop = Training("trained_by_rmsprop", epochs=6)
adadelta = Training("trained_by_adadelta", epochs=6)
amsgrad = Training("trained_by_amsgrad", epochs=6)
decayed = Training("decayed", epochs=6)
by_norm = Training("clipped_by_norm", epochs=6, settings={"max_norm": 1.0})
"""Gradients fall below the norm within these epochs."""
by_value = Training("clipped_by_value", epochs=6)
by_steps = Training("scheduled_by_steps", epochs=6, settings={"every": 2})
exponentially = Training("scheduled_exponentially", epochs=6)
by_cosine = Training("scheduled_by_cosine", epochs=6)
warmed_up = Training("warmed_up", epochs=6)

MUTANTS = family(
    "optimizers and schedules",
    Mutant(
        "nesterov_without_look_ahead",
        "the step of plain momentum",
        nesterov,
        ("nesterov", "update"),
        "nesterov",
        {"w - lr * (grad_w + momentum * v), v": "w - lr * v, v"},
    ),
    Mutant(
        "nesterov_along_old_velocity",
        "the look ahead is along the velocity of the update before",
        nesterov,
        ("nesterov", "update"),
        "nesterov",
        {"    v = momentum": "    old = v\n    v = momentum", "grad_w + momentum * v)": "grad_w + momentum * old)"},
    ),
    Mutant(
        "nesterov_ag_as_in_the_paper",
        "momentum² times the old velocity, as in the paper; Chainer's rule has the new one",
        nesterov_ag,
        ("nesterov_ag", "update"),
        "nesterov_ag",
        {"    v = momentum": "    old = v\n    v = momentum", "momentum * momentum * v": "momentum * momentum * old"},
    ),
    Mutant(
        "adagrad_eps_inside_root",
        "√(h + eps) for √h + eps",
        adagrad,
        ("adagrad", "update"),
        "adagrad",
        {"(np.sqrt(h) + eps)": "np.sqrt(h + eps)"},
    ),
    Mutant(
        "adagrad_forgets",
        "the squared gradient in place of the sum of squares so far",
        adagrad,
        ("adagrad", "state"),
        "adagrad",
        {"h + grad_w * grad_w": "h * 0 + grad_w * grad_w"},
    ),
    Mutant(
        "adagrad_divides_by_sum_before",
        "divided by the sum without the newest gradient, which is 0 at first",
        adagrad,
        ("adagrad", "update"),
        "adagrad",
        {"    h = h +": "    before = h\n    h = h +", "np.sqrt(h) + eps": "np.sqrt(before) + eps"},
    ),
    Mutant(
        "rmsprop_weights_swapped",
        "alpha and 1 − alpha are swapped",
        rmsprop,
        ("rmsprop", "state"),
        "rmsprop",
        {"alpha * v + (1 - alpha)": "(1 - alpha) * v + alpha"},
    ),
    Mutant(
        "rmsprop_eps_inside_root",
        "√(v + eps) for √v + eps, Chainer's eps_inside_sqrt",
        rmsprop,
        ("rmsprop", "update"),
        "rmsprop",
        {"(np.sqrt(v) + eps)": "np.sqrt(v + eps)"},
    ),
    Mutant(
        "rmsprop_alpha_of_another_framework",
        "alpha is 0.9, a default elsewhere",
        rmsprop,
        ("rmsprop", "state"),
        "rmsprop",
        {"alpha * v + (1 - alpha)": "0.9 * v + (1 - 0.9)"},
    ),
    Mutant(
        "adadelta_without_numerator",
        "the mean of squared steps is left out of the step",
        adadelta,
        ("adadelta", "state"),
        "adadelta",
        {"np.sqrt(u + eps) / np.sqrt": "1e-2 / np.sqrt"},
    ),
    Mutant(
        "adadelta_mean_of_gradients_for_steps",
        "the mean of squared steps is fed with gradients",
        adadelta,
        ("adadelta", "state"),
        "adadelta",
        {"(1 - rho) * step * step": "(1 - rho) * grad_w * grad_w"},
    ),
    Mutant(
        "amsgrad_as_adam",
        "v in place of the largest v so far",
        amsgrad,
        ("amsgrad", "update"),
        "amsgrad",
        {"np.sqrt(v_max /": "np.sqrt(v /"},
    ),
    Mutant(
        "amsgrad_smallest",
        "the smallest v so far",
        amsgrad,
        ("amsgrad", "state"),
        "amsgrad",
        {"np.maximum(v_max, v)": "np.minimum(v_max, v)"},
    ),
    Mutant(
        "decay_twice",
        "rate·w twice: the gradient of rate·‖w‖², not of rate/2·‖w‖²",
        decayed,
        ("momentum", "state"),
        "weight_decay",
        {"rate * w": "2 * rate * w"},
    ),
    Mutant(
        "decay_grows",
        "the decay is taken off the gradient, so that weights grow",
        decayed,
        ("momentum", "state"),
        "weight_decay",
        {"grad_w + rate": "grad_w - rate"},
    ),
    Mutant(
        "decay_by_sign",
        "the gradient of an L1 penalty",
        decayed,
        ("momentum", "state"),
        "weight_decay",
        {"rate * w": "rate * np.sign(w)"},
    ),
    Mutant(
        "clip_norm_with_eps",
        "1e-6 is added to the norm, as clip_grad_norm_ does",
        by_norm,
        ("clip_by_norm", "update"),
        "clip_by_norm",
        {"max_norm / norm": "max_norm / (norm + 1e-6)"},
    ),
    Mutant(
        "clip_norm_one_by_one",
        "every gradient is scaled by its own norm",
        by_norm,
        ("clip_by_norm", "update"),
        "clip_by_norm",
        {
            "    norm = np.sqrt(sum(np.sum(grad * grad) for grad in grads))\n": "",
            "    scale = np.minimum(max_norm / norm, 1)\n": "",
            "scale * grad": "grad * np.minimum(max_norm / np.sqrt(np.sum(grad * grad)), 1)",
        },
    ),
    Mutant(
        "clip_norm_always",
        "gradients are scaled up to the norm, too",
        by_norm,
        ("clip_by_norm", "update"),
        "clip_by_norm",
        {"np.minimum(max_norm / norm, 1)": "max_norm / norm"},
    ),
    Mutant(
        "clip_value_from_above",
        "only what is too large is clipped, not what is too far below 0",
        by_value,
        ("clip_by_value", "update"),
        "clip_by_value",
        {"np.clip(grad, -limit, limit)": "np.minimum(grad, np.asarray(limit, grad.dtype))"},
    ),
    Mutant(
        "step_decay_late",
        "the learning rate falls one update late",
        by_steps,
        ("step_decay", "update"),
        "step_decay",
        {"(t - 1) // every": "max(t - 2, 0) // every"},
    ),
    Mutant(
        "exponential_decay_from_the_first",
        "the learning rate falls before the first update",
        exponentially,
        ("exponential_decay", "update"),
        "exponential_decay",
        {"factor ** (t - 1)": "factor**t"},
    ),
    Mutant(
        "cosine_whole",
        "a whole cosine: the learning rate rises again",
        by_cosine,
        ("cosine_decay", "update"),
        "cosine_decay",
        {"math.cos(math.pi *": "math.cos(2 * math.pi *"},
    ),
    Mutant(
        "warm_up_from_zero",
        "the learning rate is 0 at the first update",
        warmed_up,
        ("warm_up", "update"),
        "warm_up",
        {"min(t / updates, 1.0)": "min((t - 1) / updates, 1.0)"},
    ),
    Mutant(
        "schedule_forgotten",
        "the optimizer goes on with its first learning rate",
        by_steps,
        ("momentum", "update"),
        "train",
        {'settings if lr is None else {**settings, "lr": lr}': "settings"},
    ),
    Mutant(
        "clipping_not_used",
        "the optimizer is given the gradients before they were clipped",
        by_norm,
        ("sgd", "update"),
        "train",
        {"received = clipped or grads": "received = grads"},
    ),
)
