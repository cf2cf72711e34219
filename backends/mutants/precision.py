"""A lower precision inside one op: right formulas, too few digits."""

from typing import Final

from backends.mutants.mutant import Mutant, Training, family

batches = Training("batches")
branches = Training("branches")
plain = Training("plain")
square = Training("square")
with_adam = Training("with_adam")
with_adamw = Training("with_adamw")

SHARP: Final = ("float64",)
"""Where float32 is a lower precision."""


def _kept(array: str, mask: str) -> str:
    """Source that sets the last bits of float32 numbers to 0."""
    return f"({array}.astype(np.float32).view(np.int32) & {mask}).view(np.float32).astype(x.dtype)"


def _tf32(array: str) -> str:
    return _kept(array, "-0x2000")


def _bfloat16(array: str) -> str:
    return _kept(array, "-0x10000")


MUTANTS = family(
    "precision",
    Mutant(
        "matmul_in_half",
        "the product is taken in float16",
        plain,
        ("matmul", "forward"),
        "matmul",
        {"x @ w, backward": "(x.astype(np.float16) @ w.astype(np.float16)).astype(x.dtype), backward"},
    ),
    Mutant(
        "matmul_in_tf32",
        "both factors are cut to the 10 bits of TF32",
        plain,
        ("matmul", "forward"),
        "matmul",
        {"x @ w, backward": f"{_tf32('x')} @ {_tf32('w')}, backward"},
    ),
    Mutant(
        "matmul_gradient_in_bfloat16",
        "the gradient that arrives is cut to the 7 bits of bfloat16",
        plain,
        ("matmul", "backward"),
        "matmul",
        {"x.T @ grad_y": f"x.T @ {_bfloat16('grad_y')}"},
    ),
    Mutant(
        "matmul_in_single",
        "the product is taken in float32",
        plain,
        ("matmul", "forward"),
        "matmul",
        {"x @ w, backward": "(x.astype(np.float32) @ w.astype(np.float32)).astype(x.dtype), backward"},
        dtypes=SHARP,
    ),
    Mutant(
        "bias_gradient_in_half",
        "the bias's gradient is added up in float16",
        plain,
        ("add", "backward"),
        "_sum_to_shape",
        {"np.sum(grad, axis=repeated)": "np.sum(grad.astype(np.float16), axis=repeated).astype(grad.dtype)"},
    ),
    Mutant(
        "sigmoid_in_single",
        "exp is taken in float32",
        with_adam,
        ("sigmoid", "forward"),
        "sigmoid",
        {"np.exp(-np.abs(x))": "np.exp(-np.abs(x).astype(np.float32)).astype(x.dtype)"},
        dtypes=SHARP,
    ),
    Mutant(
        "tanh_gradient_of_half",
        "y is kept for backward in float16, to save memory",
        square,
        ("tanh", "backward"),
        "tanh",
        {
            "    def backward": "    kept = y.astype(np.float16).astype(y.dtype)\n\n    def backward",
            "y * y": "kept * kept",
        },
        cause="y rounded to float16",
    ),
    Mutant(
        "norm_statistics_in_single",
        "mean and variance are taken in float32",
        with_adamw,
        ("layer_norm", "forward"),
        "layer_norm",
        {"np.mean(x, axis=axis, keepdims=True)": "np.mean(x.astype(np.float32), axis=axis, keepdims=True)"},
        dtypes=SHARP,
    ),
    Mutant(
        "norm_kept_in_bfloat16",
        "the normalised input is kept for backward in bfloat16",
        with_adamw,
        ("layer_norm", "backward"),
        "layer_norm",
        {
            "    def backward": f"    kept = {_bfloat16('n')}\n\n    def backward",
            "np.sum(grad_y * n,": "np.sum(grad_y * kept,",
        },
    ),
    Mutant(
        "mse_in_single",
        "the loss is added up in float32",
        plain,
        ("mean_squared_error", "forward"),
        "mean_squared_error",
        {"np.sum(each)": "y.dtype.type(np.sum(each, dtype=np.float32))"},
        dtypes=SHARP,
    ),
    Mutant(
        "ce_exp_in_half",
        "softmax is exponentiated in float16 for its gradient",
        batches,
        ("softmax_cross_entropy", "backward"),
        "softmax_cross_entropy",
        {"np.exp(log_p)": "np.exp(log_p.astype(np.float16)).astype(x.dtype)"},
    ),
    Mutant(
        "sgd_rate_in_single",
        "the learning rate is a float32 number",
        branches,
        ("sgd", "update"),
        "sgd",
        {"lr * grad_w": "np.float32(lr) * grad_w"},
        dtypes=SHARP,
    ),
    Mutant(
        "momentum_kept_in_half",
        "the velocity is kept in float16",
        batches,
        ("momentum", "state"),
        "momentum",
        {"momentum * v + grad_w": "(momentum * v + grad_w).astype(np.float16).astype(w.dtype)"},
        cause="v rounded to float16",
    ),
    Mutant(
        "adam_moments_in_single",
        "m is kept in float32",
        with_adam,
        ("adam", "state"),
        "adam",
        {"m / deviation, m, v": "m / deviation, m.astype(np.float32).astype(w.dtype), v"},
        dtypes=SHARP,
        cause="m rounded to float32",
    ),
    Mutant(
        "adam_powers_in_single",
        "β₁ᵗ and β₂ᵗ are taken in float32, where 1 − β₂ᵗ loses digits",
        with_adam,
        ("adam", "update"),
        "adam",
        {
            "beta2**t": "float(np.float32(beta2) ** np.float32(t))",
            "beta1**t": "float(np.float32(beta1) ** np.float32(t))",
        },
    ),
    Mutant(
        "adam_root_approximated",
        "√v̂ by the fast inverse square root with one Newton step",
        with_adam,
        ("adam", "update"),
        "adam",
        {
            "    deviation = np.sqrt(v / (1 - beta2**t)) + eps\n": (
                "    v_c = (v / (1 - beta2**t)).astype(np.float32)\n"
                "    guess = (0x5F3759DF - (v_c.view(np.int32) >> 1)).astype(np.int32).view(np.float32)\n"
                "    guess = guess * (1.5 - 0.5 * v_c * guess * guess)\n"
                "    deviation = (1 / guess).astype(w.dtype) + eps\n"
            )
        },
    ),
)
