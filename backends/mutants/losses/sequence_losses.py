"""Mistakes in the loss of sequences: which paths there are, where they end, and how the losses become one."""

from backends.mutants.mutant import Mutant, Training, family

spelling = Training("ctc_spelling", epochs=2)
CTC = "ctc"

BY_HAND = family(
    "sequence losses",
    Mutant(
        "ctc_never_skips_a_blank",
        "a path has to say a blank between any two labels",
        spelling,
        (CTC, "forward"),
        "_log_alpha",
        {"_shift(can, 2) & skips": "_shift(can, 2) & False"},
    ),
    Mutant(
        "ctc_skips_between_repeats",
        "the blank between two equal labels may be skipped, too",
        spelling,
        (CTC, "forward"),
        "_log_alpha",
        {"_shift(can, 2) & skips": "_shift(can, 2)"},
    ),
    Mutant(
        "ctc_ends_at_a_blank",
        "paths that end at the last label are left out",
        spelling,
        (CTC, "forward"),
        CTC,
        {"(places > np.array([0, 1]))": "(places > np.array([0, 10**6]))"},
        cause="without its second term",
    ),
    Mutant(
        "ctc_of_all_steps",
        "the steps behind the end of a sequence count, too",
        spelling,
        (CTC, "forward"),
        CTC,
        {"last = (input_lengths - 1)": "last = np.full_like(input_lengths, steps - 1)"},
        cause="behind the end",
    ),
    Mutant(
        "ctc_padding_counts_as_labels",
        "the lengths of the labels are not read: the padding behind them is taken for labels, too",
        spelling,
        (CTC, "forward"),
        CTC,
        {"2 * label_lengths[:, None] + 1": "2 * np.full_like(label_lengths, labels.shape[1])[:, None] + 1"},
    ),
    Mutant(
        "ctc_mean_by_labels",
        "each loss is divided by its number of labels, as in PyTorch's mean",
        spelling,
        (CTC, "forward"),
        CTC,
        {"np.sum(each) / divisor": "np.sum(each / np.maximum(label_lengths, 1).astype(x.dtype)) / divisor"},
        cause="divided by its number of labels",
    ),
    Mutant(
        "ctc_gradient_of_logarithms",
        "the gradient of the logarithms of the probabilities, not of the scores",
        spelling,
        (CTC, "backward"),
        CTC,
        {"np.exp(log_p) - np.einsum": "-np.einsum"},
        cause="is left out of exp(log_p[0, 0, 0])",
    ),
    Mutant(
        "ctc_backward_one_step_late",
        "what is said at a step counts as said after it, in place of what is said at the next one",
        spelling,
        (CTC, "backward"),
        "_log_beta",
        {"onward = beta + said[t + 1]": "onward = beta + said[t]"},
    ),
    Mutant(
        "ctc_gradient_behind_the_end",
        "scores behind the end of a sequence get a gradient",
        spelling,
        (CTC, "backward"),
        CTC,
        {"np.where(lives, np.exp(log_p)": "np.where(lives | True, np.exp(log_p)"},
        cause="the other branch",
    ),
)

TORCH = family(
    "sequence losses of PyTorch",
    Mutant(
        "torch_ctc_mean",
        "PyTorch's own mean, which divides each loss by its number of labels",
        spelling,
        (CTC, "forward"),
        CTC,
        {'blank, "none")': 'blank, "mean")'},
        cause="divided by its number of labels",
    ),
    Mutant(
        "torch_ctc_of_scores",
        "the scores are taken for logarithms of probabilities",
        spelling,
        (CTC, "forward"),
        CTC,
        {"F.log_softmax(x, dim=-1)": "x"},
        cause="taken for logarithms",
    ),
    backend="torch",
)

CHAINER = family(
    "sequence losses of Chainer",
    Mutant(
        "chainer_ctc_without_lengths",
        "the lengths of the sequences are not handed on",
        spelling,
        (CTC, "forward"),
        CTC,
        {"t, blank, of_inputs, of_labels": "t, blank, None, of_labels"},
        cause="behind the end",
    ),
    backend="chainer",
)

MUTANTS = BY_HAND + TORCH + CHAINER
