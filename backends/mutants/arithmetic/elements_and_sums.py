"""Mistakes in batch_matmul, in what is computed element by element, and in sums, means and maxima."""

from backends.mutants.mutant import Mutant, Training, family

cube = Training("cube")
equal = Training("equal")
growth_curve = Training("growth_curve", epochs=3)
largest_of_planes = Training("largest_of_planes", epochs=3)
logistic_regression = Training("logistic_regression", epochs=3)
windows = Training("windows", epochs=3)

MUTANTS = family(
    "arithmetic",
    Mutant(
        "batch_matmul_weight_not_transposed",
        "w for wᵀ in the gradient towards x: fits a square weight",
        cube,
        ("batch_matmul", "backward"),
        "batch_matmul",
        {"np.swapaxes(w, -1, -2)": "w"},
    ),
    Mutant(
        "batch_matmul_gradient_of_last_matrix",
        "the weight gets the gradient of the last matrix only",
        windows,
        ("batch_matmul", "backward"),
        "batch_matmul",
        {"_sum_to_shape(np.swapaxes(x, -1, -2) @ grad_y, w.shape)": "(np.swapaxes(x, -1, -2) @ grad_y)[-1]"},
    ),
    Mutant(
        "batch_matmul_gradient_averaged",
        "a mean over the batch, which the loss has taken already",
        windows,
        ("batch_matmul", "backward"),
        "batch_matmul",
        {"@ grad_y, w.shape)": "@ grad_y / len(x), w.shape)"},
    ),
    Mutant(
        "subtract_gradient_of_a_sum",
        "what is taken off gets the gradient of what is added",
        largest_of_planes,
        ("subtract", "backward"),
        "subtract",
        {"-grad_y, b.shape": "grad_y, b.shape"},
    ),
    Mutant(
        "multiply_gradient_of_itself",
        "each factor gets itself for the other one",
        growth_curve,
        ("multiply", "backward"),
        "multiply",
        {"grad_y * b": "grad_y * a"},
    ),
    Mutant(
        "divide_not_squared",
        "1/b for 1/b² in the gradient of the denominator",
        growth_curve,
        ("divide", "backward"),
        "divide",
        {"-grad_y * y / b": "-grad_y * y"},
    ),
    Mutant(
        "divide_wrong_sign",
        "the gradient of the denominator has the wrong sign",
        growth_curve,
        ("divide", "backward"),
        "divide",
        {"-grad_y * y / b": "grad_y * y / b"},
    ),
    Mutant(
        "power_exponent_kept",
        "p·xᵖ: the exponent is not lowered",
        growth_curve,
        ("power", "backward"),
        "power",
        {"x ** (exponent - 1)": "x**exponent"},
    ),
    Mutant(
        "power_without_factor",
        "the exponent is lowered but does not come down as a factor",
        growth_curve,
        ("power", "backward"),
        "power",
        {"grad_y * exponent * x": "grad_y * x"},
    ),
    Mutant(
        "exp_gradient_of_input",
        "the gradient is multiplied by x, not by eˣ",
        growth_curve,
        ("exp", "backward"),
        "exp",
        {"grad_y * y": "grad_y * x"},
    ),
    Mutant(
        "log_with_eps",
        "1e-6 is added inside the logarithm so that it is never −∞",
        logistic_regression,
        ("log", "forward"),
        "log",
        {"np.log(x)": "np.log(x + 1e-6)"},
    ),
    Mutant(
        "log_gradient_with_eps",
        "1e-6 is added to the denominator of the gradient alone",
        logistic_regression,
        ("log", "backward"),
        "log",
        {"grad_y / x": "grad_y / (x + 1e-6)"},
    ),
    Mutant(
        "sqrt_gradient_twice",
        "1/√x for 1/(2√x)",
        largest_of_planes,
        ("sqrt", "backward"),
        "sqrt",
        {"2 * y": "y"},
    ),
    Mutant(
        "sqrt_gradient_of_input",
        "1/(2x) for 1/(2√x)",
        largest_of_planes,
        ("sqrt", "backward"),
        "sqrt",
        {"2 * y": "2 * x"},
    ),
    Mutant(
        "negative_gradient_passed_on",
        "the gradient keeps its sign",
        logistic_regression,
        ("negative", "backward"),
        "negative",
        {"(-grad_y,)": "(grad_y,)"},
    ),
    Mutant(
        "sum_repeated_along_wrong_axis",
        "summed over the first axis, repeated along the last",
        cube,
        ("reduce_sum", "backward"),
        "reduce_sum",
        {"x.shape, axis)": "x.shape, axis - 1)"},
    ),
    Mutant(
        "mean_gradient_not_divided",
        "every element gets the whole gradient of the mean",
        logistic_regression,
        ("reduce_mean", "backward"),
        "reduce_mean",
        {"grad_y / (x.size // y.size)": "grad_y"},
    ),
    Mutant(
        "mean_gradient_divided_by_all",
        "divided by the number of all elements, where the mean is over one axis",
        largest_of_planes,
        ("reduce_mean", "backward"),
        "reduce_mean",
        {"x.size // y.size": "x.size"},
    ),
    Mutant(
        "max_gradient_to_all_equal",
        "every one of several equal largest elements gets the whole gradient",
        equal,
        ("reduce_max", "backward"),
        "reduce_max",
        {
            "np.put_along_axis(grad_x, first, np.reshape(grad_y, first.shape), axis)": (
                "grad_x += np.where(x == np.max(x, axis, keepdims=True), np.reshape(grad_y, first.shape), 0)"
            ),
        },
    ),
    Mutant(
        "max_gradient_to_last_equal",
        "of several equal largest elements the last gets the gradient",
        equal,
        ("reduce_max", "backward"),
        "reduce_max",
        {"= np.argmax(x, axis=axis": "= x.shape[axis] - 1 - np.argmax(np.flip(x, axis), axis=axis"},
    ),
    Mutant(
        "max_gradient_to_smallest",
        "argmin for argmax",
        largest_of_planes,
        ("reduce_max", "backward"),
        "reduce_max",
        {"np.argmax": "np.argmin"},
    ),
)
