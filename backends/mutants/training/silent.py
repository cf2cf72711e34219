"""Mistakes of backends that compute the gradient of the whole network at once: no tensor in between is yielded.

Their location is what the bounds through the network leave: the ops among which the mistake is.
"""

from backends.mutants.mutant import Mutant, Training, family

batches = Training("batches")
decayed = Training("decayed", epochs=6)
plain = Training("plain")
with_adam = Training("with_adam")

CLEAR = "        grads: Tensors = {} if is_first else accumulated\n"
LOOP = "    for update, batch in enumerate(batches, 1):\n"

MUTANTS = family(
    "whole networks",
    Mutant(
        "silent_relu_mask",
        "the gradient passes ReLU where its input is below 0",
        plain,
        ("add or relu or matmul", "backward"),
        "relu",
        {"np.where(x > 0, grad_y, 0)": "grad_y"},
        is_silent=True,
    ),
    Mutant(
        "silent_loss_without_two",
        "the gradient of the squared error lacks its factor",
        plain,
        ("matmul or mean_squared_error", "backward"),
        "mean_squared_error",
        {"grad_loss * 2 *": "grad_loss *"},
        is_silent=True,
        cause="got is half of want",
    ),
    Mutant(
        "silent_products_sign",
        "the gradient towards the first factor has the wrong sign",
        plain,
        ("add or relu or matmul", "backward"),
        "matmul",
        {"lambda: grad_y @ w.T": "lambda: -(grad_y @ w.T)"},
        is_silent=True,
        cause="got is want with the wrong sign",
    ),
    Mutant(
        "silent_bias_of_one_row",
        "the gradient of the bias is that of the first row",
        plain,
        ("add", "backward"),
        "add",
        {"_sum_to_shape(grad_y, b.shape)": "grad_y[0]"},
        is_silent=True,
        cause="the first term of the sum alone",
    ),
    Mutant(
        "silent_gradient_not_averaged",
        "the gradient is that of a sum where the loss is a mean",
        batches,
        ("matmul or softmax_cross_entropy", "backward"),
        "softmax_cross_entropy",
        {"/ len(t)": "/ 1"},
        is_silent=True,
        cause="8 is the number of rows of h",
    ),
    Mutant(
        "silent_stale_weights",
        "the forward pass is made with the weights of the update before",
        plain,
        ("matmul or add or relu or mean_squared_error", "loss"),
        "train",
        {
            LOOP: f"    kept: Any = None\n{LOOP}        stale, kept = kept or w, dict(w)\n",
            "{**batch, **buffers, **w}": "{**batch, **stale}",
        },
        cause="they are out of date",
        is_silent=True,
    ),
    Mutant(
        "silent_gradients_not_cleared",
        "the weights' gradients add up over updates",
        plain,
        ("matmul or mean_squared_error", "backward"),
        "train",
        {CLEAR: "        grads: Tensors = {} if update == 1 else accumulated\n"},
        cause="gradients are added up, not cleared",
        is_silent=True,
    ),
    Mutant(
        "silent_step_too_long",
        "the step is a thousandth too long",
        plain,
        ("sgd", "update"),
        "sgd",
        {"lr * grad_w": "1.001 * lr * grad_w"},
        is_silent=True,
        cause="lr is 0.1001, not 0.1",
    ),
    Mutant(
        "silent_adam_without_correction",
        "the second moment is not corrected",
        with_adam,
        ("adam", "update"),
        "adam",
        {"np.sqrt(v / (1 - beta2**t))": "np.sqrt(v)"},
        is_silent=True,
        cause="v's bias is not corrected",
    ),
    Mutant(
        "silent_decay_twice",
        "the decay is that of rate·‖w‖²",
        decayed,
        ("weight_decay", "update"),
        "weight_decay",
        {"rate * w": "2 * rate * w"},
        cause="rate·‖w‖², not of half of it",
        is_silent=True,
    ),
    Mutant(
        "silent_sigmoid_gradient",
        "the gradient of the sigmoid is y·(1 + y)",
        with_adam,
        ("add or sigmoid or matmul", "backward"),
        "sigmoid",
        {"(1 - y)": "(1 + y)"},
        is_silent=True,
    ),
)
