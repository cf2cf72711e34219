"""Mistakes in the losses of labels that have every setting."""

from backends.mutants.mutant import Mutant, Training, family

places = Training("labels_of_places", epochs=3)

CE, NLL = "cross_entropy", "negative_log_likelihood"

MUTANTS = family(
    "cross entropies",
    Mutant(
        "cross_entropy_mean_over_all_places",
        "the mean divides by the number of places, not by the weights of those that count",
        places,
        (CE, "forward"),
        CE,
        {'np.sum(right) if t.dtype.kind in "iu" else each.size': "each.size"},
        cause="with 1 in place of right",
    ),
    Mutant(
        "cross_entropy_ignored_places_learn",
        "softmax(x) is not multiplied by the weight of its place, which is 0 where the label is ignored",
        places,
        (CE, "backward"),
        CE,
        {"np.exp(log_p) * np.sum(q, axis=axis, keepdims=True) - q": "np.exp(log_p) - q"},
        cause="is not multiplied by sum",
    ),
    Mutant(
        "cross_entropy_smoothing_unshared",
        "every class gets the whole smoothing, not 1/C of it",
        places,
        (CE, "forward"),
        CE,
        {"smoothing / x.shape[axis] * weight": "smoothing * weight"},
        cause="times (smoothing / ",
    ),
    Mutant(
        "likelihood_turned_round",
        "the gradient makes the right label less likely",
        places,
        (NLL, "backward"),
        NLL,
        {"grad_each * -right": "grad_each * right"},
        cause="with the wrong sign",
    ),
)
