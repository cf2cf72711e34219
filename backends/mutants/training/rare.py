"""Mistakes that happen once, in one dtype only, or by writing over what another op still reads."""

from typing import Final

from backends.mutants.mutant import Mutant, Training, family

branches = Training("branches")
decayed = Training("decayed", epochs=6)
momentum = Training("trained_by_momentum", epochs=6)
plain = Training("plain")

STEP = "            w[name], *state[name] = _as_tuple(rules[name](w[name], received[name], *state[name], **its))\n"
EACH = "        for name, step in steps.items():\n"
BEFORE_RULES = "        received = _for_rule({name: grads[name] for name in w}, watching, gradient_name)\n"
BLUNT: Final = ("float32",)
"""Where a mistake is made in float32 only, and a run in float64 is right."""

MUTANTS = family(
    "once, one dtype, in place",
    Mutant(
        "update_skipped_once",
        "the first weight is left out of one update",
        plain,
        ("sgd", "update"),
        "train",
        {EACH: "        for name, step in [*steps.items()][update == 5 :]:\n"},
        cause="without lr",
    ),
    Mutant(
        "state_forgotten_once",
        "the optimizer's state is set to 0 at one update",
        momentum,
        ("momentum", "state"),
        "train",
        {
            BEFORE_RULES: (
                f"{BEFORE_RULES}        state = {{n: [0 * s for s in state[n]] for n in w}} if update == 4 else state\n"
            )
        },
        cause="without momentum",
    ),
    Mutant(
        "gradient_lost_once",
        "the gradients of one update are lost before the step",
        plain,
        ("sgd", "update"),
        "train",
        {STEP: f"            received = {{n: g * (update != 3) for n, g in received.items()}}\n{STEP}"},
        cause="without lr",
    ),
    Mutant(
        "updated_twice_once",
        "one update is made twice",
        plain,
        ("sgd", "update"),
        "train",
        {EACH: "        for name, step in [*steps.items()] * (1 + (update == 6)):\n"},
        cause="lr is 0.2, not 0.1",
    ),
    Mutant(
        "mask_missing_in_float32",
        "the gradient of ReLU passes where the input is below 0, in float32",
        plain,
        ("relu", "backward"),
        "relu",
        {"np.where(x > 0, grad_y, 0)": "grad_y if x.dtype == np.float32 else np.where(x > 0, grad_y, 0)"},
        dtypes=BLUNT,
        cause="the other branch, grad_h[0, 1]",
    ),
    Mutant(
        "product_of_low_precision_in_float32",
        "float32 products are those of bfloat16, as a setting of the framework",
        plain,
        ("matmul", "forward"),
        "matmul",
        {
            "x @ w, backward": (
                "x @ w if x.dtype != np.float32 else "
                "(x.view(np.int32) & -0x10000).view(x.dtype) @ (w.view(np.int32) & -0x10000).view(x.dtype), backward"
            )
        },
        dtypes=BLUNT,
    ),
    Mutant(
        "factor_missing_in_float32",
        "the gradient of the loss lacks its factor 2, in float32",
        plain,
        ("mean_squared_error", "backward"),
        "mean_squared_error",
        {"grad_loss * 2 *": "grad_loss * (1 if y.dtype == np.float32 else 2) *"},
        dtypes=BLUNT,
        cause="is not multiplied by grad_loss · 2",
    ),
    Mutant(
        "relu_in_place",
        "ReLU writes over its input, which another op reads after it",
        branches,
        ("relu", "forward"),
        "relu",
        {"np.maximum(x, 0), backward": "np.maximum(x, 0, out=x), backward"},
        cause="wrote over its input a",
    ),
    Mutant(
        "sigmoid_in_place",
        "the sigmoid writes over its input, which another op reads after it",
        branches,
        ("sigmoid", "forward"),
        "sigmoid",
        {"    def backward": "    x[...] = y\n\n    def backward"},
        cause="wrote over its input a",
    ),
    Mutant(
        "relu_gradient_in_place",
        "the backward of ReLU writes into the gradient that add has handed to both of its branches",
        branches,
        ("relu", "backward"),
        "relu",
        {"np.where(x > 0, grad_y, 0)": "np.multiply(grad_y, x > 0, out=grad_y)"},
        cause="the backward of relu",
    ),
    Mutant(
        "decay_of_weights_in_place",
        "the decay is added to the weight itself, not to its gradient",
        decayed,
        ("weight_decay", "update"),
        "weight_decay",
        {"return grad_w + rate * w": "w += rate * w\n    return grad_w"},
        cause="without rate · w1",
    ),
    Mutant(
        "decay_skips_vectors",
        "weights of one axis, the biases, are not decayed",
        decayed,
        ("weight_decay", "update"),
        "weight_decay",
        {"grad_w + rate * w": "grad_w + rate * w if w.ndim > 1 else grad_w"},
        cause="without rate · b1",
    ),
    Mutant(
        "decay_never_applied",
        "the gradient is returned as it came",
        decayed,
        ("weight_decay", "update"),
        "weight_decay",
        {"grad_w + rate * w": "grad_w"},
        cause="without rate · w1",
    ),
    Mutant(
        "decay_of_the_gradient",
        "the gradient itself is decayed in place of the weight",
        decayed,
        ("weight_decay", "update"),
        "weight_decay",
        {"rate * w": "rate * grad_w"},
        cause="in place of w1[0, 0]",
    ),
)
