"""Mistakes in linear, embedding and dropout."""

from backends.mutants.mutant import Mutant, Training, family

two_layers = Training("linear_layers", epochs=3)
words = Training("word_embeddings", epochs=3)
padded = Training("padded_words", epochs=3)
ignored = Training("ignored_words")
dropped = Training("dropout_mlp", epochs=3)

ADDED = "np.add.at(grad_table, rows, grad_rows)"

BY_HAND = family(
    "layers",
    Mutant(
        "linear_bias_gradient_averaged",
        "a mean over rows for the bias's sum",
        two_layers,
        ("linear", "backward"),
        "linear",
        {"np.sum(grad_rows, axis=0)": "np.mean(grad_rows, axis=0)"},
        cause="1/16 of want: 16 is the number of rows",
    ),
    Mutant(
        "linear_bias_gradient_of_all",
        "every bias gets the sum over all units",
        two_layers,
        ("linear", "backward"),
        "linear",
        {"np.sum(grad_rows, axis=0)": "np.zeros_like(b) + np.sum(grad_y)"},
    ),
    Mutant(
        "linear_bias_twice",
        "the bias is in the product already, and is added once more",
        two_layers,
        ("linear", "forward"),
        "linear",
        {"x @ w + b": "x @ w + b + b"},
        cause="with twice b1",
    ),
    Mutant(
        "linear_gradient_averaged",
        "the weight's gradient is divided by the rows, which the loss has done already",
        two_layers,
        ("linear", "backward"),
        "linear",
        {"rows_of(x).T @ grad_rows": "rows_of(x).T @ grad_rows / len(x)"},
        cause="1/16 of want: 16 is the number of rows",
    ),
    Mutant(
        "embedding_gradient_added_up_buffered",
        "grad[ids] += …, which adds once for an id that comes up twice",
        words,
        ("embedding", "backward"),
        "embedding",
        {ADDED: "grad_table[ids] += grad_y"},
        cause="only the last of repeated ids is added",
    ),
    Mutant(
        "embedding_gradient_averaged",
        "the gradient of an id is the mean over its places",
        words,
        ("embedding", "backward"),
        "embedding",
        {
            "return None, grad_table": (
                "counts = np.bincount(ids.reshape(-1), minlength=len(table))[:, None]\n"
                "        return None, (grad_table / np.maximum(counts, 1)).astype(table.dtype)"
            )
        },
        cause="averaged over repeated ids",
    ),
    Mutant(
        "embedding_ids_from_one",
        "ids are taken to count from 1",
        words,
        ("embedding", "forward"),
        "embedding",
        {"return table[rows]": "return table[rows - 1]"},
        cause="table of the previous place along axis 0",
    ),
    Mutant(
        "embedding_gradient_of_neighbour",
        "the gradient goes to the row above the one that was read",
        words,
        ("embedding", "backward"),
        "embedding",
        {ADDED: "np.add.at(grad_table, ids - 1, grad_y)"},
        cause="want of the next place along axis 0",
    ),
    Mutant(
        "embedding_of_padding_learns",
        "the row of padding gets a gradient like any other",
        padded,
        ("embedding", "backward"),
        "embedding",
        {"constant = padding_id if ignore_label is None else ignore_label": "constant = None"},
        cause="the row of padding gets a gradient, too",
    ),
    Mutant(
        "embedding_of_padding_is_zero",
        "the row of padding gives zeros, as with Chainer's ignore_label",
        padded,
        ("embedding", "forward"),
        "embedding",
        {"return table[rows] if": "return np.where((ids == padding_id)[..., None], 0, table[rows]) if"},
        cause="id 0 gives zeros",
    ),
    Mutant(
        "embedding_of_ignored_label_is_row",
        "the row that an ignored label is looked up in is given for it",
        ignored,
        ("embedding", "forward"),
        "embedding",
        {"np.where((ids == ignore_label)[..., None], 0, table[rows])": "table[rows]"},
        cause="is the other branch",
    ),
    Mutant(
        "dropout_not_scaled",
        "what is left is not scaled up in the forward pass",
        dropped,
        ("dropout", "forward"),
        "dropout",
        {"x * scale": "x * mask"},
        cause="what is kept is not scaled up",
    ),
    Mutant(
        "dropout_scaled_twice",
        "the mask is scaled already when it is divided by 1 − ratio",
        dropped,
        ("dropout", "forward"),
        "dropout",
        {"mask / (1 - ratio)": "mask / (1 - ratio) ** 2"},
        cause="scaled up twice",
    ),
    Mutant(
        "dropout_ratio_for_keep",
        "ratio is taken for the share that is kept",
        dropped,
        ("dropout", "forward"),
        "dropout",
        {"mask / (1 - ratio)": "mask / ratio"},
        cause="divided by ratio",
    ),
    Mutant(
        "dropout_multiplied",
        "multiplied by 1 − ratio, as in evaluation before dropout was inverted",
        dropped,
        ("dropout", "forward"),
        "dropout",
        {"mask / (1 - ratio)": "mask * (1 - ratio)"},
        cause="multiplied by 1 - ratio",
    ),
    Mutant(
        "dropout_of_nothing",
        "nothing is dropped, as in evaluation",
        dropped,
        ("dropout", "forward"),
        "dropout",
        {"mask / (1 - ratio)": "mask * 0 + 1"},
        cause="nothing is dropped",
    ),
    Mutant(
        "dropout_mask_inverted",
        "1 means dropped",
        dropped,
        ("dropout", "forward"),
        "dropout",
        {"mask / (1 - ratio)": "(1 - mask) / (1 - ratio)"},
        cause="what should be kept is dropped",
    ),
    Mutant(
        "dropout_gradient_without_mask",
        "units that were dropped get a gradient",
        dropped,
        ("dropout", "backward"),
        "dropout",
        {"grad_y * scale": "grad_y / (1 - ratio)"},
    ),
    Mutant(
        "dropout_gradient_not_scaled",
        "what is left is scaled up in the forward pass only",
        dropped,
        ("dropout", "backward"),
        "dropout",
        {"grad_y * scale": "grad_y * mask"},
        cause="what is kept is not scaled up",
    ),
    Mutant(
        "dropout_kept_mask",
        "the first update's mask is kept in the backward pass",
        dropped,
        ("dropout", "backward"),
        "dropout",
        {
            "def dropout(x: Array, mask: Array, *, ratio: float)": (
                "def dropout(x: Array, mask: Array, *, ratio: float, kept: Any = {})"
            ),
            "grad_y * scale": "grad_y * kept.setdefault(scale.shape, scale.copy())",
        },
    ),
)

