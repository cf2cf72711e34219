"""Mistakes in activations with a kink: leaky_relu, elu, selu, hard_sigmoid, clipped_relu, maxout and prelu."""

from backends.mutants.mutant import Mutant, Training, family

zeros = Training("zeros")
mlp_clipped_relu = Training("mlp_clipped_relu", epochs=3)
mlp_elu = Training("mlp_elu", epochs=3)
mlp_hard_sigmoid = Training("mlp_hard_sigmoid", epochs=3)
mlp_leaky_relu = Training("mlp_leaky_relu", epochs=3)
mlp_maxout = Training("mlp_maxout", epochs=3)
mlp_prelu = Training("mlp_prelu", epochs=3)
mlp_selu = Training("mlp_selu", epochs=3)

MUTANTS = family(
    "rectifiers",
    Mutant(
        "leaky_relu_blocks",
        "ReLU's gradient: nothing passes below 0",
        mlp_leaky_relu,
        ("leaky_relu", "backward"),
        "leaky_relu",
        {"slope * grad_y": "0"},
        cause="slope is 0, not",
    ),
    Mutant(
        "leaky_relu_mask_at_zero",
        "≥ for > in the mask: the whole gradient passes at exactly 0",
        zeros,
        ("leaky_relu", "backward"),
        "leaky_relu",
        {"x > 0, grad_y": "x >= 0, grad_y"},
        cause="with >= for > in",
    ),
    Mutant(
        "leaky_relu_usual_slope",
        "the slope is 0.01 whatever is asked for",
        mlp_leaky_relu,
        ("leaky_relu", "forward"),
        "leaky_relu",
        {"slope * x": "0.01 * x"},
        cause="slope is 0.01, PyTorch's default",
    ),
    Mutant(
        "elu_without_alpha",
        "alpha is forgotten: it is 1",
        mlp_elu,
        ("elu", "forward"),
        "elu",
        {"alpha * np.expm1(below)": "np.expm1(below)"},
        cause="alpha is 1",
    ),
    Mutant(
        "elu_as_celu",
        "alpha·(exp(x / alpha) − 1), whose gradient doesn't jump",
        mlp_elu,
        ("elu", "forward"),
        "elu",
        {
            "alpha * np.expm1(below)": "alpha * np.expm1(below / alpha)",
            "np.exp(below)": "np.exp(below / alpha) / alpha",
        },
        cause="it is celu",
    ),
    Mutant(
        "elu_gradient_without_alpha",
        "alpha is forgotten in the gradient",
        mlp_elu,
        ("elu", "backward"),
        "elu",
        {"grad_y * alpha * np.exp(below)": "grad_y * np.exp(below)"},
        cause="alpha is 1",
    ),
    Mutant(
        "elu_gradient_of_output",
        "y in place of y + alpha",
        mlp_elu,
        ("elu", "backward"),
        "elu",
        {"alpha * np.exp(below)": "alpha * np.expm1(below)"},
    ),
    Mutant(
        "elu_gradient_at_zero",
        "≥ for >: the gradient at exactly 0 is that from above",
        zeros,
        ("elu", "backward"),
        "elu",
        {"x > 0, grad_y": "x >= 0, grad_y"},
        cause="with >= for > in",
    ),
    Mutant(
        "selu_gradient_without_scale",
        "the outer constant is forgotten in the gradient",
        mlp_selu,
        ("selu", "backward"),
        "selu",
        {"grad_y * SELU_SCALE *": "grad_y *"},
        cause="not multiplied by 1.05…",
    ),
    Mutant(
        "selu_constant_of_four_digits",
        "alpha is rounded to 1.6733",
        mlp_selu,
        ("selu", "forward"),
        "selu",
        {"SELU_ALPHA * np.expm1(below)": "1.6733 * np.expm1(below)"},
    ),
    Mutant(
        "hard_sigmoid_other_slope",
        "PyTorch's x/6 in place of x/5",
        mlp_hard_sigmoid,
        ("hard_sigmoid", "forward"),
        "hard_sigmoid",
        {"straight = 0.2 * x": "straight = x / 6"},
        cause="its slope is 1/6",
    ),
    Mutant(
        "hard_sigmoid_gradient_past_the_ends",
        "the gradient passes where the unit is saturated",
        mlp_hard_sigmoid,
        ("hard_sigmoid", "backward"),
        "hard_sigmoid",
        {"np.where(np.abs(straight - 0.5) < 0.5, 0.2 * grad_y, 0)": "0.2 * grad_y"},
        cause="the other branch, 0.2",
    ),
    Mutant(
        "clipped_relu_gradient_above_the_ceiling",
        "the mask looks at 0 only",
        mlp_clipped_relu,
        ("clipped_relu", "backward"),
        "clipped_relu",
        {"np.where(x < ceiling, grad_y, 0)": "grad_y"},
        cause="nothing is cut off",
    ),
    Mutant(
        "clipped_relu_at_six",
        "ReLU6, whatever the ceiling",
        mlp_clipped_relu,
        ("clipped_relu", "forward"),
        "clipped_relu",
        {"np.clip(x, 0, ceiling)": "np.clip(x, 0, 6)"},
        cause="ceiling is 6",
    ),
    Mutant(
        "maxout_gradient_to_every_piece",
        "every piece gets the gradient, not the largest alone",
        mlp_maxout,
        ("maxout", "backward"),
        "maxout",
        {
            "np.put_along_axis(grad_units, first, np.expand_dims(grad_y, -1), -1)": (
                "grad_units += np.expand_dims(grad_y, -1)"
            ),
        },
    ),
    Mutant(
        "maxout_of_halves",
        "pieces lie half the features apart, not next to each other",
        mlp_maxout,
        ("maxout", "forward"),
        "maxout",
        {
            "np.reshape(x, (*x.shape[:-1], -1, pieces))": (
                "np.swapaxes(np.reshape(x, (*x.shape[:-1], pieces, -1)), -1, -2)"
            ),
        },
        cause="taken to lie H apart",
    ),
    Mutant(
        "prelu_slope_from_all_inputs",
        "the slope gets a gradient from inputs above 0, too",
        mlp_prelu,
        ("prelu", "backward"),
        "prelu",
        {"np.where(x > 0, 0, grad_y * x)": "grad_y * x"},
    ),
    Mutant(
        "prelu_slope_averaged",
        "a mean over rows for the slope's sum",
        mlp_prelu,
        ("prelu", "backward"),
        "prelu",
        {"np.sum(np.where": "np.mean(np.where"},
        cause="1/32 of want: 32 is the number of rows",
    ),
    Mutant(
        "prelu_mask_at_zero",
        "≥ for > in the mask: the whole gradient passes at exactly 0",
        zeros,
        ("prelu", "backward"),
        "prelu",
        {"x > 0, grad_y, slope": "x >= 0, grad_y, slope"},
        cause="with >= for > in",
    ),
)
