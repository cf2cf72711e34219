"""Mistakes in weight decay, clipping and schedules."""

from backends.mutants.mutant import Mutant, Training, family

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
        "decay_twice",
        "rate·w twice: the gradient of rate·‖w‖², not of rate/2·‖w‖²",
        decayed,
        ("weight_decay", "update"),
        "weight_decay",
        {"rate * w": "2 * rate * w"},
        cause="rate·‖w‖², not of half of it",
    ),
    Mutant(
        "decay_grows",
        "the decay is taken off the gradient, so that weights grow",
        decayed,
        ("weight_decay", "update"),
        "weight_decay",
        {"grad_w + rate": "grad_w - rate"},
        cause="with the wrong sign on rate · w1[0, 0]",
    ),
    Mutant(
        "decay_by_sign",
        "the gradient of an L1 penalty",
        decayed,
        ("weight_decay", "update"),
        "weight_decay",
        {"rate * w": "rate * np.sign(w)"},
        cause="an L1 penalty, rate·sign(w)",
    ),
    Mutant(
        "clip_norm_with_eps",
        "1e-6 is added to the norm, as clip_grad_norm_ does",
        by_norm,
        ("clip_by_norm", "update"),
        "clip_by_norm",
        {"max_norm / norm": "max_norm / (norm + 1e-6)"},
        cause="1e-6 is added to the norm",
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
        cause="clipped by its own norm",
    ),
    Mutant(
        "clip_norm_always",
        "gradients are scaled up to the norm, too",
        by_norm,
        ("clip_by_norm", "update"),
        "clip_by_norm",
        {"np.minimum(max_norm / norm, 1)": "max_norm / norm"},
        cause="scaled up to it",
    ),
    Mutant(
        "clip_value_from_above",
        "only what is too large is clipped, not what is too far below 0",
        by_value,
        ("clip_by_value", "update"),
        "clip_by_value",
        {"np.clip(grad, -limit, limit)": "np.minimum(grad, np.asarray(limit, grad.dtype))"},
        cause="only what is too large is clipped",
    ),
    Mutant(
        "step_decay_late",
        "the learning rate falls one update late",
        by_steps,
        ("step_decay", "update"),
        "step_decay",
        {"(t - 1) // every": "max(t - 2, 0) // every"},
        cause="the value of update t - 1",
    ),
    Mutant(
        "exponential_decay_from_the_first",
        "the learning rate falls before the first update",
        exponentially,
        ("exponential_decay", "update"),
        "exponential_decay",
        {"factor ** (t - 1)": "factor**t"},
        cause="the value of update t + 1",
    ),
    Mutant(
        "cosine_whole",
        "a whole cosine: the learning rate rises again",
        by_cosine,
        ("cosine_decay", "update"),
        "cosine_decay",
        {"math.cos(math.pi *": "math.cos(2 * math.pi *"},
        cause="a whole wave",
    ),
    Mutant(
        "warm_up_from_zero",
        "the learning rate is 0 at the first update",
        warmed_up,
        ("warm_up", "update"),
        "warm_up",
        {"min(t / updates, 1.0)": "min((t - 1) / updates, 1.0)"},
        cause="the value of update t - 1",
    ),
    Mutant(
        "schedule_forgotten",
        "the optimizer goes on with its first learning rate",
        by_steps,
        ("momentum", "update"),
        "train",
        {"{program.schedule.of: scheduled[its]}": "{}"},
        cause="lr is 0.1, not 0.05",
    ),
    Mutant(
        "clipping_not_used",
        "the optimizer is given the gradients before they were clipped",
        by_norm,
        ("sgd", "update"),
        "train",
        {
            "        # schedule\n": (
                "        received = {name: np.array(grads[name]) for name in w}\n        # schedule\n"
            )
        },
    ),
    Mutant(
        "clip_norm_by_value",
        "every element is clipped to the norm",
        by_norm,
        ("clip_by_norm", "update"),
        "clip_by_norm",
        {"scale * grad for": "np.clip(grad, -max_norm, max_norm) for"},
        cause="every element is clipped",
    ),
    Mutant(
        "clip_norm_forgotten",
        "gradients are handed on as they are",
        by_norm,
        ("clip_by_norm", "update"),
        "clip_by_norm",
        {"scale * grad for": "grad * 1 for"},
        cause="nothing is clipped",
    ),
    Mutant(
        "clip_value_by_norm",
        "the norm is clipped, not the elements",
        by_value,
        ("clip_by_value", "update"),
        "clip_by_value",
        {"np.clip(grad, -limit, limit)": "grad * np.minimum(limit / np.sqrt(sum(np.sum(g * g) for g in grads)), 1)"},
        cause="clipped by their norm",
    ),
    Mutant(
        "exponential_decay_late",
        "the learning rate falls one update late",
        exponentially,
        ("exponential_decay", "update"),
        "exponential_decay",
        {"factor ** (t - 1)": "factor ** max(t - 2, 0)"},
        cause="the value of update t - 1",
    ),
    Mutant(
        "cosine_early",
        "the first update has the learning rate of the second",
        by_cosine,
        ("cosine_decay", "update"),
        "cosine_decay",
        {"(t - 1)": "t"},
        cause="the value of update t + 1",
    ),
    Mutant(
        "step_decay_unused",
        "the schedule hands back the learning rate that it is given",
        by_steps,
        ("step_decay", "update"),
        "step_decay",
        {"lr * factor": "lr + 0 * factor"},
        cause="the schedule is not used",
    ),
    Mutant(
        "warm_up_ahead",
        "the learning rate is that of the next update",
        warmed_up,
        ("warm_up", "update"),
        "warm_up",
        {"t / updates": "(t + 1) / updates"},
        cause="the value of update t + 1",
    ),
)
