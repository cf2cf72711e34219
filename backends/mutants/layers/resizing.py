"""Mistakes in images of another size: the wrong grid, the wrong neighbour, gradients that are lost."""

from backends.mutants.mutant import Mutant, Training, family

decoder = Training("segmentation_decoder", epochs=3)

BILINEAR, NEAREST, WEIGHTS = "resize_bilinear", "resize_nearest", "_weights"

BY_HAND = family(
    "resizing",
    Mutant(
        "bilinear_corners_swapped",
        "the corners are kept where they are not to be, and not kept where they are",
        decoder,
        (BILINEAR, "forward"),
        BILINEAR,
        {"points, align_corners)": "points, not align_corners)"},
        cause="align_corners is True, not False",
    ),
    Mutant(
        "bilinear_without_half_a_pixel",
        "without kept corners, pixels lie at their own numbers, not half a pixel further",
        decoder,
        (BILINEAR, "forward"),
        WEIGHTS,
        {"(steps + 0.5) * apart - 0.5": "steps * apart"},
        cause="half a pixel",
    ),
    Mutant(
        "bilinear_beyond_the_edge",
        "what lies beyond the first and the last pixel fades out, where these should go on",
        decoder,
        (BILINEAR, "forward"),
        WEIGHTS,
        {"np.clip(places, 0, pixels - 1)": "places"},
    ),
    Mutant(
        "bilinear_gradient_of_nearest",
        "the gradient goes to the nearest pixel alone",
        decoder,
        (BILINEAR, "backward"),
        BILINEAR,
        {
            "(lambda: rows.T @ grad_y @ columns,)": "(np.where(rows > 0.5, 1.0, 0.0).astype(x.dtype).T @ grad_y @ "
            "np.where(columns > 0.5, 1.0, 0.0).astype(x.dtype),)"
        },
    ),
    Mutant(
        "nearest_side_by_side",
        "the whole image is repeated, side by side, not each of its pixels",
        decoder,
        (NEAREST, "forward"),
        NEAREST,
        {"np.repeat(np.repeat(x, down, axis=2), across, axis=3)": "np.tile(x, (1, 1, down, across))"},
        cause="side by side",
    ),
    Mutant(
        "nearest_gradient_averaged",
        "a pixel gets the mean of its copies' gradients, not their sum",
        decoder,
        (NEAREST, "backward"),
        NEAREST,
        {"np.sum(grad_y": "np.mean(grad_y"},
        cause="a mean where a sum belongs",
    ),
    Mutant(
        "nearest_gradient_of_first",
        "a pixel gets the gradient of its first copy alone",
        decoder,
        (NEAREST, "backward"),
        NEAREST,
        {"(np.sum(grad_y.reshape(n, c, h, down, w, across), axis=(3, 5)),)": "(grad_y[:, :, ::down, ::across],)"},
        cause="the first term of the sum alone",
    ),
)

TORCH = family(
    "resizing of PyTorch",
    Mutant(
        "torch_bilinear_with_corners",
        "align_corners is always set",
        decoder,
        (BILINEAR, "forward"),
        BILINEAR,
        {"align_corners=align_corners": "align_corners=True"},
        cause="align_corners is True, not False",
    ),
    backend="torch",
)

MUTANTS = BY_HAND + TORCH
