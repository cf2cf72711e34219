"""Mistakes in elementary functions and in what chooses between two values."""

from backends.mutants.mutant import Mutant, Training, family

filled = Training("missing_values", epochs=3)
waves = Training("periodic_features", epochs=3)

MUTANTS = family(
    "choices",
    Mutant(
        "where_turned_round",
        "a is taken where the mask is 0",
        filled,
        ("where", "forward"),
        "where",
        {"np.where(mask != 0, a, b)": "np.where(mask != 0, b, a)"},
        cause="the branches are swapped",
    ),
    Mutant(
        "where_gradient_to_both",
        "what was not taken gets the gradient, too",
        filled,
        ("where", "backward"),
        "where",
        {"np.where(mask != 0, 0, grad_y)": "grad_y"},
        cause="is the other branch",
    ),
    Mutant(
        "maximum_gradient_to_smaller",
        "the smaller one gets the gradient",
        filled,
        ("maximum", "backward"),
        "maximum",
        {"np.where(a >= b, grad_y, 0)": "np.where(a <= b, grad_y, 0)"},
        cause="the branches are swapped",
    ),
    Mutant(
        "absolute_without_sign",
        "the gradient passes unchanged",
        filled,
        ("absolute", "backward"),
        "absolute",
        {"np.where(x < 0, -grad_y, 0)": "np.where(x < 0, grad_y, 0)"},
        cause="is the other branch",
    ),
    Mutant(
        "clip_passes_the_gradient",
        "the gradient passes outside of the range, too",
        filled,
        ("clip", "backward"),
        "clip",
        {"np.where(x >= low, np.where(x <= high, grad_y, 0), 0)": "grad_y"},
        cause="the gradient passes outside of the range, too",
    ),
    Mutant(
        "sine_gradient_with_sign_of_cosine",
        "−cos x for cos x",
        waves,
        ("sin", "backward"),
        "sin",
        {"grad_y * np.cos(x)": "-grad_y * np.cos(x)"},
        cause="with the wrong sign on",
    ),
)
