"""Mistakes in AdaMax, NAdam, RAdam, Lion, SMORMS3, and in RMSprop and momentum with settings of their own."""

from backends.mutants.mutant import Mutant, Training, family

dampened_momentum = Training("trained_by_dampened_momentum", epochs=6)
rmsprop_eps_inside = Training("trained_by_rmsprop_eps_inside", epochs=6)
rmsprop_with_momentum = Training("trained_by_rmsprop_with_momentum", epochs=6)
smorms3 = Training("trained_by_smorms3", epochs=6)
adamax = Training("trained_by_adamax", epochs=6)
nadam = Training("trained_by_nadam", epochs=6)
radam = Training("trained_by_radam", epochs=9)
lion = Training("trained_by_lion", epochs=6)

IN_NUMPY = family(
    "optimizers and schedules",
    Mutant(
        "dampened_from_the_first",
        "the first gradient is dampened as well, as it isn't in PyTorch",
        dampened_momentum,
        ("dampened_momentum", "state"),
        "dampened_momentum",
        {"dampening * (t > 1)": "dampening"},
        cause="the first gradient is dampened, too",
    ),
    Mutant(
        "dampened_not_at_all",
        "the dampening is left out",
        dampened_momentum,
        ("dampened_momentum", "state"),
        "dampened_momentum",
        {"taken * grad_w": "grad_w"},
        cause="no gradient is dampened",
    ),
    Mutant(
        "rmsprop_eps_outside_root",
        "√v + eps for √(v + eps), as without eps_inside_sqrt",
        rmsprop_eps_inside,
        ("rmsprop_eps_inside", "update"),
        "rmsprop_eps_inside",
        {"np.sqrt(v + eps)": "(np.sqrt(v) + eps)"},
        cause="eps is added outside of the root",
    ),
    Mutant(
        "rmsprop_momentum_of_steps",
        "the learning rate is inside the velocity, as in TensorFlow",
        rmsprop_with_momentum,
        ("rmsprop_with_momentum", "state"),
        "rmsprop_with_momentum",
        {"+ grad_w / (": "+ lr * grad_w / (", "w - lr * b": "w - b"},
        cause="the velocity has the learning rate in it",
    ),
    Mutant(
        "smorms3_unlimited",
        "the step is not limited by lr",
        smorms3,
        ("smorms3", "update"),
        "smorms3",
        {"np.minimum(steadiness, lr)": "steadiness"},
        cause="the steps are not limited by lr",
    ),
    Mutant(
        "smorms3_from_length_zero",
        "the length of the means starts at 0",
        smorms3,
        ("smorms3", "state"),
        "train",
        {"np.full_like(w[name], first)": "np.zeros_like(w[name])"},
    ),
    Mutant(
        "adamax_of_squares",
        "the maximum is taken of squared gradients",
        adamax,
        ("adamax", "state"),
        "adamax",
        {"np.abs(grad_w)": "grad_w * grad_w"},
        cause="the largest of the squared gradients",
    ),
    Mutant(
        "adamax_without_correction",
        "m's bias is not corrected",
        adamax,
        ("adamax", "update"),
        "adamax",
        {"lr / (1 - beta1**t) * m": "lr * m"},
        cause="m's bias is not corrected",
    ),
    Mutant(
        "nadam_without_look_ahead",
        "the step is Adam's",
        nadam,
        ("nadam", "update"),
        "nadam",
        {
            "w - lr * (1 - now) / (1 - mu) * grad_w / deviation": "w",
            "later / (1 - mu * later) * m": "1 / (1 - beta1**t) * m",
        },
        cause="the step is Adam's, without a look ahead",
    ),
    Mutant(
        "nadam_constant_momentum",
        "the momentum is beta1 from the first update on, as in the first version of the paper",
        nadam,
        ("nadam", "state"),
        "nadam",
        {
            "beta1 * (1 - 0.5 * 0.96 ** (t * momentum_decay))": "beta1",
            "beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * momentum_decay))": "beta1",
        },
        cause="the momentum is beta1 from the first update on",
    ),
    Mutant(
        "radam_without_rectification",
        "the rectification is left out",
        radam,
        ("radam", "update"),
        "radam",
        {"(ratio * (1 - beta2**t))": "(known * (1 - beta2**t))"},
        cause="the step is not rectified",
    ),
    Mutant(
        "radam_as_adam",
        "the first steps are divided, too",
        radam,
        ("radam", "update"),
        "radam",
        {"(ratio * (1 - beta2**t)) ** 0.5 / (np.sqrt(v) + eps) + unknown": "1 / (np.sqrt(v / (1 - beta2**t)) + eps)"},
        cause="the step is Adam's",
    ),
    Mutant(
        "lion_of_the_kept_mean",
        "the sign is taken of the mean that is kept",
        lion,
        ("lion", "update"),
        "lion",
        {"np.sign(beta1 * m + (1 - beta1) * grad_w)": "np.sign(beta2 * m + (1 - beta2) * grad_w)"},
        cause="the sign is that of the mean that is kept",
    ),
    Mutant(
        "lion_betas_swapped",
        "beta1 and beta2 are swapped",
        lion,
        ("lion", "state"),
        "lion",
        {
            "beta2 * m + (1 - beta2)": "beta1 * m + (1 - beta1)",
            "np.sign(beta1 * m + (1 - beta1)": "np.sign(beta2 * m + (1 - beta2)",
        },
        cause="beta2 is 0.9, beta1, not 0.99",
    ),
)
IN_TORCH = family(
    "optimizers and schedules",
    Mutant(
        "torch_nadam_product_in_float32",
        "the product of the momenta is in float32 in float64 training, as PyTorch keeps it",
        nadam,
        ("nadam", "state"),
        "nadam",
        {"    keep_product_in_dtype(optimizer)\n": ""},
        dtypes=("float64",),
        cause="with mu rounded to float32",
    ),
    backend="torch",
)
MUTANTS = (*IN_NUMPY, *IN_TORCH)
