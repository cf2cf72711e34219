"""Mistakes in softplus, swish, both gelus, softmax and log_softmax."""

from backends.mutants.mutant import Mutant, Training, family

cube = Training("cube")
far = Training("far")
mixed_axes = Training("mixed_axes", epochs=3)
mlp_gelu = Training("mlp_gelu", epochs=3)
mlp_gelu_tanh = Training("mlp_gelu_tanh", epochs=3)
mlp_softplus = Training("mlp_softplus", epochs=3)
mlp_swish = Training("mlp_swish", epochs=3)

MUTANTS = family(
    "smooth activations",
    Mutant(
        "softplus_gradient_of_one_side",
        "1/(1 + e⁻ˡˣˡ) as the sigmoid: right for positive inputs",
        mlp_softplus,
        ("softplus", "backward"),
        "softplus",
        {"np.where(x >= 0, 1, e) / (1 + e)": "1 / (1 + e)"},
    ),
    Mutant(
        "softplus_overflows",
        "ln(1 + eˣ) as it stands",
        far,
        ("softplus", "forward"),
        "softplus",
        {"np.maximum(x, 0) + np.log1p(e)": "np.log(1 + np.exp(x))"},
    ),
    Mutant(
        "softplus_without_log1p",
        "ln(1 + e) of a tiny e: all digits are lost to the 1",
        far,
        ("softplus", "forward"),
        "softplus",
        {"np.log1p(e)": "np.log(1 + e)"},
    ),
    Mutant(
        "softplus_straight_from_ten",
        "x itself from 10 on, to save a logarithm",
        far,
        ("softplus", "forward"),
        "softplus",
        {"np.maximum(x, 0) + np.log1p(e)": "np.where(x > 10, x, np.maximum(x, 0) + np.log1p(e))"},
    ),
    Mutant(
        "swish_gradient_of_the_gate",
        "the gate is taken as a constant",
        mlp_swish,
        ("swish", "backward"),
        "swish",
        {"s + y * (1 - s)": "s"},
    ),
    Mutant(
        "swish_gradient_without_one",
        "y·s for y·(1 − s)",
        mlp_swish,
        ("swish", "backward"),
        "swish",
        {"y * (1 - s)": "y * s"},
    ),
    Mutant(
        "swish_of_gelu",
        "the gate is sigmoid(1.702·x), the other approximation of gelu",
        mlp_swish,
        ("swish", "forward"),
        "swish",
        {"e = np.exp(-np.abs(x))": "e = np.exp(-np.abs(1.702 * x))"},
    ),
    Mutant(
        "gelu_by_tanh",
        "the tanh approximation in place of the exact one",
        mlp_gelu,
        ("gelu", "forward"),
        "gelu",
        {"special.erf(x / 2**0.5)": "np.tanh((2 / np.pi) ** 0.5 * (x + 0.044715 * x * x * x))"},
    ),
    Mutant(
        "gelu_of_unscaled",
        "erf(x) for erf(x/√2)",
        mlp_gelu,
        ("gelu", "forward"),
        "gelu",
        {"special.erf(x / 2**0.5)": "special.erf(x)"},
    ),
    Mutant(
        "gelu_gradient_without_density",
        "Φ(x) alone: the term x·φ(x) is missing",
        mlp_gelu,
        ("gelu", "backward"),
        "gelu",
        {"below + x * density": "below"},
    ),
    Mutant(
        "gelu_density_of_other_variance",
        "√π for √(2π) in the density",
        mlp_gelu,
        ("gelu", "backward"),
        "gelu",
        {"(2 * np.pi) ** 0.5": "np.pi**0.5"},
    ),
    Mutant(
        "gelu_tanh_by_erf",
        "the exact one in place of the tanh approximation",
        mlp_gelu_tanh,
        ("gelu_tanh", "forward"),
        "gelu_tanh",
        {"np.tanh(scale * (x + 0.044715 * x * x * x))": "special.erf(x / 2**0.5)"},
    ),
    Mutant(
        "gelu_tanh_square",
        "x² for x³ inside",
        mlp_gelu_tanh,
        ("gelu_tanh", "forward"),
        "gelu_tanh",
        {"0.044715 * x * x * x": "0.044715 * x * x"},
    ),
    Mutant(
        "gelu_tanh_gradient_without_three",
        "the 3 of the derivative of x³ is missing",
        mlp_gelu_tanh,
        ("gelu_tanh", "backward"),
        "gelu_tanh",
        {"3 * 0.044715": "0.044715"},
    ),
    Mutant(
        "softmax_along_rows",
        "normalised over the rows, not over the scores: fits a square",
        cube,
        ("softmax", "forward"),
        "softmax",
        {"e / np.sum(e, axis=-1": "e / np.sum(e, axis=0"},
    ),
    Mutant(
        "softmax_gradient_of_sigmoid",
        "y·(1 − y): the other scores of the row are left out",
        cube,
        ("softmax", "backward"),
        "softmax",
        {"(grad_y - np.sum(grad_y * y, axis=-1, keepdims=True))": "grad_y * (1 - y)"},
    ),
    Mutant(
        "softmax_overflows",
        "the largest score is not taken off",
        far,
        ("softmax", "forward"),
        "softmax",
        {"np.exp(x - np.max(x, axis=-1, keepdims=True))": "np.exp(x)"},
    ),
    Mutant(
        "softmax_shifted_by_the_largest_of_all",
        "the largest score of all rows is taken off: small rows become 0/0",
        far,
        ("softmax", "forward"),
        "softmax",
        {"np.max(x, axis=-1, keepdims=True)": "np.max(x)"},
    ),
    Mutant(
        "log_softmax_gradient_without_sum",
        "softmax(x) alone, as if the gradient that arrives summed to 1",
        mixed_axes,
        ("log_softmax", "backward"),
        "log_softmax",
        {"np.exp(y) * np.sum(grad_y, axis=-1, keepdims=True)": "np.exp(y)"},
    ),
    Mutant(
        "log_softmax_of_softmax",
        "the logarithm of softmax plus 1e-8",
        far,
        ("log_softmax", "forward"),
        "log_softmax",
        {
            "y = shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))": (
                "y = np.exp(shifted)\n    y = np.log(y / np.sum(y, axis=-1, keepdims=True) + 1e-8)"
            ),
        },
    ),
)
