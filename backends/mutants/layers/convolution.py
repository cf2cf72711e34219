"""Mistakes in conv2d, deconv2d and depthwise_conv2d."""

from backends.mutants.mutant import Mutant, Training, family

square_images = Training("square_images")
grouped = Training("dilated_grouped_conv", epochs=3)
up_again = Training("deconv_autoencoder", epochs=3)
by_channel = Training("depthwise_separable", epochs=3)
apart = Training("apart_by_channel")

CONV, DECONV, DEPTHWISE = "conv2d", "deconv2d", "depthwise_conv2d"

BY_HAND = family(
    "convolution",
    Mutant(
        "conv_padding_uneven",
        "one row of zeros more above the image than below",
        grouped,
        (CONV, "forward"),
        "_border",
        {"(vertical, vertical)": "(vertical + 1, vertical - 1)"},
    ),
    Mutant(
        "conv_kernel_flipped",
        "a convolution as mathematics has it, with the kernel flipped",
        grouped,
        (CONV, "forward"),
        "_convolved",
        {"w.reshape(groups": "w[:, :, ::-1, ::-1].reshape(groups"},
        cause="the kernels are flipped",
    ),
    Mutant(
        "conv_groups_interleaved",
        "every other channel is in a group, not the first half of them",
        grouped,
        (CONV, "forward"),
        "_patches_by_group",
        {"windows.transpose": "windows[:, np.arange(windows.shape[1]).reshape(-1, groups).T.ravel()].transpose"},
    ),
    Mutant(
        "conv_dilation_of_height_only",
        "the kernel has holes along its height, none along its width",
        grouped,
        (CONV, "forward"),
        CONV,
        {
            "np.pad(x, _border(pad)), w.shape[2:], stride, dilation)": (
                "np.pad(x, _border(pad))[..., : x.shape[3] + 2 * pad - (dilation - 1) * (w.shape[3] - 1)],"
                " w.shape[2:], stride, (dilation, 1))"
            )
        },
    ),
    Mutant(
        "conv_without_bias",
        "the bias is forgotten",
        square_images,
        (CONV, "forward"),
        CONV,
        {" + b.reshape(-1, 1, 1)": ""},
        cause="without b1",
    ),
    Mutant(
        "conv_gradient_not_flipped",
        "the kernel is not flipped in the gradient towards the image",
        grouped,
        (CONV, "backward"),
        "_transposed",
        {"w[:, :, ::-1, ::-1].reshape": "w.reshape"},
        cause="the elements of k2 are left where they are",
    ),
    Mutant(
        "conv_gradient_half_flipped",
        "the kernel is flipped along its height only",
        grouped,
        (CONV, "backward"),
        "_transposed",
        {"::-1, ::-1": "::-1"},
    ),
    Mutant(
        "conv_gradient_channels_not_swapped",
        "the gradient towards the image takes output channels for input channels",
        grouped,
        (CONV, "backward"),
        "_transposed",
        {"np.swapaxes(flipped, 1, 2)": "flipped"},
    ),
    Mutant(
        "conv_gradient_without_stride",
        "the output's gradient is not spread out by the stride",
        grouped,
        (CONV, "backward"),
        "_transposed",
        {"::down, ::right": ": y.shape[2], : y.shape[3]"},
    ),
    Mutant(
        "conv_gradient_without_dilation",
        "the kernel has its holes in the forward pass only",
        grouped,
        (CONV, "backward"),
        "_transposed",
        {"w.shape[2:], 1, dilation)": "w.shape[2:], 1, 1)"},
    ),
    Mutant(
        "conv_gradient_border_kept",
        "the padding is not taken off the gradient on the side where it begins",
        square_images,
        (CONV, "backward"),
        "_transposed",
        {"vertical : vertical + height, horizontal : horizontal + width": ":height, :width"},
    ),
    Mutant(
        "conv_weight_gradient_of_other_groups",
        "the output's channels fall into groups alternately in the weight's gradient",
        grouped,
        (CONV, "backward"),
        "_by_group",
        {".reshape(groups, y.shape[1] // groups, -1)": (".reshape(y.shape[1] // groups, groups, -1).swapaxes(0, 1)")},
    ),
    Mutant(
        "conv_weight_gradient_averaged",
        "the weight's gradient is divided by the examples, which the loss has done already",
        square_images,
        (CONV, "backward"),
        "_correlated",
        {"_by_group(y, groups) @": "_by_group(y, groups) / len(y) @"},
        cause="1/4 of want: 4 is the length of h's axes 0",
    ),
    Mutant(
        "conv_weight_gradient_transposed",
        "the kernel's height and width are swapped in its gradient",
        square_images,
        (CONV, "backward"),
        "_correlated",
        {"*windows.shape[4:])": "*windows.shape[4:]).swapaxes(2, 3)"},
        cause="it is transposed",
    ),
    Mutant(
        "conv_weight_gradient_channels_swapped",
        "the weight's gradient has input channels first",
        square_images,
        (CONV, "backward"),
        "_correlated",
        {"*windows.shape[4:])": "*windows.shape[4:]).swapaxes(0, 1)"},
    ),
    Mutant(
        "conv_bias_gradient_averaged",
        "a mean over pixels for the bias's sum",
        square_images,
        (CONV, "backward"),
        CONV,
        {"np.sum(grad_y, axis=(0, 2, 3))": "np.mean(grad_y, axis=(0, 2, 3))"},
        cause="1/64 of want",
    ),
    Mutant(
        "conv_bias_gradient_by_example",
        "summed over the channels, not over the examples",
        square_images,
        (CONV, "backward"),
        CONV,
        {"axis=(0, 2, 3)": "axis=(1, 2, 3)"},
        cause="over axis 1, not over axis 0",
    ),
    Mutant(
        "conv_bias_gradient_of_one_pixel",
        "summed over the examples, but only for the first pixel",
        square_images,
        (CONV, "backward"),
        CONV,
        {"np.sum(grad_y, axis=(0, 2, 3))": "np.sum(grad_y[:, :, 0, 0], axis=0)"},
    ),
    Mutant(
        "deconv_without_bias",
        "the bias is forgotten",
        up_again,
        (DECONV, "forward"),
        DECONV,
        {" + b.reshape(-1, 1, 1)": ""},
        cause="without b_up",
    ),
    Mutant(
        "deconv_kernel_turned",
        "the kernel is laid over the image upside down",
        up_again,
        (DECONV, "forward"),
        DECONV,
        {"_transposed(x, w, shape": "_transposed(x, w[:, :, ::-1, ::-1], shape"},
        cause="the kernels are turned round",
    ),
    Mutant(
        "deconv_gradient_padded_on_one_side",
        "all of the padding is put above and to the left of the gradient",
        up_again,
        (DECONV, "backward"),
        DECONV,
        {"_border(pad)": "((0, 0), (0, 0), (2 * pad, 0), (2 * pad, 0))"},
    ),
    Mutant(
        "deconv_gradient_flipped",
        "the kernel is flipped where the transpose's transpose has it as it is",
        up_again,
        (DECONV, "backward"),
        DECONV,
        {"_convolved(windows, w, groups)": "_convolved(windows, w[:, :, ::-1, ::-1], groups)"},
    ),
    Mutant(
        "depthwise_kernels_by_multiplier",
        "the kernels are taken to be in Chainer's order, those of a channel far apart",
        by_channel,
        (DEPTHWISE, "forward"),
        DEPTHWISE,
        {"w.reshape(x.shape[1], -1, *w.shape[2:])": ("np.swapaxes(w.reshape(-1, x.shape[1], *w.shape[2:]), 0, 1)")},
        cause="kernel m·C + c is taken for that of channel c",
    ),
    Mutant(
        "depthwise_dilation_ignored",
        "kernels take pixels side by side, whatever is asked for",
        apart,
        (DEPTHWISE, "forward"),
        DEPTHWISE,
        {"w.shape[2:], stride, dilation)": "w.shape[2:], stride, 1)[:, :, 1:-1, 1:-1]"},
    ),
    Mutant(
        "depthwise_gradient_of_one_kernel",
        "only the first kernel of a channel hands its gradient on",
        by_channel,
        (DEPTHWISE, "backward"),
        DEPTHWISE,
        {
            "_transposed(grad_y, w, x.shape[2:], stride, pad, dilation, x.shape[1])": (
                "_transposed(grad_y[:, ::2], w[::2], x.shape[2:], stride, pad, dilation, x.shape[1])"
            )
        },
    ),
    Mutant(
        "depthwise_weight_gradient_shared",
        "the kernels of a channel get each other's gradient",
        by_channel,
        (DEPTHWISE, "backward"),
        DEPTHWISE,
        {"grad_y.reshape(by_kernel.shape)": "grad_y.reshape(by_kernel.shape)[:, :, ::-1]"},
    ),
)

TORCH = family(
    "PyTorch calls",
    Mutant(
        "torch_conv_of_flipped_kernel",
        "the kernel is flipped, as signal processing has it",
        grouped,
        (CONV, "forward"),
        CONV,
        {"F.conv2d(x, w, b": "F.conv2d(x, w.flip(2, 3), b"},
        cause="the kernels are flipped",
    ),
    backend="torch",
)

CHAINER = family(
    "Chainer calls",
    Mutant(
        "chainer_depthwise_kernels_reshaped",
        "kernels side by side are reshaped into Chainer's order, which takes a transpose, too",
        by_channel,
        (DEPTHWISE, "forward"),
        DEPTHWISE,
        {"w.reshape(x.shape[1], -1, *w.shape[2:]).transpose(1, 0, 2, 3)": "w.reshape(-1, x.shape[1], *w.shape[2:])"},
        cause="kernel m·C + c is taken for that of channel c",
    ),
    backend="chainer",
)

MUTANTS = (*BY_HAND, *TORCH, *CHAINER)