TORCH = family(
    "PyTorch calls",
    Mutant(
        "torch_embedding_of_padding",
        "id 0 is taken for padding, which has no gradient",
        words,
        ("embedding", "backward"),
        "embedding",
        {"F.embedding(rows, table, padding_id)": "F.embedding(rows, table, padding_idx=0)"},
        cause="id 0 gets no gradient",
    ),
    Mutant(
        "torch_embedding_gradient_by_frequency",
        "scale_grad_by_freq=True",
        words,
        ("embedding", "backward"),
        "embedding",
        {"F.embedding(rows, table, padding_id)": "F.embedding(rows, table, scale_grad_by_freq=True)"},
        cause="averaged over repeated ids",
    ),
    Mutant(
        "torch_embedding_without_padding",
        "padding_idx is left out",
        padded,
        ("embedding", "backward"),
        "embedding",
        {"F.embedding(rows, table, padding_id)": "F.embedding(rows, table)"},
        cause="the row of padding gets a gradient, too",
    ),
    backend="torch",
)

CHAINER = family(
    "Chainer calls",
    Mutant(
        "chainer_dropout_not_scaled",
        "the mask is given as it is, which Chainer does not scale",
        dropped,
        ("dropout", "forward"),
        "dropout",
        {"mask.array / (1 - ratio)": "mask.array"},
        cause="what is kept is not scaled up",
    ),
    Mutant(
        "chainer_embedding_ignores_first",
        "ignore_label=0",
        words,
        ("embedding", "forward"),
        "embedding",
        {"F.embed_id(ids, weights, ignore_label)": "F.embed_id(ids, weights, ignore_label=0)"},
        cause="id 0 gives zeros",
    ),
    backend="chainer",
)

MUTANTS = (*BY_HAND, *TORCH, *CHAINER)
