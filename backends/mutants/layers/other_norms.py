"""Mistakes in instance_norm, rms_norm and weight_norm."""

from backends.mutants.mutant import Mutant, Training, family

images = Training("instance_norm_cnn", epochs=3)
rows = Training("rms_norm_mlp", epochs=3)

INSTANCE, RMS, WEIGHT = "instance_norm", "rms_norm", "weight_norm"
VARIANCE = "np.mean(centred * centred, axis=behind, keepdims=True)"
MEAN_SQUARE = "np.mean(x * x, axis=-1, keepdims=True)"

BY_HAND = family(
    "normalisation",
    Mutant(
        "instance_norm_over_batch",
        "mean and variance are those of a channel over all examples, as in batch normalisation",
        images,
        (INSTANCE, "forward"),
        INSTANCE,
        {
            "np.mean(x, axis=behind, keepdims=True)": "np.mean(x, axis=(0, *behind), keepdims=True)",
            VARIANCE: "np.mean(centred * centred, axis=(0, *behind), keepdims=True)",
        },
        cause="those of the whole batch",
    ),
    Mutant(
        "instance_norm_unbiased_variance",
        "the variance is divided by one less",
        images,
        (INSTANCE, "forward"),
        INSTANCE,
        {VARIANCE: "np.var(x, axis=behind, ddof=1, keepdims=True)"},
        cause="one less than the number of values",
    ),
    Mutant(
        "instance_norm_eps_outside",
        "√σ² + eps for √(σ² + eps)",
        images,
        (INSTANCE, "forward"),
        INSTANCE,
        {f"np.sqrt({VARIANCE} + eps)": f"(np.sqrt({VARIANCE}) + eps)"},
        cause="eps is added outside of the root",
    ),
    Mutant(
        "instance_norm_gradient_without_mean_term",
        "that x also moves the mean is forgotten",
        images,
        (INSTANCE, "backward"),
        INSTANCE,
        {"grad_n - np.mean(grad_n, axis=behind, keepdims=True) - n": "grad_n - n"},
        cause="is left out",
    ),
    Mutant(
        "rms_norm_centred",
        "the mean is subtracted first, as in layer normalisation",
        rows,
        (RMS, "forward"),
        RMS,
        {
            f"np.sqrt({MEAN_SQUARE} + eps)": "np.sqrt(np.var(x, axis=-1, keepdims=True) + eps)",
            "n = x / root": "n = (x - np.mean(x, axis=-1, keepdims=True)) / root",
        },
        cause="the mean is subtracted",
    ),
    Mutant(
        "rms_norm_eps_outside",
        "√(mean of squares) + eps for √(mean of squares + eps)",
        rows,
        (RMS, "forward"),
        RMS,
        {f"np.sqrt({MEAN_SQUARE} + eps)": f"np.sqrt({MEAN_SQUARE}) + eps"},
        cause="eps is added outside of the root",
    ),
    Mutant(
        "rms_norm_by_length",
        "a row is divided by its length, not by its root mean square",
        rows,
        (RMS, "forward"),
        RMS,
        {MEAN_SQUARE: "np.sum(x * x, axis=-1, keepdims=True)"},
        cause="not divided by 8",
    ),
    Mutant(
        "rms_norm_gradient_of_constant_root",
        "that x also moves the root is forgotten",
        rows,
        (RMS, "backward"),
        RMS,
        {"(grad_n - n * along_n) / root": "grad_n / root"},
        cause="is left out",
    ),
    Mutant(
        "rms_norm_gradient_without_gain",
        "the gradient of n is that of y: the gain is forgotten",
        rows,
        (RMS, "backward"),
        RMS,
        {"grad_y if gain is None else grad_y * gain\n": "grad_y\n"},
        cause="is not multiplied by gain",
    ),
    Mutant(
        "weight_norm_of_whole",
        "the length is that of the whole weight, not of each row",
        images,
        (WEIGHT, "forward"),
        WEIGHT,
        {"np.sqrt(np.sum(v * v, axis=behind, keepdims=True))": "np.sqrt(np.sum(v * v, keepdims=True))"},
        cause="the length is that of the whole weight",
    ),
    Mutant(
        "weight_norm_not_squared",
        "the sum of the squares is taken for the length",
        rows,
        (WEIGHT, "forward"),
        WEIGHT,
        {"np.sqrt(np.sum(v * v, axis=behind, keepdims=True))": "np.sum(v * v, axis=behind, keepdims=True)"},
        cause="without sqrt",
    ),
    Mutant(
        "weight_norm_gradient_along_v",
        "the gradient keeps its part along v, which changes no direction",
        rows,
        (WEIGHT, "backward"),
        WEIGHT,
        {"(grad_w - n * along_n)": "grad_w"},
        cause="is left out",
    ),
)

TORCH = family(
    "normalisation of PyTorch",
    Mutant(
        "torch_rms_norm_of_its_own_eps",
        "eps is left out, so that it is the dtype's own",
        rows,
        (RMS, "forward"),
        RMS,
        {"gain, eps)": "gain)"},
        cause="is left out of sum1 / 8 + eps",
    ),
    backend="torch",
)

CHAINER = family(
    "normalisation of Chainer",
    Mutant(
        "chainer_weight_norm_of_its_own_eps",
        "F.normalize adds its default of eps to the length",
        rows,
        (WEIGHT, "forward"),
        WEIGHT,
        {"eps=0, ": ""},
        cause="eps is added to the length",
    ),
    backend="chainer",
)

MUTANTS = BY_HAND + TORCH + CHAINER
