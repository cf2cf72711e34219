"""Mistakes in the losses that measure a distance: of numbers, or of vectors."""

from backends.mutants.mutant import Mutant, Training, family

median = Training("mean_absolute_error_regression", epochs=3)
robust = Training("robust_regression_huber", epochs=3)
triplets = Training("metric_learning_triplet", epochs=3)
directions = Training("cosine_similarity", epochs=3)
exact_hits = Training("exact_hits")

MAE, HUBER, TRIPLET, COSINE = "mean_absolute_error", "huber", "triplet", "cosine_distance"

BY_HAND = family(
    "losses of distances",
    Mutant(
        "mae_gradient_at_a_hit",
        "≤ for <: what is exactly right is pushed up",
        exact_hits,
        (MAE, "backward"),
        MAE,
        {"y < t": "y <= t"},
        cause="the other branch, -slope",
    ),
    Mutant(
        "mae_gradient_without_mean",
        "1/size is missing in the gradient",
        median,
        (MAE, "backward"),
        MAE,
        {"grad_loss / divisor": "grad_loss"},
        cause="not divided by 40, the number of elements",
    ),
    Mutant(
        "mae_summed",
        "the sum for the mean",
        median,
        ("mean_absolute_error", "forward"),
        "mean_absolute_error",
        {"np.sum(each) / divisor": "np.sum(each)"},
        cause="not divided by 40",
    ),
    Mutant(
        "mae_smoothed",
        "√((y − t)² + 1e-6), so that there is a gradient everywhere",
        median,
        (MAE, "forward"),
        MAE,
        {"np.abs(y - t)": "np.sqrt((y - t) * (y - t) + 1e-6)"},
    ),
    Mutant(
        "huber_without_half",
        "the square is not halved, so that the two pieces do not meet",
        robust,
        (HUBER, "forward"),
        HUBER,
        {"difference * difference / 2": "difference * difference"},
        cause="is not divided by 2",
    ),
    Mutant(
        "huber_without_offset",
        "delta·|y − t| beyond delta: the loss jumps there",
        robust,
        (HUBER, "forward"),
        HUBER,
        {"delta * (distance - delta / 2)": "delta * distance"},
        cause="(delta / 2) = 0.25 is left out",
    ),
    Mutant(
        "huber_slope_of_one",
        "|y − t| − ½·delta beyond delta, which is right for delta = 1",
        robust,
        (HUBER, "forward"),
        HUBER,
        {"delta * (distance": "(distance"},
        cause="is not multiplied by delta",
    ),
    Mutant(
        "huber_divided_by_delta",
        "divided by delta, as in smooth_l1_loss",
        robust,
        ("huber", "forward"),
        "huber",
        {"np.sum(each)": "np.sum(each) / delta"},
        cause="divided by delta",
    ),
    Mutant(
        "huber_threshold_of_square",
        "the square is compared with delta",
        robust,
        (HUBER, "forward"),
        HUBER,
        {"distance <= delta": "distance * distance <= delta"},
    ),
    Mutant(
        "huber_gradient_cut_at_one",
        "the gradient is cut off at 1, whatever delta is",
        robust,
        (HUBER, "backward"),
        HUBER,
        {"-delta, delta)": "-1, 1)"},
        cause="delta is 1, not",
    ),
    Mutant(
        "triplet_margin_subtracted",
        "− margin for + margin",
        triplets,
        (TRIPLET, "forward"),
        TRIPLET,
        {"+ margin": "- margin"},
        cause="margin = 0.5 is of the wrong sign",
    ),
    Mutant(
        "triplet_satisfied_rows_pulled",
        "rows that are apart by more than the margin have a gradient, too",
        triplets,
        (TRIPLET, "backward"),
        TRIPLET,
        {"np.where(excess > 0, slope, 0)": "slope"},
        cause="pull[4, 0] is the other branch",
    ),
    Mutant(
        "triplet_margin_forgotten_in_gradient",
        "the gradient stops where the negative is further off than the positive, not where it is so by the margin",
        triplets,
        (TRIPLET, "backward"),
        TRIPLET,
        {"excess > 0": "excess > margin"},
        cause="margin = 0.5 is left out",
    ),
    Mutant(
        "triplet_anchor_not_pushed",
        "the anchor is drawn to the positive and not pushed off the negative",
        triplets,
        (TRIPLET, "backward"),
        TRIPLET,
        {"pull * (near - far)": "pull * near"},
        cause="is left out of near[0, 0] - far[0, 0]",
    ),
    Mutant(
        "triplet_negative_drawn",
        "the negative's gradient has the positive's sign",
        triplets,
        (TRIPLET, "backward"),
        TRIPLET,
        {"pull * far": "pull * -far"},
        cause="want with the wrong sign",
    ),
    Mutant(
        "cosine_gradient_along_x",
        "what points along x is not taken off, as if its length were fixed",
        directions,
        (COSINE, "backward"),
        COSINE,
        {"(y_1 - along_x)": "y_1"},
        cause="is left out of y_1[0, 0] - along_x[0, 0]",
    ),
    Mutant(
        "cosine_gradient_without_length",
        "the gradient is not divided by the length of x",
        directions,
        (COSINE, "backward"),
        COSINE,
        {"(y_1 - along_x) / length_x": "(y_1 - along_x)"},
        cause="not divided by length_x",
    ),
    Mutant(
        "cosine_eps_added",
        "eps is added to the length, which it should only bound from below",
        directions,
        (COSINE, "forward"),
        COSINE,
        {"np.sqrt(np.maximum(square_x, eps**2))": "(np.sqrt(square_x) + eps)"},
        dtypes=("float64",),  # in float32, 1 + 1e-8 is 1
    ),
    Mutant(
        "cosine_of_whole_batch",
        "one length for the batch where each row has its own",
        directions,
        (COSINE, "forward"),
        COSINE,
        {"np.sum(x * x, axis=axis, keepdims=True)": "np.sum(x * x, keepdims=True)"},
    ),
)

TORCH = family(
    "losses of distances in PyTorch",
    Mutant(
        "torch_smooth_l1",
        "smooth_l1_loss for huber_loss, which is delta times as large",
        robust,
        (HUBER, "forward"),
        HUBER,
        {"huber_loss": "smooth_l1_loss", "delta=delta": "beta=delta"},
        cause="divided by delta",
    ),
    Mutant(
        "torch_triplet_of_distances",
        "triplet_margin_loss, whose distances are not squared",
        triplets,
        (TRIPLET, "forward"),
        TRIPLET,
        {"each.mean()": "F.triplet_margin_loss(anchor, positive, negative, margin=margin)"},
        cause="the distances are not squared",
    ),
    backend="torch",
)

CHAINER = family(
    "losses of distances in Chainer",
    Mutant(
        "chainer_huber_by_rows",
        "Chainer's own sum over the second axis",
        robust,
        (HUBER, "forward"),
        HUBER,
        {', reduce="no")': ")"},
        cause="summed along rows",
    ),
    Mutant(
        "chainer_triplet_default_margin",
        "the margin is left at Chainer's 0.2",
        triplets,
        (TRIPLET, "forward"),
        TRIPLET,
        {"negative, margin)": "negative)"},
        cause="margin is 0.2, not",
    ),
    backend="chainer",
)

MUTANTS = BY_HAND + TORCH + CHAINER
