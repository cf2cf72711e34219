"""Mistakes in pooling."""

from backends.mutants.mutant import Mutant, Training, family

pooled_below_zero = Training("pooled_below_zero")
largest = Training("max_pooling", epochs=3)
average = Training("average_pooling", epochs=3)
signals = Training("pooled_signals", epochs=3)
apart = Training("apart_by_channel")

MAX, AVERAGE = "max_pool2d", "avg_pool2d"
MAX_1D, AVERAGE_1D = "max_pool1d", "avg_pool1d"
PLACES = "(n, c, i * down + row * apart_down, j * right + column * apart_right)"
ADDED = f"np.add.at(grad_padded, {PLACES}, grad_y)"

BY_HAND = family(
    "pooling",
    Mutant(
        "max_pool_padded_with_zeros",
        "the padding is 0, which is larger than what is negative",
        pooled_below_zero,
        (MAX, "forward"),
        MAX,
        {"constant_values=-np.inf": "constant_values=0"},
        cause="the padding is 0",
    ),
    Mutant(
        "max_pool_all_ties",
        "every one of several largest elements gets the whole gradient",
        largest,
        (MAX, "backward"),
        MAX,
        {
            ADDED: (
                "largest = np.max(patches, axis=-1)\n"
                "        for place in range(window**2):\n"
                "            at = (n, c, i * down + place // window, j * right + place % window)\n"
                "            np.add.at(grad_padded, at, np.where(patches[..., place] == largest, grad_y, 0))"
            )
        },
        cause="each of several largest elements",
    ),
    Mutant(
        "max_pool_last_tie",
        "the last of several largest elements gets the gradient, as with >= in a loop",
        largest,
        (MAX, "backward"),
        MAX,
        {"np.argmax(patches, axis=-1)": "patches.shape[-1] - 1 - np.argmax(patches[..., ::-1], axis=-1)"},
        cause="the last of several largest elements",
    ),
    Mutant(
        "max_pool_shared_ties",
        "several largest elements share the gradient",
        largest,
        (MAX, "backward"),
        MAX,
        {
            ADDED: (
                "largest = np.where(patches == np.max(patches, axis=-1)[..., None], 1.0, 0.0)\n"
                "        share = largest / np.sum(largest, axis=-1, keepdims=True)\n"
                "        for place in range(window**2):\n"
                "            at = (n, c, i * down + place // window, j * right + place % window)\n"
                "            np.add.at(grad_padded, at, (share[..., place] * grad_y).astype(x.dtype))"
            )
        },
        cause="share the gradient",
    ),
    Mutant(
        "max_pool_gradient_overwritten",
        "= for +=: an element that is the largest of several windows gets the gradient of the last",
        largest,
        (MAX, "backward"),
        MAX,
        {ADDED: f"grad_padded[{PLACES}] = grad_y"},
        cause="only the gradient of the last is kept",
    ),
    Mutant(
        "max_pool_rows_and_columns_swapped",
        "the place in a window is read column by column",
        largest,
        (MAX, "backward"),
        MAX,
        {PLACES: "(n, c, i * down + column * apart_down, j * right + row * apart_right)"},
    ),
    Mutant(
        "max_pool_padding_kept",
        "the padding is not taken off the gradient on the side where it begins",
        largest,
        (MAX, "backward"),
        MAX,
        {"_inside(border, grad_padded)": "grad_padded[:, :, : x.shape[2], : x.shape[3]]"},
    ),
    Mutant(
        "average_pool_without_padding",
        "the mean is that of the pixels in a window, padding left out",
        average,
        (AVERAGE, "forward"),
        AVERAGE,
        {"cover_all, count_pad)": "cover_all, False)"},
        cause="padding does not count in the mean",
    ),
    Mutant(
        "average_pool_summed",
        "the sum over a window for its mean",
        average,
        (AVERAGE, "forward"),
        AVERAGE,
        {" / count, backward": ", backward"},
        cause="it is the sum over a window",
    ),
    Mutant(
        "average_pool_gradient_by_length",
        "the gradient is divided by the window's length, not by its area",
        average,
        (AVERAGE, "backward"),
        AVERAGE,
        {"grad_y / count": "grad_y / height"},
        cause="by the window's length",
    ),
    Mutant(
        "average_pool_gradient_not_divided",
        "every pixel of a window gets the whole gradient",
        average,
        (AVERAGE, "backward"),
        AVERAGE,
        {"grad_y / count": "grad_y"},
        cause="it is the sum over a window",
    ),
    Mutant(
        "average_pool_gradient_without_stride",
        "the output's gradient is not spread out by the stride",
        average,
        (AVERAGE, "backward"),
        AVERAGE,
        {"spread[:, :, ::down, ::right]": "spread[:, :, : grad_y.shape[2], : grad_y.shape[3]]"},
    ),
    Mutant(
        "average_pool_divisor_ignored",
        "divided by the number of elements, whatever is asked for",
        apart,
        (AVERAGE, "forward"),
        AVERAGE,
        {" if divisor is None else divisor": ""},
        cause="divisor is left out",
    ),
    Mutant(
        "average_pool_divided_twice",
        "the divisor is applied to the mean, not to the sum",
        apart,
        (AVERAGE, "forward"),
        AVERAGE,
        {"(4, 5)) / count, backward": "(4, 5)) / count / np.prod(pair(window)).item(), backward"},
        cause="1/9 of want",
    ),
    Mutant(
        "average_pool_1d_counts_padding",
        "the zeros of the padding count, whatever is asked for",
        signals,
        (AVERAGE_1D, "forward"),
        AVERAGE_1D,
        {"count_pad=count_pad": "count_pad=True"},
        cause="count_pad is True",
    ),
    Mutant(
        "average_pool_1d_without_padding",
        "nothing is padded on the left",
        signals,
        (AVERAGE_1D, "forward"),
        AVERAGE_1D,
        {"x[:, :, None]": "np.pad(x[:, :, 1:], ((0, 0), (0, 0), (0, 1)))[:, :, None]"},
    ),
    Mutant(
        "max_pool_1d_gradient_mirrored",
        "the gradient of a signal comes back in reverse",
        signals,
        (MAX_1D, "backward"),
        MAX_1D,
        {"computed(grad_x)[:, :, 0]": "computed(grad_x)[:, :, 0, ::-1]"},
    ),
)

TORCH = family(
    "PyTorch calls",
    Mutant(
        "torch_average_pool_without_padding",
        "count_include_pad=False",
        average,
        (AVERAGE, "forward"),
        AVERAGE,
        {"cover_all, count_pad, divisor)": "cover_all, False, divisor)"},
        cause="padding does not count in the mean",
    ),
    Mutant(
        "torch_average_pool_1d_counting_padding",
        "count_include_pad is left at True",
        signals,
        (AVERAGE_1D, "forward"),
        AVERAGE_1D,
        {"cover_all, count_pad)": "cover_all)"},
        cause="count_pad is True",
    ),
    Mutant(
        "torch_average_pool_divisor_left_out",
        "divisor_override is left out",
        apart,
        (AVERAGE, "forward"),
        AVERAGE,
        {", count_pad, divisor)": ", count_pad)"},
        cause="divisor is left out",
    ),
    backend="torch",
)

MUTANTS = (*BY_HAND, *TORCH)
