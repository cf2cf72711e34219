"""Mistakes in relu, sigmoid and tanh."""

from backends.mutants.mutant import Mutant, Training, family

large = Training("large")
plain = Training("plain")
square = Training("square")
steep = Training("steep")
ties = Training("ties")
with_adam = Training("with_adam")

MUTANTS = family(
    "activations",
    Mutant(
        "relu_without_mask",
        "the gradient passes where the input was negative",
        plain,
        ("relu", "backward"),
        "relu",
        {"np.where(x > 0, grad_y, 0)": "grad_y"},
    ),
    Mutant(
        "relu_mask_at_zero",
        "≥ for > in the mask: the gradient passes at exactly 0",
        ties,
        ("relu", "backward"),
        "relu",
        {"x > 0": "x >= 0"},
    ),
    Mutant(
        "relu_half_at_zero",
        "half the gradient at exactly 0, the other subgradient",
        ties,
        ("relu", "backward"),
        "relu",
        {"np.where(x > 0, grad_y, 0)": "grad_y * np.heaviside(x, 0.5).astype(x.dtype)"},
    ),
    Mutant(
        "relu_mask_of_gradient",
        "the mask is taken of the gradient, not of the input",
        plain,
        ("relu", "backward"),
        "relu",
        {"x > 0": "grad_y > 0"},
    ),
    Mutant(
        "relu_leaks",
        "a thousandth of the gradient passes where the input was negative",
        plain,
        ("relu", "backward"),
        "relu",
        {"grad_y, 0)": "grad_y, grad_y * x.dtype.type(1e-3))"},
    ),
    Mutant(
        "relu_threshold",
        "inputs of at most 1e-6 count as off",
        ties,
        ("relu", "backward"),
        "relu",
        {"x > 0": "x > 1e-6"},
    ),
    Mutant(
        "relu_capped",
        "ReLU6: right unless an input is above 6",
        steep,
        ("relu", "forward"),
        "relu",
        {"np.maximum(x, 0)": "np.clip(x, 0, 6)"},
    ),
    Mutant(
        "sigmoid_overflows",
        "eˣ / (1 + eˣ), which is NaN for large inputs",
        large,
        ("sigmoid", "forward"),
        "sigmoid",
        {"np.where(x >= 0, 1, e) / (1 + e)": "np.exp(x) / (1 + np.exp(x))"},
    ),
    Mutant(
        "sigmoid_clipped",
        "inputs are clipped to ±30 so that exp does not overflow",
        large,
        ("sigmoid", "forward"),
        "sigmoid",
        {"    e = np.exp": "    x = np.clip(x, -30, 30)\n    e = np.exp"},
    ),
    Mutant(
        "sigmoid_branch_only",
        "e⁻|ˣ| in the numerator on both sides: right for negative inputs",
        with_adam,
        ("sigmoid", "forward"),
        "sigmoid",
        {"np.where(x >= 0, 1, e)": "e"},
    ),
    Mutant(
        "sigmoid_derivative_half",
        "y in place of y·(1 − y)",
        with_adam,
        ("sigmoid", "backward"),
        "sigmoid",
        {"grad_y * y * (1 - y)": "grad_y * y"},
    ),
    Mutant(
        "sigmoid_derivative_of_input",
        "x·(1 − x): the derivative written for the output, given the input",
        with_adam,
        ("sigmoid", "backward"),
        "sigmoid",
        {"grad_y * y * (1 - y)": "grad_y * x * (1 - x)"},
    ),
    Mutant(
        "tanh_derivative_without_square",
        "1 − y in place of 1 − y²",
        square,
        ("tanh", "backward"),
        "tanh",
        {"1 - y * y": "1 - y"},
    ),
    Mutant(
        "tanh_derivative_of_input",
        "1 − x² in place of 1 − y²",
        square,
        ("tanh", "backward"),
        "tanh",
        {"1 - y * y": "1 - x * x"},
    ),
    Mutant(
        "tanh_overflows",
        "(eˣ − e⁻ˣ) / (eˣ + e⁻ˣ), which is NaN for large inputs",
        large,
        ("tanh", "forward"),
        "tanh",
        {"np.tanh(x)": "(np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))"},
    ),
    Mutant(
        "tanh_rational",
        "the fast approximation x·(27 + x²) / (27 + 9x²)",
        square,
        ("tanh", "forward"),
        "tanh",
        {"np.tanh(x)": "np.clip(x * (27 + x * x) / (27 + 9 * x * x), -1, 1)"},
    ),
)
