"""Mistakes in the losses of labels and of probabilities, beside softmax_cross_entropy."""

from backends.mutants.mutant import Mutant, Training, family

weighted = Training("class_weights", epochs=3)
padded = Training("ignored_labels", epochs=3)
smoothed = Training("label_smoothing", epochs=3)
tags = Training("multi_label", epochs=3)
one_versus_rest = Training("hinge_classifier", epochs=3)
large_yes_and_no = Training("large_yes_and_no")
log_probabilities = Training("log_probabilities")

HINGE, KL, SIGMOID = "hinge", "kl_divergence", "sigmoid_cross_entropy"
WEIGHTED, MASKED, SMOOTHED = (f"{kind}_softmax_cross_entropy" for kind in ("weighted", "masked", "smoothed"))

BY_HAND = family(
    "losses of labels",
    Mutant(
        "class_weight_of_neighbour",
        "labels are taken to count from 1: the weight is that of the class before",
        weighted,
        (WEIGHTED, "forward"),
        WEIGHTED,
        {"x.dtype)[t]": "x.dtype)[t - 1]"},
    ),
    Mutant(
        "class_weight_not_in_gradient",
        "the loss is weighted, its gradient is not",
        weighted,
        (WEIGHTED, "backward"),
        WEIGHTED,
        {"weight[:, None] * ": ""},
        cause="the weights of classes are left out",
    ),
    Mutant(
        "class_weight_mean",
        "divided by the sum of the weights in the loss alone",
        weighted,
        (WEIGHTED, "forward"),
        WEIGHTED,
        {"np.mean(weight * log_p[rows, t])": "np.sum(weight * log_p[rows, t]) / np.sum(weight)"},
        cause="divided by the sum of the weights",
    ),
    Mutant(
        "ignored_labels_counted",
        "the mean is over all rows, also those that are ignored",
        padded,
        (MASKED, "forward"),
        MASKED,
        {"np.mean(log_p[rows, t[rows]])": "(np.sum(log_p[rows, t[rows]]) / len(t))"},
        cause="divided by the number of all rows",
    ),
    Mutant(
        "ignored_labels_counted_in_gradient",
        "the gradient is divided by all rows, also those that are ignored",
        padded,
        (MASKED, "backward"),
        MASKED,
        {"grad_x / len(rows)": "grad_x / len(t)"},
        cause="divided by the number of all rows",
    ),
    Mutant(
        "ignored_rows_learn",
        "rows that are ignored are taught to give every class the probability 0",
        padded,
        (MASKED, "backward"),
        MASKED,
        {"grad_x[rows] = np.exp(log_p[rows])": "grad_x[:] = np.exp(log_p)"},
    ),
    Mutant(
        "ignored_label_hard_coded",
        "label 0 is ignored, too, whatever is asked for",
        padded,
        (MASKED, "forward"),
        MASKED,
        {"t != ignore_label": "(t != ignore_label) & (t != 0)"},
    ),
    Mutant(
        "smoothing_of_the_others",
        "what is taken from the right class is spread over the C − 1 others",
        smoothed,
        (SMOOTHED, "forward"),
        SMOOTHED,
        {"np.mean(log_p))": "(np.sum(log_p) - np.sum(log_p[rows, t])) / (x.shape[1] - 1) / len(t))"},
        cause="spread over the other classes only",
    ),
    Mutant(
        "smoothing_summed",
        "every class gets the whole smoothing",
        smoothed,
        (SMOOTHED, "forward"),
        SMOOTHED,
        {"smoothing * np.mean(log_p))": "smoothing * np.sum(log_p) / len(t))"},
        cause="every class gets the whole smoothing",
    ),
    Mutant(
        "smoothing_of_the_others_in_gradient",
        "C − 1 for C in the gradient",
        smoothed,
        (SMOOTHED, "backward"),
        SMOOTHED,
        {"smoothing / x.shape[1]": "smoothing / (x.shape[1] - 1)"},
        cause="4/3 of (smoothing / 4)",
    ),
    Mutant(
        "smoothing_adds",
        "the right class keeps all of its 1 in the gradient",
        smoothed,
        (SMOOTHED, "backward"),
        SMOOTHED,
        {"-= 1 - smoothing": "-= 1"},
        cause="1 / (1 - smoothing)",
    ),
    Mutant(
        "sigmoid_ce_overflows",
        "log(1 + e⁻ˢ) as it stands, which is infinite for large scores on the wrong side",
        large_yes_and_no,
        (SIGMOID, "forward"),
        SIGMOID,
        {"np.maximum(np.where(t == 1, -x, x), 0) + np.log1p(e)": "np.log1p(np.exp(np.where(t == 1, -x, x)))"},
    ),
    Mutant(
        "sigmoid_ce_clipped",
        "probabilities are kept 1e-7 away from 0 and 1 before the logarithm",
        large_yes_and_no,
        (SIGMOID, "forward"),
        SIGMOID,
        {
            "np.maximum(np.where(t == 1, -x, x), 0) + np.log1p(e)": (
                "-np.log(np.clip(np.where((t == 1) == (x >= 0), 1, e) / (1 + e), 1e-7, 1 - 1e-7))"
            )
        },
    ),
    Mutant(
        "sigmoid_ce_gradient_by_rows",
        "the gradient is divided by the rows, not by all elements",
        tags,
        (SIGMOID, "backward"),
        SIGMOID,
        {", y) / divisor": ", y) / len(y)"},
        cause="divided by the number of rows",
    ),
    Mutant(
        "sigmoid_ce_derivative_of_sigmoid",
        "σ·(1 − σ) once more in the gradient, as for a squared error behind a sigmoid",
        tags,
        (SIGMOID, "backward"),
        SIGMOID,
        {"np.where(t == 1, y - 1, y)": "np.where(t == 1, y - 1, y) * y * (1 - y)"},
        cause="multiplied by that of sigmoid once more",
    ),
    Mutant(
        "hinge_without_margin",
        "max(s, 0): the perceptron's loss",
        one_versus_rest,
        (HINGE, "forward"),
        HINGE,
        {"1 + s": "s"},
        cause="1 is left out of 1 + add_1",
    ),
    Mutant(
        "hinge_gradient_without_margin",
        "the gradient stops at the right side, not at the margin",
        one_versus_rest,
        (HINGE, "backward"),
        HINGE,
        {"s > -1": "s > 0"},
        cause="-1 in add_1[0, 1] > (-1) is 0",
    ),
    Mutant(
        "hinge_right_class_pushed_down",
        "the right class's gradient has the sign of the others",
        one_versus_rest,
        (HINGE, "backward"),
        HINGE,
        {"        grad_x[rows, t] *= -1\n": ""},
        cause="want with the wrong sign",
    ),
    Mutant(
        "hinge_against_right_class",
        "every class is compared with the right one",
        one_versus_rest,
        (HINGE, "forward"),
        HINGE,
        {"    s[rows, t] *= -1\n    each": "    s = x - x[rows, t][:, None]\n    each"},
    ),
    Mutant(
        "kl_arguments_swapped",
        "the divergence of p from t for that of t from p",
        log_probabilities,
        (KL, "forward"),
        KL,
        {"(np.exp(t) if log_target else t) * apart": "np.exp(log_p) * -apart"},
        cause="p and t are swapped",
    ),
    Mutant(
        "kl_without_entropy",
        "−Σ t·log p: a cross entropy, whose gradient is the same",
        log_probabilities,
        (KL, "forward"),
        KL,
        {"else t) * apart": "else t) * -log_p"},
        cause="is left out of log(where(t[0, 2] > 0, t[0, 2], 1)) - matmul_1",
    ),
    Mutant(
        "kl_mean_over_all",
        "the gradient is divided by all elements, not by the rows",
        log_probabilities,
        (KL, "backward"),
        KL,
        {"else t) / divisor": "else t) / t.size"},
        cause="averaged over all elements",
    ),
)

