"""Mistakes in batch_norm and fixed_batch_norm."""

from backends.mutants.mutant import Mutant, Training, family

batch = Training("batch_norm_mlp", epochs=3)
images = Training("resnet_block", epochs=3)
fixed = Training("fixed_statistics", epochs=3)
anew = Training("normalised_anew", epochs=3)

BATCH, FIXED = "batch_norm", "fixed_batch_norm"
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
        cause="divided by M - 1, not by M",
    ),
    Mutant(
        "batch_norm_running_variance_biased",
        "the running variance follows the one that was divided by M",
        batch,
        (BATCH, "forward"),
        BATCH,
        {UNBIASED: "var.reshape(-1)"},
        cause="divided by M, not by M - 1",
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
        cause="momentum is the share of the running statistics that is kept",
    ),
    Mutant(
        "batch_norm_running_deviation",
        "the running variance follows the deviation",
        batch,
        (BATCH, "forward"),
        BATCH,
        {UNBIASED: "deviation.reshape(-1)"},
        cause="follows the deviation",
    ),
    Mutant(
        "batch_norm_eps_in_running_variance",
        "eps, which is to keep the root from 0, gets into the running variance",
        batch,
        (BATCH, "forward"),
        BATCH,
        {UNBIASED: "((var.reshape(-1) + eps) * count / (count - 1))"},
        cause="eps gets into the running variance",
    ),
    Mutant(
        "batch_norm_by_running_mean",
        "the running mean is taken off in training, too",
        batch,
        (BATCH, "forward"),
        BATCH,
        {"centred = x - mean": "centred = x - running_mean.reshape(per_channel)"},
        cause="the running mean is taken off",
    ),
    Mutant(
        "batch_norm_eps_outside",
        "√σ² + eps for √(σ² + eps)",
        batch,
        (BATCH, "forward"),
        BATCH,
        {"np.sqrt(var + eps)": "np.sqrt(var) + eps"},
        cause="eps is added outside of the root",
    ),
    Mutant(
        "batch_norm_running_mean_stale",
        "the running mean never moves",
        batch,
        (BATCH, "forward"),
        BATCH,
        {"(1 - momentum) * running_mean + momentum * mean.reshape(-1)": "running_mean * 1"},
        cause="without momentum · mean",
    ),
    Mutant(
        "batch_norm_gradient_without_mean_term",
        "the gradient that goes through the mean is forgotten",
        batch,
        (BATCH, "backward"),
        BATCH,
        {" - np.mean(grad_n, axis=axes, keepdims=True)": ""},
        cause="is left out of grad_n[0, 0] - sum1 / 24",
    ),
    Mutant(
        "batch_norm_gradient_without_variance_term",
        "mean and variance are taken for constants: only the mean's share is left",
        batch,
        (BATCH, "backward"),
        BATCH,
        {" - n * along_n": ""},
        cause="n[0, 0] · along_n[0, 0] = … is left out",
    ),
    Mutant(
        "batch_norm_gradient_by_examples",
        "of images the mean is taken over examples, not over examples and pixels",
        images,
        (BATCH, "backward"),
        BATCH,
        {"np.mean(grad_n * n, axis=axes, keepdims=True)": "np.sum(grad_n * n, axis=axes, keepdims=True) / len(x)"},
        cause="divided by 6, the length of c2's axis 0, not by 150",
    ),
    Mutant(
        "batch_norm_gain_gradient_of_x",
        "the gain's gradient is taken with the centred input, before it was divided",
        images,
        (BATCH, "backward"),
        BATCH,
        {"np.sum(grad_y * n, axis=axes)": "np.sum(grad_y * centred, axis=axes)"},
        cause="is not divided by deviation",
    ),
    Mutant(
        "batch_norm_by_example",
        "without running statistics mean and variance are those of one example, as in instance normalisation",
        anew,
        (BATCH, "forward"),
        BATCH,
        {
            "np.mean(x, axis=axes, keepdims=True)": "np.mean(x, axis=axes[1:], keepdims=True)",
            VARIANCE: "np.mean(centred * centred, axis=axes[1:], keepdims=True)",
        },
    ),
    Mutant(
        "fixed_batch_norm_of_batch",
        "the batch's own statistics are used, as in training",
        fixed,
        (FIXED, "forward"),
        FIXED,
        {
            "np.sqrt(var + eps)": "np.sqrt(np.var(x, axis=axes) + eps)",
            "mean.reshape(per_channel)": "np.mean(x, axis=axes).reshape(per_channel)",
        },
        cause="by the statistics of the batch, as in training",
    ),
    Mutant(
        "fixed_batch_norm_by_variance",
        "divided by the variance, not by its root",
        fixed,
        (FIXED, "forward"),
        FIXED,
        {"np.sqrt(var + eps)": "(var + eps)"},
        cause="the variance is taken for the deviation",
    ),
    Mutant(
        "fixed_batch_norm_eps_outside",
        "√σ² + eps for √(σ² + eps)",
        fixed,
        (FIXED, "forward"),
        FIXED,
        {"np.sqrt(var + eps)": "(np.sqrt(var) + eps)"},
        cause="eps is added outside of the root",
    ),
    Mutant(
        "fixed_batch_norm_gradient_as_in_training",
        "the gradient goes through a mean over the batch",
        fixed,
        (FIXED, "backward"),
        FIXED,
        {
            "(grad_y if gain is None else grad_y * gain.reshape(per_channel)) / deviation": (
                "(grad_y * gain.reshape(per_channel)"
                " - np.mean(grad_y * gain.reshape(per_channel), axis=axes, keepdims=True)) / deviation"
            )
        },
    ),
    Mutant(
        "fixed_batch_norm_gradient_without_gain",
        "the gradient of n is that of y: the gain is forgotten",
        fixed,
        (FIXED, "backward"),
        FIXED,
        {"grad_y if gain is None else grad_y * gain.reshape(per_channel)": "grad_y"},
        cause="is not multiplied by gain",
    ),
    Mutant(
        "fixed_batch_norm_gain_gradient_of_x",
        "the gain's gradient is taken with the input, before it was normalised",
        fixed,
        (FIXED, "backward"),
        FIXED,
        {"np.sum(grad_y * n, axis=axes)": "np.sum(grad_y * x, axis=axes)"},
        cause="in place of n",
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
        cause="by the running statistics",
    ),
    Mutant(
        "torch_batch_norm_decay",
        "Chainer's decay is given for PyTorch's momentum",
        batch,
        (BATCH, "forward"),
        BATCH,
        {"momentum=momentum": "momentum=1 - momentum"},
        cause="momentum is the share of the running statistics that is kept",
    ),
    Mutant(
        "torch_fixed_batch_norm_in_training",
        "training=True: the batch's statistics are used",
        fixed,
        (FIXED, "forward"),
        FIXED,
        {"training=False": "training=True"},
        cause="by the statistics of the batch, as in training",
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
        cause="eps is 2e-05, Chainer's default",
    ),
    Mutant(
        "chainer_batch_norm_momentum",
        "PyTorch's momentum is given for Chainer's decay",
        batch,
        (BATCH, "forward"),
        BATCH,
        {"decay=1 - momentum": "decay=momentum"},
        cause="momentum is the share of the running statistics that is kept",
    ),
    Mutant(
        "chainer_fixed_batch_norm_default_eps",
        "eps is left at Chainer's 2e-5",
        fixed,
        (FIXED, "forward"),
        FIXED,
        {"fixed_mean, fixed_var, eps)": "fixed_mean, fixed_var)"},
        cause="eps is 2e-05, Chainer's default",
    ),
    backend="chainer",
)

MUTANTS = (*BY_HAND, *TORCH, *CHAINER)
