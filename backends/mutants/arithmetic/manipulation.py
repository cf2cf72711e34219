"""Mistakes in what moves elements: the wrong place, the wrong axis, the wrong order."""

from backends.mutants.mutant import Mutant, Training, family

cube = Training("cube")
causal = Training("causal_convolution", epochs=3)
steps = Training("steps")
largest_of_planes = Training("largest_of_planes", epochs=3)
mixed_axes = Training("mixed_axes", epochs=3)
two_branches = Training("two_branches", epochs=3)
windows = Training("windows", epochs=3)

MUTANTS = family(
    "manipulation",
    Mutant(
        "pad_on_both_sides_alike",
        "what comes in front comes behind, and the other way round",
        causal,
        ("pad", "forward"),
        "pad",
        {"np.pad(x, widths": "np.pad(x, [pair[::-1] for pair in widths]"},
    ),
    Mutant(
        "pad_with_zeros",
        "the padding is 0, whatever is asked for",
        causal,
        ("pad", "forward"),
        "pad",
        {", constant_values=value)": ")"},
        cause="value is …0, not -1",
    ),
    Mutant(
        "pad_gradient_of_front",
        "the padding is taken off the gradient behind, although it is in front",
        causal,
        ("pad", "backward"),
        "pad",
        {"grad_y[inside]": "grad_y[:, :, : x.shape[2]]"},
    ),
    Mutant(
        "broadcast_gradient_of_first",
        "the gradient of the first copy, not the sum over all",
        causal,
        ("broadcast_to", "backward"),
        "broadcast_to",
        {"_sum_to_shape(grad_y, x.shape)": "grad_y[0, :, :1]"},
        cause="the first term of the sum alone",
    ),
    Mutant(
        "broadcast_gradient_averaged",
        "the mean over the copies, not their sum",
        causal,
        ("broadcast_to", "backward"),
        "broadcast_to",
        {"_sum_to_shape(grad_y, x.shape)": "_sum_to_shape(grad_y, x.shape) / (grad_y.size // x.size)"},
        cause="1/54 of want",
    ),
    Mutant(
        "transpose_done_again",
        "the gradient is transposed as the input was, not back: fits a cube",
        cube,
        ("transpose", "backward"),
        "transpose",
        {"np.argsort(axes)": "axes"},
    ),
    Mutant(
        "concatenate_gradients_swapped",
        "what was joined last gets the first part of the gradient",
        two_branches,
        ("concatenate", "backward"),
        "concatenate",
        {"[:-1], axis=axis)": "[:-1], axis=axis)[::-1]"},
    ),
    Mutant(
        "split_gradients_swapped",
        "the gradients of the parts are joined in the wrong order",
        largest_of_planes,
        ("split", "backward"),
        "split",
        {"np.concatenate(grad_ys, axis=axis)": "np.concatenate(grad_ys[::-1], axis=axis)"},
    ),
    Mutant(
        "split_second_part_only",
        "no gradient for the first part",
        largest_of_planes,
        ("split", "backward"),
        "split",
        {"np.concatenate(grad_ys,": "np.concatenate([np.zeros_like(grad_ys[0]), *grad_ys[1:]],"},
        cause="got is 0",
    ),
    Mutant(
        "slice_off_by_one",
        "the slice starts one too late and ends one too late",
        windows,
        ("slice_axis", "forward"),
        "slice_axis",
        {"(slice(start, stop),)": "(slice(start + 1, stop + 1),)"},
        cause="steps of the next place along axis 1",
    ),
    Mutant(
        "slice_gradient_at_the_start",
        "the gradient is put at the beginning of the axis",
        steps,
        ("slice_axis", "backward"),
        "slice_axis",
        {"grad_x[index] = grad_y": "grad_x[:, : stop - start] = grad_y"},
    ),
    Mutant(
        "select_step_before",
        "the step before",
        steps,
        ("select", "forward"),
        "select",
        {"(index,)": "(index - 1,)"},
        cause="index is 0, not 1",
    ),
    Mutant(
        "select_gradient_everywhere",
        "every step gets the gradient of one",
        steps,
        ("select", "backward"),
        "select",
        {"grad_x[position] = grad_y": "grad_x += np.expand_dims(grad_y, axis)"},
    ),
    Mutant(
        "stack_gradients_swapped",
        "the gradients of what was stacked are taken from the end",
        mixed_axes,
        ("stack", "backward"),
        "stack",
        {"in range(len(xs))": "in reversed(range(len(xs)))"},
        cause="grad_both of the next place along axis 2",
    ),
    Mutant(
        "reshape_by_columns",
        "elements are taken column by column",
        windows,
        ("reshape", "forward"),
        "reshape",
        {"np.reshape(x, shape)": "np.reshape(x, shape, order='F')"},
        cause="column by column",
    ),
    Mutant(
        "reshape_gradient_by_columns",
        "the gradient is put back column by column",
        windows,
        ("reshape", "backward"),
        "reshape",
        {"np.reshape(grad_y, x.shape)": "np.reshape(grad_y, x.shape, order='F')"},
        cause="column by column",
    ),
)
