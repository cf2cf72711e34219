"""Mistakes in sums, means, variances and extremes over axes."""

from backends.mutants.mutant import Mutant, Training, family

annotators = Training("two_annotators", epochs=3)
cube = Training("cube")
equal = Training("equal")
equal_smallest = Training("equal_smallest")
largest_of_planes = Training("largest_of_planes", epochs=3)
logistic_regression = Training("logistic_regression", epochs=3)
summaries = Training("summaries_of_sets", epochs=3)

BY_HAND = family(
    "arithmetic",
    Mutant(
        "sum_repeated_along_wrong_axis",
        "summed over the first axis, repeated along the last",
        cube,
        ("reduce_sum", "backward"),
        "reduce_sum",
        {"x.shape, axis)": "x.shape, axis - 1)"},
        cause="axis is 2, not 0",
    ),
    Mutant(
        "mean_gradient_not_divided",
        "every element gets the whole gradient of the mean",
        logistic_regression,
        ("reduce_mean", "backward"),
        "reduce_mean",
        {"grad_y / (x.size // y.size)": "grad_y"},
        cause="not divided by 24",
    ),
    Mutant(
        "mean_gradient_divided_by_all",
        "divided by the number of all elements, where the mean is over one axis",
        largest_of_planes,
        ("reduce_mean", "backward"),
        "reduce_mean",
        {"x.size // y.size": "x.size"},
        cause="divided by 240, the number of elements of power_1, not by 40",
    ),
    Mutant(
        "max_gradient_to_all_equal",
        "every one of several equal largest elements gets the whole gradient",
        equal,
        ("reduce_max", "backward"),
        "reduce_max",
        {
            "np.put_along_axis(grad_rows, first, np.reshape(grad_y, first.shape), -1)": (
                "grad_rows += np.where(rows == np.max(rows, -1, keepdims=True), np.reshape(grad_y, first.shape), 0)"
            ),
        },
        cause="each of several largest elements",
    ),
    Mutant(
        "max_gradient_to_last_equal",
        "of several equal largest elements the last gets the gradient",
        equal,
        ("reduce_max", "backward"),
        "reduce_max",
        {"= np.argmax(rows, axis=-1": "= rows.shape[-1] - 1 - np.argmax(np.flip(rows, -1), axis=-1"},
        cause="the last of several largest elements",
    ),
    Mutant(
        "max_gradient_to_smallest",
        "argmin for argmax",
        largest_of_planes,
        ("reduce_max", "backward"),
        "reduce_max",
        {"np.argmax": "np.argmin"},
    ),
    Mutant(
        "max_of_last_axis_alone",
        "the gradient goes to the largest element along the last axis, in all places along the others",
        summaries,
        ("reduce_max", "backward"),
        "reduce_max",
        {
            "(from_rows(grad_rows, axis, x.shape),)": (
                "(np.where(x == np.max(x, axis=-1, keepdims=True), np.reshape(grad_y, (-1, 1, 1)), 0),)"
            ),
        },
    ),
    Mutant(
        "min_gradient_to_all_equal",
        "every one of several equal smallest elements gets the whole gradient",
        equal_smallest,
        ("reduce_min", "backward"),
        "reduce_min",
        {
            "np.put_along_axis(grad_rows, first, np.reshape(grad_y, first.shape), -1)": (
                "grad_rows += np.where(rows == np.min(rows, -1, keepdims=True), np.reshape(grad_y, first.shape), 0)"
            ),
        },
        cause="each of several smallest elements",
    ),
    Mutant(
        "min_gradient_to_last_equal",
        "of several equal smallest elements the last gets the gradient",
        equal_smallest,
        ("reduce_min", "backward"),
        "reduce_min",
        {"= np.argmin(rows, axis=-1": "= rows.shape[-1] - 1 - np.argmin(np.flip(rows, -1), axis=-1"},
        cause="the last of several smallest elements",
    ),
    Mutant(
        "min_of_negated_maximum",
        "the largest with the sign turned: −max x for −max −x",
        summaries,
        ("reduce_min", "forward"),
        "reduce_min",
        {"np.min(x, axis=axis, keepdims=keepdims)": "-np.max(x, axis=axis, keepdims=keepdims)"},
    ),
    Mutant(
        "variance_unbiased",
        "divided by n − 1, as in statistics",
        summaries,
        ("reduce_var", "forward"),
        "reduce_var",
        {"x.size // mean.size - correction": "x.size // mean.size - 1"},
        cause="divided by n - 1, not by n",
    ),
    Mutant(
        "variance_not_centred",
        "the mean of the squares: nothing is taken off",
        summaries,
        ("reduce_var", "forward"),
        "reduce_var",
        {"centred = x - mean": "centred = x * 1"},
        cause="is left out of",
    ),
    Mutant(
        "variance_gradient_without_two",
        "the 2 of the square is missing in the gradient",
        summaries,
        ("reduce_var", "backward"),
        "reduce_var",
        {" * 2 * centred": " * centred"},
        cause="is not multiplied by 2",
    ),
    Mutant(
        "variance_gradient_of_x",
        "the gradient is taken with x, from which the mean was not taken off",
        summaries,
        ("reduce_var", "backward"),
        "reduce_var",
        {"2 * centred": "2 * x"},
        cause="is left out of",
    ),
    Mutant(
        "logsumexp_without_largest",
        "the largest element is subtracted before exp and not added again",
        annotators,
        ("logsumexp", "forward"),
        "logsumexp",
        {"largest + np.log": "np.log"},
        cause="without largest",
    ),
    Mutant(
        "logsumexp_of_mean",
        "the logarithm of the mean, not of the sum",
        annotators,
        ("logsumexp", "forward"),
        "logsumexp",
        {"np.sum(np.exp(x - largest)": "np.mean(np.exp(x - largest)"},
        cause="the logarithm of the mean",
    ),
    Mutant(
        "logsumexp_gradient_not_normalised",
        "the exponentials are not divided by their sum",
        annotators,
        ("logsumexp", "backward"),
        "logsumexp",
        {"np.exp(x - y)": "np.exp(x - largest)"},
        cause="log(sum1) = … is left out",
    ),
)
TORCH = family(
    "arithmetic of PyTorch",
    Mutant(
        "torch_variance_unbiased",
        "torch.var is left at its default, which divides by n − 1",
        summaries,
        ("reduce_var", "forward"),
        "reduce_var",
        {", correction=correction": ""},
        cause="divided by n - 1, not by n",
    ),
    backend="torch",
)
MUTANTS = BY_HAND + TORCH
