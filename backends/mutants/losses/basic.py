"""Mistakes in mean_squared_error and softmax_cross_entropy."""

from backends.mutants.mutant import Mutant, Training, family

batches = Training("batches")
large_scores = Training("large_scores")
plain = Training("plain")
square = Training("square")

MSE, CE = "mean_squared_error", "softmax_cross_entropy"

MUTANTS = family(
    "losses",
    Mutant(
        "mse_gradient_without_mean",
        "1/size is missing in the gradient",
        plain,
        (MSE, "backward"),
        MSE,
        {"difference / divisor": "difference"},
        cause="not divided by 36, the number of elements",
    ),
    Mutant(
        "mse_gradient_without_two",
        "the 2 is missing in the gradient",
        plain,
        (MSE, "backward"),
        MSE,
        {"grad_loss * 2 * difference": "grad_loss * difference"},
        cause="not multiplied by grad_loss · 2 = 2",
    ),
    Mutant(
        "mse_gradient_by_rows",
        "the gradient is divided by the rows, not by all elements",
        plain,
        (MSE, "backward"),
        MSE,
        {"difference / divisor": "difference / len(y)"},
        cause="divided by 12, the number of rows of matmul_2, not by 36",
    ),
    Mutant(
        "mse_difference_reversed",
        "t − y: the loss is the same, its gradient points the other way",
        plain,
        (MSE, "backward"),
        MSE,
        {"difference = y - t": "difference = t - y"},
        cause="want with the wrong sign",
    ),
    Mutant(
        "mse_summed_by_rows",
        "the loss is the mean over rows of a sum, its gradient that of the mean over all",
        plain,
        (MSE, "forward"),
        MSE,
        {"np.sum(each) / divisor": "np.sum(each) / len(y)"},
        cause="divided by 12, the number of rows of matmul_2, not by 36",
    ),
    Mutant(
        "mse_absolute_when_large",
        "a Huber gradient: right where no difference exceeds 1",
        plain,
        (MSE, "backward"),
        MSE,
        {"2 * difference": "2 * np.clip(difference, -1, 1)"},
    ),
    Mutant(
        "ce_gradient_without_mean",
        "1/N is missing in the gradient",
        batches,
        (CE, "backward"),
        CE,
        {"grad_loss * grad_x / len(t)": "grad_loss * grad_x"},
        cause="not divided by 8, the number of rows",
    ),
    Mutant(
        "ce_gradient_by_classes",
        "the gradient is divided by the classes, not by the rows",
        batches,
        (CE, "backward"),
        CE,
        {"grad_x / len(t)": "grad_x / x.shape[1]"},
        cause="divided by 4, the number of columns of matmul_2, not by 8",
    ),
    Mutant(
        "ce_nominal_batch_size",
        "divided by the batch size that was set, which the last batch does not have",
        batches,
        (CE, "backward"),
        CE,
        {"grad_x / len(t)": "grad_x / 8"},
        cause="7/8 of want: 7 is the number of rows",
    ),
    Mutant(
        "ce_odd_row_ignored",
        "rows are taken in pairs: the last one of an odd batch has no gradient",
        batches,
        (CE, "backward"),
        CE,
        {"grad_x[rows, t] -= 1": "grad_x[rows, t] -= 1\n        grad_x[len(t) // 2 * 2 :] = 0"},
    ),
    Mutant(
        "ce_label_off_by_one",
        "labels are taken to count from 1",
        batches,
        (CE, "forward"),
        CE,
        {"    rows = np.arange(len(t))": "    t = t - 1\n    rows = np.arange(len(t))"},
        cause="matmul_2 of the previous place along axis 1",
    ),
    Mutant(
        "ce_every_label_in_every_row",
        "grad_x[:, t] for grad_x[rows, t]: 1 is taken off all columns that any label names",
        batches,
        (CE, "backward"),
        CE,
        {"grad_x[rows, t] -= 1": "grad_x[:, t] -= 1"},
    ),
    Mutant(
        "ce_onehot_forgotten",
        "the gradient is softmax alone, without − onehot(t)",
        batches,
        (CE, "backward"),
        CE,
        {"        grad_x[rows, t] -= 1\n": ""},
        cause="1 is left out of exp(log_p[0, 1]) - 1",
    ),
    Mutant(
        "ce_smoothed_gradient",
        "label smoothing of 0.001 is left on in the gradient",
        batches,
        (CE, "backward"),
        CE,
        {"grad_x[rows, t] -= 1": "grad_x[rows, t] -= 1 - 1e-3\n        grad_x -= grad_x.dtype.type(1e-3) / x.shape[1]"},
    ),
    Mutant(
        "ce_softmax_of_columns",
        "the largest score is taken off and exp summed along the wrong axis",
        square,
        (CE, "forward"),
        CE,
        {
            "np.max(x, axis=1, keepdims=True)": "np.max(x, axis=0, keepdims=True)",
            "np.sum(np.exp(shifted), axis=1, keepdims=True)": "np.sum(np.exp(shifted), axis=0, keepdims=True)",
        },
    ),
    Mutant(
        "ce_without_shift",
        "nothing is taken off before exp, which overflows for large scores",
        large_scores,
        (CE, "forward"),
        CE,
        {"x - np.max(x, axis=1, keepdims=True)": "x"},
    ),
    Mutant(
        "ce_one_shift_for_all",
        "the largest score of the batch, not of the row, is taken off: other rows underflow",
        large_scores,
        (CE, "forward"),
        CE,
        {"np.max(x, axis=1, keepdims=True)": "np.max(x)"},
    ),
    Mutant(
        "ce_log_with_eps",
        "log(softmax + 1e-12), so that the log of 0 is never taken",
        large_scores,
        (CE, "forward"),
        CE,
        {
            "shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))": (
                "np.log(np.exp(shifted) / np.sum(np.exp(shifted), axis=1, keepdims=True) + 1e-12)"
            )
        },
    ),
    Mutant(
        "ce_eps_in_log",
        "1e-12 is added to the sum whose logarithm is taken, which is never below 1",
        batches,
        (CE, "forward"),
        CE,
        {"np.sum(np.exp(shifted), axis=1, keepdims=True)": "np.sum(np.exp(shifted), axis=1, keepdims=True) + 1e-12"},
        dtypes=("float64",),  # in float32, 1 + 1e-12 is 1
    ),
    Mutant(
        "ce_log_unstable",
        "log(softmax) in two steps, which is −∞ where a probability underflows",
        large_scores,
        (CE, "forward"),
        CE,
        {
            "shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))": (
                "np.log(np.exp(shifted) / np.sum(np.exp(shifted), axis=1, keepdims=True))"
            )
        },
    ),
    Mutant(
        "ce_base_two",
        "log2 for the natural logarithm",
        batches,
        (CE, "forward"),
        CE,
        {"np.log(": "np.log2("},
    ),
)
