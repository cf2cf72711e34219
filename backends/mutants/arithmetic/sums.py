"""Mistakes in sums of products with letters, in sums so far, in copies and in what is read from the end."""

from backends.mutants.mutant import Mutant, Training, family

pairs = Training("pairs_of_features", epochs=3)
running = Training("running_sums", epochs=3)

MUTANTS = family(
    "arithmetic",
    Mutant(
        "einsum_in_alphabetical_order",
        "the axes of the result are in alphabetical order, as without an arrow",
        pairs,
        ("einsum", "forward"),
        "einsum",
        {"np.einsum(equation, x, w)": "np.einsum(equation.partition('->')[0] + '->' + ''.join(sorted(of_y)), x, w)"},
    ),
    Mutant(
        "einsum_gradient_averaged",
        "a letter that is summed over alone spreads its gradient over the terms, where each has the whole",
        pairs,
        ("einsum", "backward"),
        "_sum_of_products",
        {
            "np.expand_dims(total, new), shape)": "np.expand_dims(total, new), shape) / "
            "(int(np.prod(shape)) // total.size if new else 1)"
        },
        cause="1/6 of want",
    ),
    Mutant(
        "cumsum_gradient_from_the_start",
        "the gradient is summed up from the start, as the forward is",
        running,
        ("cumsum", "backward"),
        "cumsum",
        {"np.flip(np.cumsum(np.flip(grad_y, axis), axis), axis)": "np.cumsum(grad_y, axis)"},
        cause="summed up from the start",
    ),
    Mutant(
        "cumsum_without_own",
        "the sum of what comes before, without the element itself",
        running,
        ("cumsum", "forward"),
        "cumsum",
        {"np.cumsum(x, axis), backward": "np.cumsum(x, axis) - x, backward"},
        cause="the element itself is left out",
    ),
    Mutant(
        "flip_of_first_axis",
        "always the first axis is read from its end",
        running,
        ("flip", "forward"),
        "flip",
        {"np.flip(x, axis)": "np.flip(x, 0)"},
        cause="axis is 0, not 1",
    ),
    Mutant(
        "flip_gradient_as_it_comes",
        "the gradient is not turned round again",
        running,
        ("flip", "backward"),
        "flip",
        {"np.flip(grad_y, axis)": "grad_y"},
        cause="left where they are",
    ),
    Mutant(
        "tile_each_element",
        "every element is repeated by itself, not the whole behind itself",
        running,
        ("tile", "forward"),
        "tile",
        {"np.tile(x, repeats)": "np.repeat(x, repeats[0], axis=0)"},
        cause="each element is repeated by itself",
    ),
    Mutant(
        "tile_gradient_of_first",
        "the gradient of the first copy, not the sum over all",
        running,
        ("tile", "backward"),
        "tile",
        {
            "(np.sum(grad_y.reshape(apart), axis=tuple(range(0, len(apart), 2))).reshape(x.shape),)": (
                "(grad_y[tuple(map(slice, x.shape))],)"
            )
        },
        cause="without its second term",
    ),
)
