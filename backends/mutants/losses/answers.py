"""Mistakes in the losses of answers between no and yes, and of distributions: weights, targets, logarithms."""

from backends.mutants.mutant import Mutant, Training, family

places = Training("object_detection", epochs=3)
answers = Training("rare_answers", epochs=3)
taught = Training("taught_by_logarithms", epochs=3)

MASKED = "masked_sigmoid_cross_entropy"
LOGITS, BINARY, KL = "binary_cross_entropy_with_logits", "binary_cross_entropy", "kl_divergence"

BY_HAND = family(
    "losses of answers",
    Mutant(
        "unknown_answers_counted",
        "the mean is over all elements, also those that are ignored",
        places,
        (MASKED, "forward"),
        MASKED,
        {"int(np.count_nonzero(counts))": "counts.size"},
        cause="divided by the number of all elements",
    ),
    Mutant(
        "unknown_answers_learn",
        "what is ignored is taught to be a no",
        places,
        (MASKED, "backward"),
        MASKED,
        {"np.where(counts, np.where(t == 1, y - 1, y), 0)": "np.where(t == 1, y - 1, y)"},
        cause="is the other branch",
    ),
    Mutant(
        "positive_weight_on_both",
        "positive_weight counts for a no as well",
        answers,
        (LOGITS, "forward"),
        LOGITS,
        {"    e = np.exp(": "    no = for_yes * (1 - t)\n    e = np.exp("},
        cause="in place of for_no",
    ),
    Mutant(
        "positive_weight_forgotten_in_gradient",
        "a yes weighs no more than a no in the gradient",
        answers,
        (LOGITS, "backward"),
        LOGITS,
        {"(no * p - yes * q)": "(no * p - for_no * t * q)"},
        cause="positive_weight is left out",
    ),
    Mutant(
        "weight_averaged",
        "the mean divides by the sum of the weights",
        answers,
        (LOGITS, "forward"),
        LOGITS,
        {"np.sum(each) / divisor": "np.sum(each) / np.sum(for_no)"},
        cause="divided by the sum of the weights",
    ),
    Mutant(
        "logits_target_rounded",
        "a target that lies between is taken for a no",
        answers,
        (LOGITS, "forward"),
        LOGITS,
        {"    e = np.exp(": "    yes, no = np.where(t == 1, for_yes, 0), np.where(t == 1, 0, for_no)\n    e = np.exp("},
    ),
    Mutant(
        "logits_gradient_of_a_plain_target",
        "σ(x) − t for the gradient, whatever a yes and an element weigh",
        answers,
        (LOGITS, "backward"),
        LOGITS,
        {"(no * p - yes * q)": "(p - t)"},
    ),
    Mutant(
        "binary_ce_gradient_of_scores",
        "p − t, which is the gradient towards the scores",
        answers,
        (BINARY, "backward"),
        BINARY,
        {"(no / (1 - p) - yes / p)": "(no * p - yes * (1 - p))"},
    ),
    Mutant(
        "binary_ce_of_yes_alone",
        "−t·log p, as if there were as many probabilities as answers",
        answers,
        (BINARY, "forward"),
        BINARY,
        {"yes * np.log(p) + no * np.log1p(-p)": "yes * np.log(p)"},
        cause="is left out of yes",
    ),
    Mutant(
        "binary_ce_with_eps",
        "1e-7 is added to the probability before its logarithm",
        answers,
        (BINARY, "forward"),
        BINARY,
        {"-(yes * np.log(p)": "-(yes * np.log(p + 1e-7)"},
    ),
    Mutant(
        "kl_log_target_as_probabilities",
        "logarithms of the target weigh as if they were probabilities",
        taught,
        (KL, "forward"),
        KL,
        {"(np.exp(t) if log_target else t) * apart": "t * apart"},
        cause="without exp",
    ),
    Mutant(
        "kl_log_target_not_in_gradient",
        "the gradient has the logarithm of the target",
        taught,
        (KL, "backward"),
        KL,
        {"-(np.exp(t) if log_target else t)": "-t"},
        cause="without exp",
    ),
    Mutant(
        "kl_mean_over_rows",
        "the mean over all elements is that over rows",
        taught,
        (KL, "forward"),
        KL,
        {"t.size if": "len(t) if"},
        cause="divided by 16, the number of rows",
    ),
)

TORCH = family(
    "losses of answers in PyTorch",
    Mutant(
        "torch_positive_weight_dropped",
        "pos_weight is not passed on",
        answers,
        (LOGITS, "forward"),
        LOGITS,
        {", pos_weight=positive": ""},
        cause="positive_weight is left out",
    ),
    Mutant(
        "torch_weight_dropped",
        "the weight of the elements is not passed on",
        answers,
        (LOGITS, "forward"),
        LOGITS,
        {", weight, reduction": ", reduction"},
        cause="the weight is left out",
    ),
    Mutant(
        "torch_logits_of_probabilities",
        "sigmoid is applied before the loss of scores, which applies it again",
        answers,
        (LOGITS, "forward"),
        LOGITS,
        {"with_logits(x, ": "with_logits(x.sigmoid(), "},
        cause="sigmoid is applied twice",
    ),
    Mutant(
        "torch_log_target_forgotten",
        "log_target is left at False",
        taught,
        (KL, "forward"),
        KL,
        {"reduction=reduction, log_target=log_target": "reduction=reduction"},
    ),
    Mutant(
        "torch_unknown_answers_counted",
        "the mean over all elements, also those that are ignored",
        places,
        (MASKED, "forward"),
        MASKED,
        {'counts.sum() if reduction == "mean"': 'counts.numel() if reduction == "mean"'},
        cause="divided by the number of all elements",
    ),
    backend="torch",
)

CHAINER = family(
    "losses of answers in Chainer",
    Mutant(
        "chainer_positive_weight_on_no",
        "positive_weight counts for a no",
        answers,
        (LOGITS, "forward"),
        LOGITS,
        {"yes * F.softplus(-x) + (1 - t) * F.softplus(x)": "t * F.softplus(-x) + (1 - yes) * F.softplus(x)"},
    ),
    Mutant(
        "chainer_binary_ce_sign",
        "the logarithm of 1 − p with p's sign",
        answers,
        (BINARY, "forward"),
        BINARY,
        {"F.log1p(-p)": "F.log1p(p)"},
        cause="without negative",
    ),
    backend="chainer",
)

MUTANTS = BY_HAND + TORCH + CHAINER