TORCH = family(
    "losses of labels in PyTorch",
    Mutant(
        "torch_class_weight_mean",
        "PyTorch's own mean, which divides by the sum of the weights",
        weighted,
        (WEIGHTED, "forward"),
        WEIGHTED,
        {', reduction="sum") / len(t)': ")"},
        cause="divided by the sum of the weights",
    ),
    Mutant(
        "torch_sigmoid_twice",
        "sigmoid is applied before binary_cross_entropy_with_logits, which applies it again",
        tags,
        (SIGMOID, "forward"),
        SIGMOID,
        {"with_logits(x, ": "with_logits(x.sigmoid(), "},
        cause="sigmoid is applied twice",
    ),
    Mutant(
        "torch_multi_margin",
        "multi_margin_loss for one versus the rest",
        one_versus_rest,
        (HINGE, "forward"),
        HINGE,
        {'each.sum() / (len(t) if reduction == "mean" else 1)': "F.multi_margin_loss(x, t)"},
        cause="multi_margin_loss",
    ),
    backend="torch",
)

CHAINER = family(
    "losses of labels in Chainer",
    Mutant(
        "chainer_sigmoid_ce_by_rows",
        "normalize=False, which divides by the rows",
        tags,
        (SIGMOID, "forward"),
        SIGMOID,
        {"F.sigmoid_cross_entropy(x, t)": "F.sigmoid_cross_entropy(x, t, normalize=False)"},
        cause="divided by the number of rows",
    ),
    Mutant(
        "chainer_hinge_squared",
        'norm="L2"',
        one_versus_rest,
        (HINGE, "forward"),
        HINGE,
        {"F.hinge(x, t, ": 'F.hinge(x, t, norm="L2", '},
        cause="the margins are squared",
    ),
    backend="chainer",
)

MUTANTS = BY_HAND + TORCH + CHAINER
