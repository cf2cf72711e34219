"""Mistakes in batch_norm, group_norm and local_response_norm."""

from backends.mutants.mutant import Mutant, Training, family

batch = Training("batch_norm_mlp", epochs=3)
images = Training("resnet_block", epochs=3)
groups = Training("group_norm_cnn", epochs=3)
local = Training("local_response_norm_cnn", epochs=3)

BATCH, GROUP, LOCAL = "batch_norm", "group_norm", "local_response_norm"
VARIANCE = "np.mean(centred * centred, axis=axes, keepdims=True)"
UNBIASED = "(var.reshape(-1) * count / (count - 1))"

BY_HAND = family(
    "batch normalisation",
    Mutant(
        "batch_norm_unbiased_variance",
        "the batch is normalised by the variance that was divided by M − 1",
        batch,
        (BATCH, "forward"),
        BATCH,
        {"np.sqrt(var + eps)": "np.sqrt(var * count / (count - 1) + eps)"},
    ),
    Mutant(
        "batch_norm_running_variance_biased",
        "the running variance follows the one that was divided by M",
        batch,
        (BATCH, "forward"),
        BATCH,
        {UNBIASED: "var.reshape(-1)"},
    ),
    Mutant(
        "batch_norm_momentum_swapped",
        "momentum is how much of the old running mean stays, not how much of the new one comes in",
        batch,
        (BATCH, "forward"),
        BATCH,
        {
            "(1 - momentum) * running_mean + momentum * mean": "momentum * running_mean + (1 - momentum) * mean",
        },
    ),
    Mutant(
        "batch_norm_running_deviation",
        "the running variance follows the deviation",
        batch,
        (BATCH, "forward"),
        BATCH,
        {UNBIASED: "deviation.reshape(-1)"},
    ),
    Mutant(
        "batch_norm_eps_in_running_variance",
        "eps, which is to keep the root from 0, gets into the running variance",
        batch,
        (BATCH, "forward"),
        BATCH,
        {UNBIASED: "((var.reshape(-1) + eps) * count / (count - 1))"},
    ),
    Mutant(
        "batch_norm_by_running_mean",
        "the running mean is taken off in training, too",
        batch,
        (BATCH, "forward"),
        BATCH,
        {"centred = x - mean": "centred = x - running_mean.reshape(per_channel)"},
    ),
    Mutant(
        "batch_norm_eps_outside",
        "√σ² + eps for √(σ² + eps)",
        batch,
        (BATCH, "forward"),
        BATCH,
        {"np.sqrt(var + eps)": "np.sqrt(var) + eps"},
    ),
    Mutant(
        "batch_norm_running_mean_stale",
        "the running mean never moves",
        batch,
        (BATCH, "forward"),
        BATCH,
        {"(1 - momentum) * running_mean + momentum * mean.reshape(-1)": "running_mean * 1"},
    ),
    Mutant(
        "batch_norm_gradient_without_mean_term",
        "the gradient that goes through the mean is forgotten",
        batch,
        (BATCH, "backward"),
        BATCH,
        {" - np.mean(grad_n, axis=axes, keepdims=True)": ""},
    ),
    Mutant(
        "batch_norm_gradient_without_variance_term",
        "mean and variance are taken for constants: only the mean's share is left",
        batch,
        (BATCH, "backward"),
        BATCH,
        {" - n * along_n": ""},
    ),
    Mutant(
        "batch_norm_gradient_by_examples",
        "of images the mean is taken over examples, not over examples and pixels",
        images,
        (BATCH, "backward"),
        BATCH,
        {"np.mean(grad_n * n, axis=axes, keepdims=True)": "np.sum(grad_n * n, axis=axes, keepdims=True) / len(x)"},
    ),
    Mutant(
        "batch_norm_gain_gradient_of_x",
        "the gain's gradient is taken with the centred input, before it was divided",
        images,
        (BATCH, "backward"),
        BATCH,
        {"np.sum(grad_y * n, axis=axes)": "np.sum(grad_y * centred, axis=axes)"},
    ),
    Mutant(
        "group_norm_by_channel",
        "every channel is a group of its own, as in instance normalisation",
        groups,
        (GROUP, "forward"),
        GROUP,
        {"x.reshape(len(x), groups, -1)": "x.reshape(len(x), x.shape[1], -1)"},
    ),
    Mutant(
        "group_norm_in_one_group",
        "all channels are one group, as in layer normalisation",
        groups,
        (GROUP, "forward"),
        GROUP,
        {"x.reshape(len(x), groups, -1)": "x.reshape(len(x), 1, -1)"},
    ),
    Mutant(
        "group_norm_groups_of_that_size",
        "groups is taken for the number of channels in one",
        groups,
        (GROUP, "forward"),
        GROUP,
        {"x.reshape(len(x), groups, -1)": "x.reshape(len(x), x.shape[1] // groups, -1)"},
    ),
    Mutant(
        "group_norm_gradient_without_gain",
        "the gradient of n is that of y: the gain is forgotten",
        groups,
        (GROUP, "backward"),
        GROUP,
        {"(grad_y * gain.reshape(-1, 1, 1)).reshape": "grad_y.reshape"},
    ),
    Mutant(
        "group_norm_gradient_without_mean_term",
        "the gradient that goes through the mean is forgotten",
        groups,
        (GROUP, "backward"),
        GROUP,
        {" - np.mean(grad_n, axis=2, keepdims=True)": ""},
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
    ),
    Mutant(
        "local_norm_gradient_of_own_channel",
        "every channel is divided by its own activity alone in the gradient",
        local,
        (LOCAL, "backward"),
        LOCAL,
        {"np.sum(sliding_window_view(np.pad(h, border), n, axis=1), axis=-1)": "h"},
    ),
    Mutant(
        "local_norm_divisor_constant",
        "the divisor is taken for a constant in the gradient",
        local,
        (LOCAL, "backward"),
        LOCAL,
        {" - 2 * alpha * beta * x * around": ""},
    ),
    Mutant(
        "local_norm_gradient_without_two",
        "the 2 of the square is missing in the gradient",
        local,
        (LOCAL, "backward"),
        LOCAL,
        {"2 * alpha * beta": "alpha * beta"},
    ),
    Mutant(
        "local_norm_gradient_power_off_by_one",
        "s^−beta where the derivative has s^(−beta − 1)",
        local,
        (LOCAL, "backward"),
        LOCAL,
        {"grad_y * x * scale / s": "grad_y * x * scale"},
    ),
)

