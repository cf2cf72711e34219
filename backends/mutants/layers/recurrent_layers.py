"""Mistakes in layers of recurrent cells: ends of sequences, directions, layers and the gradients of shared weights."""

from backends.mutants.mutant import Mutant, Training, family

tagging = Training("bilstm_tagging", epochs=3)
stack = Training("gru_stack", epochs=3)

LSTM, GRU = "lstm_layers", "gru_layers"

BY_HAND = family(
    "recurrent layers",
    Mutant(
        "layers_without_lengths",
        "what stands behind the end of a sequence is read like the rest",
        stack,
        (GRU, "forward"),
        "_over_steps",
        {"lives = (t < lengths)[:, None]\n        new,": "lives = (t < lengths)[:, None] | True\n        new,"},
        cause="to the last column",
    ),
    Mutant(
        "layers_both_forward",
        "the second cell goes from the first step on, too",
        tagging,
        (LSTM, "forward"),
        "_over_layers",
        {"is_backward = number % directions == 1": "is_backward = False"},
        cause="from the first step on, too",
    ),
    Mutant(
        "layers_reversed_with_padding",
        "the whole row is reversed with its padding, and the states of the padding are kept",
        tagging,
        (LSTM, "forward"),
        "_over_steps",
        {"states = [np.where(lives, after, before)": ("states = [np.where(lives | is_backward, after, before)")},
    ),
    Mutant(
        "layers_states_behind_the_end",
        "what is shown behind the end of a sequence are states, not zeros",
        tagging,
        (LSTM, "forward"),
        "_over_steps",
        {"np.where(lives, new[0], 0)": "new[0]"},
    ),
    Mutant(
        "layers_gradient_behind_the_end",
        "the gradient of a row that has ended goes through the cell",
        stack,
        (GRU, "backward"),
        "_over_steps",
        {"arriving = [np.where(lives, grad, 0)": "arriving = [np.where(lives | True, grad, 0)"},
    ),
    Mutant(
        "layers_gradient_lost_at_the_end",
        "rows that have ended do not hand on the gradient of their last state",
        stack,
        (GRU, "backward"),
        "_over_steps",
        {"np.where(lives, own, kept)": "np.where(lives, own, 0 * kept)"},
        cause="got is 0",
    ),
    Mutant(
        "layers_gradient_of_first_step",
        "the gradients of the weights are those of the first step alone",
        tagging,
        (LSTM, "backward"),
        "_over_steps",
        {"np.sum(np.stack(of_weight), axis=0)": "of_weight[-1]"},
        cause="the last term of the sum alone",
    ),
    Mutant(
        "layers_gradient_without_output",
        "what comes from y is forgotten; only the last states hand back a gradient",
        tagging,
        (LSTM, "backward"),
        "_over_steps",
        {"grad_h + grad_y[:, t]": "grad_h"},
        cause="got is 0",
    ),
)

TORCH = family(
    "recurrent layers of PyTorch",
    Mutant(
        "torch_layers_not_unsorted",
        "the last states stay sorted by length",
        stack,
        (GRU, "forward"),
        "_states_in_order",
        {"last[:, packed.unsorted_indices]": "last"},
    ),
    Mutant(
        "torch_layers_unpacked",
        "sequences are packed as if all were as long as the longest",
        tagging,
        (LSTM, "forward"),
        LSTM,
        {"pack_padded_sequence(x, lengths,": "pack_padded_sequence(x, torch.full_like(lengths, x.shape[1]),"},
        cause="to the last column",
    ),
    backend="torch",
)

CHAINER = family(
    "recurrent layers of Chainer",
    Mutant(
        "chainer_layers_order_not_undone",
        "the order by length is applied once more, not undone",
        tagging,
        (LSTM, "forward"),
        "_padded_in_order",
        {", inv=True": ""},
    ),
    backend="chainer",
)

MUTANTS = BY_HAND + TORCH + CHAINER
