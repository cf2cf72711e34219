"""Mistakes in how losses are reduced: to a sum, not at all, or along another axis."""

from backends.mutants.mutant import Mutant, Training, family

places = Training("object_detection", epochs=3)
similar = Training("weighted_similarity", epochs=3)

MSE, MAE, HUBER, SMOOTH = "mean_squared_error", "mean_absolute_error", "huber", "smooth_l1"
HINGE, SIGMOID, TRIPLET, MARGIN = "hinge", "sigmoid_cross_entropy", "triplet", "triplet_margin"
COSINE = "cosine_distance"

BY_HAND = family(
    "reductions of losses",
    Mutant(
        "mse_sum_averaged",
        "the sum is divided by the number of elements, as the mean is",
        places,
        (MSE, "forward"),
        MSE,
        {"np.sum(each) / divisor": "np.sum(each) / each.size"},
        cause="1/28 of want: 28 is the number of elements",
    ),
    Mutant(
        "mae_of_each_averaged_in_gradient",
        "the gradients of losses that are left unreduced are divided by their number",
        places,
        (MAE, "backward"),
        MAE,
        {"grad_loss / divisor": "grad_loss / y.size"},
        cause="1/42 of",
    ),
    Mutant(
        "huber_sum_averaged_in_gradient",
        "the gradient of a sum is that of the mean",
        places,
        (HUBER, "backward"),
        HUBER,
        {"delta) / divisor": "delta) / difference.size"},
        cause="1/14 of",
    ),
    Mutant(
        "smooth_l1_not_divided",
        "the square is not divided by beta, so that the two pieces do not meet",
        places,
        (SMOOTH, "forward"),
        SMOOTH,
        {" / (1 if beta == 0 else beta)\n    each": "\n    each"},
        cause="is not divided by beta",
    ),
    Mutant(
        "smooth_l1_slope_of_huber",
        "the gradient inside is not divided by beta",
        places,
        (SMOOTH, "backward"),
        SMOOTH,
        {"slope * difference / (1 if beta == 0 else beta)": "slope * difference"},
        cause="is not divided by beta",
    ),
    Mutant(
        "smooth_l1_bend_at_one",
        "the bend is at 1, whatever beta is",
        places,
        (SMOOTH, "forward"),
        SMOOTH,
        {"distance < beta": "distance < 1"},
    ),
    Mutant(
        "sigmoid_ce_sum_by_rows",
        "the sum is divided by the rows",
        places,
        (SIGMOID, "forward"),
        SIGMOID,
        {"np.sum(each) / divisor": "np.sum(each) / len(x)"},
        cause="1/14 of want: 14 is the number of rows",
    ),
    Mutant(
        "hinge_of_each_averaged_in_gradient",
        "the gradients of margins that are left unreduced are divided by the rows",
        places,
        (HINGE, "backward"),
        HINGE,
        {"grad_loss / divisor": "grad_loss / len(t)"},
        cause="1/14 of",
    ),
    Mutant(
        "triplet_of_first_row",
        "every row has the gradient of the first row's loss",
        similar,
        (TRIPLET, "backward"),
        TRIPLET,
        {"np.expand_dims(grad_loss, 1)": "grad_loss[0]"},
    ),
    Mutant(
        "triplet_margin_never_swapped",
        "swap is left out: how near the negative is to the positive is not looked at",
        similar,
        (MARGIN, "forward"),
        MARGIN,
        {"(np.minimum(d_far, d_between) if swap else d_far)": "d_far"},
        cause="swap is False",
    ),
    Mutant(
        "triplet_margin_swapped_in_forward_alone",
        "the gradient is always that of the distance between anchor and negative",
        similar,
        (MARGIN, "backward"),
        MARGIN,
        {
            "np.where(d_far <= d_between, push, 0) if swap else push": "push",
            "np.where(d_far <= d_between, 0, swapped) if swap else 0": "0 * swapped",
        },
        cause="is the other branch",
    ),
    Mutant(
        "triplet_margin_without_eps",
        "the eps beside the difference is left out",
        similar,
        (MARGIN, "forward"),
        MARGIN,
        {"near, far, between = anchor - positive + eps": "near, far, between = anchor - positive"},
        dtypes=("float64",),
        cause="is left out of",
    ),
    Mutant(
        "cosine_along_rows",
        "lengths are measured along the axis that is asked for, angles along the last one",
        similar,
        (COSINE, "forward"),
        COSINE,
        {"cos = np.sum(x_1 * y_1, axis=axis, keepdims=True)": "cos = np.sum(x_1 * y_1, axis=-1, keepdims=True)[:6].T"},
    ),
    Mutant(
        "cosine_sum_averaged",
        "the sum over rows is their mean",
        similar,
        (COSINE, "forward"),
        COSINE,
        {"np.sum(each) / divisor": "np.sum(each) / each.size"},
        cause="1/12 of want",
    ),
)

TORCH = family(
    "reductions of losses in PyTorch",
    Mutant(
        "torch_triplet_margin_never_swapped",
        "swap is left at False",
        similar,
        (MARGIN, "forward"),
        MARGIN,
        {", swap, reduction": ", reduction"},
        cause="swap is False",
    ),
    Mutant(
        "torch_mse_reduction_forgotten",
        "the reduction is left at its default, which is the mean",
        places,
        (MSE, "forward"),
        MSE,
        {", reduction=reduction": ""},
        cause="1/28 of want: 28 is the number of elements",
    ),
    Mutant(
        "torch_huber_for_smooth_l1",
        "huber_loss for smooth_l1_loss, which is beta times as large",
        places,
        (SMOOTH, "forward"),
        SMOOTH,
        {"smooth_l1_loss": "huber_loss", "beta=beta": "delta=beta"},
        cause="multiplied by beta, as in huber_loss",
    ),
    Mutant(
        "torch_smooth_l1_default_beta",
        "beta is left at its default, which is 1",
        places,
        (SMOOTH, "forward"),
        SMOOTH,
        {", beta=beta": ""},
        cause="beta is 1, not 0.5",
    ),
    backend="torch",
)

CHAINER = family(
    "reductions of losses in Chainer",
    Mutant(
        "chainer_squared_error_averaged",
        "F.mean_squared_error for the sum",
        places,
        (MSE, "forward"),
        MSE,
        {"reduced(F.squared_error(y, t), reduction)": "F.mean_squared_error(y, t)"},
        cause="1/28 of want: 28 is the number of elements",
    ),
    Mutant(
        "chainer_sigmoid_ce_sum_of_mean",
        "the mean is taken before the sum",
        places,
        (SIGMOID, "forward"),
        SIGMOID,
        {', reduce="no"), reduction': "), reduction"},
        cause="1/42 of want: 42 is the number of elements",
    ),
    backend="chainer",
)

MUTANTS = BY_HAND + TORCH + CHAINER