TORCH = family(
    "PyTorch calls",
    Mutant(
        "torch_batch_norm_in_inference",
        "training=False: the running statistics are used and stay as they are",
        batch,
        (BATCH, "forward"),
        BATCH,
        {"training=True": "training=False"},
    ),
    Mutant(
        "torch_batch_norm_decay",
        "Chainer's decay is given for PyTorch's momentum",
        batch,
        (BATCH, "forward"),
        BATCH,
        {"momentum=momentum": "momentum=1 - momentum"},
    ),
    Mutant(
        "torch_local_norm_alpha",
        "alpha as in the paper, which PyTorch divides by n",
        local,
        (LOCAL, "forward"),
        LOCAL,
        {"alpha * n": "alpha"},
    ),
    backend="torch",
)

CHAINER = family(
    "Chainer calls",
    Mutant(
        "chainer_batch_norm_default_eps",
        "eps is left at Chainer's 2e-5",
        batch,
        (BATCH, "forward"),
        BATCH,
        {"eps=eps, ": ""},
    ),
    Mutant(
        "chainer_batch_norm_momentum",
        "PyTorch's momentum is given for Chainer's decay",
        batch,
        (BATCH, "forward"),
        BATCH,
        {"decay=1 - momentum": "decay=momentum"},
    ),
    Mutant(
        "chainer_local_norm_defaults",
        "alpha and beta are left at Chainer's defaults",
        local,
        (LOCAL, "forward"),
        LOCAL,
        {"n, k, alpha, beta)": "n, k)"},
    ),
    backend="chainer",
)

MUTANTS = (*BY_HAND, *TORCH, *CHAINER)
