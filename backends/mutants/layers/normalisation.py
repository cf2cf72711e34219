"""Mistakes in layer_norm."""

from backends.mutants.mutant import Mutant, Training, family

offset = Training("offset")
square = Training("square")
with_adamw = Training("with_adamw")

LN = "layer_norm"
VARIANCE = "np.mean(centred * centred, axis=-1, keepdims=True)"
GRAD_X = "grad_x = (grad_n - np.mean(grad_n, axis=-1, keepdims=True) - n * along_n) / deviation"

MUTANTS = family(
    "normalisation",
    Mutant(
        "norm_unbiased_variance",
        "the variance is divided by D − 1",
        with_adamw,
        (LN, "forward"),
        LN,
        {VARIANCE: "np.sum(centred * centred, axis=-1, keepdims=True) / (x.shape[-1] - 1)"},
        cause="divided by D - 1",
    ),
    Mutant(
        "norm_eps_outside",
        "√σ² + eps for √(σ² + eps)",
        with_adamw,
        (LN, "forward"),
        LN,
        {f"np.sqrt({VARIANCE} + eps)": f"np.sqrt({VARIANCE}) + eps"},
        cause="eps is added outside of the root",
    ),
    Mutant(
        "norm_without_eps",
        "eps is forgotten",
        with_adamw,
        (LN, "forward"),
        LN,
        {" + eps)": ")"},
        cause="eps = … is left out",
    ),
    Mutant(
        "norm_eps_hard_coded",
        "eps is 1e-5, whatever is asked for",
        with_adamw,
        (LN, "forward"),
        LN,
        {" + eps)": " + 1e-5)"},
        cause="eps is 1e-05",
    ),
    Mutant(
        "norm_not_centred",
        "the root mean square of x itself: nothing is taken off",
        with_adamw,
        (LN, "forward"),
        LN,
        {"x - np.mean(x, axis=-1, keepdims=True)": "x"},
        cause="is left out of matmul_1[0, 0] - sum1 / 6",
    ),
    Mutant(
        "norm_of_columns",
        "mean and variance are those of a column, as in batch normalisation",
        square,
        (LN, "forward"),
        LN,
        {"np.mean(x, axis=-1, keepdims=True)": "np.mean(x, axis=0)", VARIANCE: "np.mean(centred * centred, axis=0)"},
        cause="those of a column",
    ),
    Mutant(
        "norm_variance_by_difference",
        "mean(x²) − mean(x)², which cancels where the mean is large",
        offset,
        (LN, "forward"),
        LN,
        {VARIANCE: "np.abs(np.mean(x * x, axis=-1, keepdims=True) - np.mean(x, axis=-1, keepdims=True) ** 2)"},
    ),
    Mutant(
        "norm_gradient_without_mean_term",
        "the gradient that goes through the mean is forgotten",
        with_adamw,
        (LN, "backward"),
        LN,
        {" - np.mean(grad_n, axis=-1, keepdims=True)": ""},
        cause="is left out of grad_n[0, 0] - sum1 / 6",
    ),
    Mutant(
        "norm_gradient_without_variance_term",
        "the gradient that goes through the variance is forgotten",
        with_adamw,
        (LN, "backward"),
        LN,
        {" - n * along_n": ""},
        cause="n[0, 0] · along_n[0, 0] = … is left out",
    ),
    Mutant(
        "norm_gradient_without_gain",
        "the gradient of n is that of y: the gain is forgotten",
        with_adamw,
        (LN, "backward"),
        LN,
        {"grad_n = grad_y * gain": "grad_n = grad_y"},
        cause="grad_n[0, 0] is not multiplied by gain",
    ),
    Mutant(
        "norm_gradient_over_all",
        "one mean over the whole batch where each row has its own",
        with_adamw,
        (LN, "backward"),
        LN,
        {"np.mean(grad_n * n, axis=-1, keepdims=True)": "np.mean(grad_n * n)"},
    ),
    Mutant(
        "norm_gradient_by_variance",
        "divided by the variance, not by its root",
        with_adamw,
        (LN, "backward"),
        LN,
        {GRAD_X: GRAD_X + " / deviation"},
        cause="divided twice by deviation",
    ),
    Mutant(
        "norm_gain_gradient_of_x",
        "the gain's gradient is taken with the centred input, before it was divided",
        with_adamw,
        (LN, "backward"),
        LN,
        {"np.sum(grad_y * n, axis=rows)": "np.sum(grad_y * centred, axis=rows)"},
        cause="is not divided by deviation",
    ),
    Mutant(
        "norm_bias_gradient_averaged",
        "a mean over rows for the bias's sum",
        with_adamw,
        (LN, "backward"),
        LN,
        {"np.sum(grad_y, axis=rows)": "np.mean(grad_y, axis=rows)"},
        cause="1/10 of want: 10 is the number of rows",
    ),
    Mutant(
        "norm_gain_gradient_along_rows",
        "summed over the features, not over the rows",
        square,
        (LN, "backward"),
        LN,
        {"np.sum(grad_y * n, axis=rows)": "np.sum(grad_y * n, axis=1)"},
        cause="over axis 1, not over axis 0",
    ),
)
