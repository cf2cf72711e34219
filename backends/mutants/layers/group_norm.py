"""Mistakes in group_norm and local_response_norm."""

from backends.mutants.mutant import Mutant, Training, family

groups = Training("group_norm_cnn", epochs=3)
local = Training("local_response_norm_cnn", epochs=3)
anew = Training("normalised_anew", epochs=3)

GROUP, LOCAL = "group_norm", "local_response_norm"
GROUP_VARIANCE = "np.mean(centred * centred, axis=2, keepdims=True)"
GROUP_DEVIATION = f"np.sqrt({GROUP_VARIANCE} + eps)"

BY_HAND = family(
    "batch normalisation",
    Mutant(
        "group_norm_by_channel",
        "every channel is a group of its own, as in instance normalisation",
        groups,
        (GROUP, "forward"),
        GROUP,
        {"x.reshape(len(x), groups, -1)": "x.reshape(len(x), x.shape[1], -1)"},
        cause="groups is 6",
    ),
    Mutant(
        "group_norm_unbiased_variance",
        "the variance is divided by one less",
        groups,
        (GROUP, "forward"),
        GROUP,
        {GROUP_DEVIATION: f"np.sqrt({GROUP_VARIANCE} * grouped.shape[2] / (grouped.shape[2] - 1) + eps)"},
        cause="one less than the number of values",
    ),
    Mutant(
        "group_norm_eps_outside",
        "√σ² + eps for √(σ² + eps)",
        groups,
        (GROUP, "forward"),
        GROUP,
        {GROUP_DEVIATION: f"np.sqrt({GROUP_VARIANCE}) + eps"},
        cause="eps is added outside of the root",
    ),
    Mutant(
        "group_norm_in_one_group",
        "all channels are one group, as in layer normalisation",
        groups,
        (GROUP, "forward"),
        GROUP,
        {"x.reshape(len(x), groups, -1)": "x.reshape(len(x), 1, -1)"},
        cause="groups is 1, not",
    ),
    Mutant(
        "group_norm_groups_of_that_size",
        "groups is taken for the number of channels in one",
        groups,
        (GROUP, "forward"),
        GROUP,
        {"x.reshape(len(x), groups, -1)": "x.reshape(len(x), x.shape[1] // groups, -1)"},
        cause="groups is 2, not",
    ),
    Mutant(
        "group_norm_gradient_without_gain",
        "the gradient of n is that of y: the gain is forgotten",
        groups,
        (GROUP, "backward"),
        GROUP,
        {"(grad_y if gain is None else grad_y * gain.reshape(per_channel))": "grad_y"},
        cause="is not multiplied by gain",
    ),
    Mutant(
        "group_norm_gradient_without_mean_term",
        "the gradient that goes through the mean is forgotten",
        groups,
        (GROUP, "backward"),
        GROUP,
        {" - np.mean(grad_n, axis=2, keepdims=True)": ""},
        cause="sum1 / 72 = … is left out",
    ),
    Mutant(
        "group_norm_of_all_examples",
        "a channel's statistics are those over the batch, as in batch normalisation",
        anew,
        (GROUP, "forward"),
        GROUP,
        {
            "np.mean(grouped, axis=2, keepdims=True)": "np.mean(grouped, axis=(0, 2), keepdims=True)",
            GROUP_VARIANCE: "np.mean(centred * centred, axis=(0, 2), keepdims=True)",
        },
    ),
    Mutant(
        "local_norm_window_shifted",
        "the window is one channel off the middle",
        local,
        (LOCAL, "forward"),
        LOCAL,
        {"(n // 2, n // 2)": "(n // 2 + 1, n // 2 - 1)"},
    ),
    Mutant(
        "local_norm_mean",
        "the mean over the channels around for the paper's sum",
        local,
        (LOCAL, "forward"),
        LOCAL,
        {"alpha * np.sum": "alpha / n * np.sum"},
        cause="alpha is divided by the number of channels",
    ),
    Mutant(
        "local_norm_gradient_of_own_channel",
        "every channel is divided by its own activity alone in the gradient",
        local,
        (LOCAL, "backward"),
        LOCAL,
        {"np.sum(sliding_window_view(np.pad(h, border), n, axis=1), axis=-1)": "h"},
        cause="with h[0, 0, 2, 2] = 0 in place of around",
    ),
    Mutant(
        "local_norm_divisor_constant",
        "the divisor is taken for a constant in the gradient",
        local,
        (LOCAL, "backward"),
        LOCAL,
        {" - 2 * alpha * beta * x * around": ""},
        cause="without ((2 · alpha) · beta) · relu_1[0, 0, 1, 1] · around",
    ),
    Mutant(
        "local_norm_gradient_without_two",
        "the 2 of the square is missing in the gradient",
        local,
        (LOCAL, "backward"),
        LOCAL,
        {"2 * alpha * beta": "alpha * beta"},
        cause="half of ((2 · alpha) · beta)",
    ),
    Mutant(
        "local_norm_gradient_power_off_by_one",
        "s^−beta where the derivative has s^(−beta − 1)",
        local,
        (LOCAL, "backward"),
        LOCAL,
        {"grad_y * x * scale / s": "grad_y * x * scale"},
        cause="h[0, 0, 1, 1] is not divided by s",
    ),
)

TORCH = family(
    "PyTorch calls",
    Mutant(
        "torch_local_norm_alpha",
        "alpha as in the paper, which PyTorch divides by n",
        local,
        (LOCAL, "forward"),
        LOCAL,
        {"alpha * n": "alpha"},
        cause="alpha is divided by the number of channels",
    ),
    backend="torch",
)

CHAINER = family(
    "Chainer calls",
    Mutant(
        "chainer_local_norm_defaults",
        "alpha and beta are left at Chainer's defaults",
        local,
        (LOCAL, "forward"),
        LOCAL,
        {"n, k, alpha, beta)": "n, k)"},
        cause="1/2,000 of alpha · sum1",
    ),
    backend="chainer",
)

MUTANTS = (*BY_HAND, *TORCH, *CHAINER)
