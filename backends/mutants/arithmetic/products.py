"""Mistakes in matmul and add."""

from backends.mutants.mutant import Mutant, Training, family

batches = Training("batches")
branches = Training("branches")
plain = Training("plain")
square = Training("square")
residual_shared = Training("residual_shared", epochs=5)

MUTANTS = family(
    "products",
    Mutant(
        "matmul_weight_not_transposed",
        "w for wᵀ in the gradient towards x: fits a square weight",
        square,
        ("matmul", "backward"),
        "matmul",
        {"grad_y @ w.T": "grad_y @ w"},
        cause="w2 transposed",
    ),
    Mutant(
        "matmul_data_not_transposed",
        "x for xᵀ in the gradient towards w: fits as many rows as features",
        square,
        ("matmul", "backward"),
        "matmul",
        {"x.T @ grad_y": "x @ grad_y"},
        cause="tanh_1 transposed",
    ),
    Mutant(
        "matmul_gradient_transposed",
        "the weight's gradient comes out transposed",
        square,
        ("matmul", "backward"),
        "matmul",
        {"x.T @ grad_y": "grad_y.T @ x"},
        cause="it is transposed",
    ),
    Mutant(
        "matmul_wrong_sign",
        "the gradient towards x has the wrong sign",
        plain,
        ("matmul", "backward"),
        "matmul",
        {"lambda: grad_y @ w.T": "lambda: -(grad_y @ w.T)"},
        cause="want with the wrong sign",
    ),
    Mutant(
        "matmul_gradient_averaged",
        "the weight's gradient is divided by the rows, which the loss has done already",
        plain,
        ("matmul", "backward"),
        "matmul",
        {"x.T @ grad_y": "x.T @ grad_y / len(x)"},
        cause="1/12 of want: 12 is the number of rows",
    ),
    Mutant(
        "matmul_last_row_missed",
        "a blocked loop ends one row early",
        plain,
        ("matmul", "forward"),
        "matmul",
        {
            "return x @ w, backward": (
                "y = np.zeros((len(x), w.shape[1]), x.dtype)\n"
                "    for i in range(len(x) - 1):\n"
                "        y[i] = x[i] @ w\n"
                "    return y, backward"
            )
        },
    ),
    Mutant(
        "matmul_tail_of_gradient_missed",
        "rows are taken in blocks of 4 and the rest of a batch is left out of the weight's gradient",
        batches,
        ("matmul", "backward"),
        "matmul",
        {"x.T @ grad_y": "x[: len(x) // 4 * 4].T @ grad_y[: len(x) // 4 * 4]"},
    ),
    Mutant(
        "matmul_kept_transpose",
        "wᵀ is kept from the first update and never refreshed",
        plain,
        ("matmul", "backward"),
        "matmul",
        {
            "def matmul(x: Array, w: Array)": "def matmul(x: Array, w: Array, kept: Any = {})",
            "grad_y @ w.T": "grad_y @ kept.setdefault(w.shape, w.T.copy())",
        },
    ),
    Mutant(
        "bias_gradient_of_one_row",
        "the bias gets the gradient of the first row only",
        plain,
        ("add", "backward"),
        "_sum_to_shape",
        {"np.sum(grad, axis=repeated)": "grad[0]"},
        cause="the first term of the sum alone",
    ),
    Mutant(
        "bias_gradient_averaged",
        "a mean over rows for the bias's sum",
        plain,
        ("add", "backward"),
        "_sum_to_shape",
        {"np.sum(grad, axis=repeated)": "np.mean(grad, axis=repeated)"},
        cause="1/12 of want: 12 is the number of rows",
    ),
    Mutant(
        "bias_gradient_along_rows",
        "summed over the features, not over the rows",
        square,
        ("add", "backward"),
        "_sum_to_shape",
        {"np.sum(grad, axis=repeated)": "np.sum(grad, axis=1)"},
        cause="over axis 1, not over axis 0",
    ),
    Mutant(
        "bias_gradient_without_last_row",
        "the last row is left out of the bias's sum",
        plain,
        ("add", "backward"),
        "_sum_to_shape",
        {"np.sum(grad, axis=repeated)": "np.sum(grad[:-1], axis=repeated)"},
        cause="the sum without its last term",
    ),
    Mutant(
        "bias_without_last_row",
        "the bias is added to all rows but the last",
        plain,
        ("add", "forward"),
        "add",
        {"return x + b, backward": "y = x.copy()\n    y[:-1] += b if b.ndim == 1 else b[:-1]\n    return y, backward"},
    ),
    Mutant(
        "branch_detached",
        "no gradient goes down the second branch where two meet",
        branches,
        ("add", "backward"),
        "add",
        {
            "_sum_to_shape(grad_y, b.shape)": (
                "np.zeros_like(b) if b.shape == x.shape else _sum_to_shape(grad_y, b.shape)"
            )
        },
        cause="got is 0",
    ),
    Mutant(
        "skip_detached",
        "no gradient goes down the skip connection",
        residual_shared,
        ("add", "backward"),
        "add",
        {
            "_sum_to_shape(grad_y, x.shape)": (
                "np.zeros_like(x) if b.shape == x.shape else _sum_to_shape(grad_y, x.shape)"
            )
        },
        cause="or they are detached",
    ),
    Mutant(
        "branches_averaged",
        "the gradient is shared out between two branches, half to each",
        branches,
        ("add", "backward"),
        "add",
        {"_sum_to_shape(grad_y, b.shape)": "_sum_to_shape(grad_y / (2 if b.shape == x.shape else 1), b.shape)"},
        cause="half of want",
    ),
)
