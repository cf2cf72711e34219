"""Mistakes in attention: the scale, the mask, the softmax's axis, and how heads are cut and joined."""

from backends.mutants.mutant import Mutant, Training, family

copy = Training("attention_copy", epochs=3)
block = Training("transformer_block", epochs=3)

ONE, MANY = "scaled_dot_product_attention", "multi_head_attention"
SOFTMAX = "_masked_softmax"
EXP = "np.where(mask != 0, np.exp(allowed - np.max(allowed, axis=-1, keepdims=True)), 0)"

BY_HAND = family(
    "attention",
    Mutant(
        "attention_unscaled",
        "1/√d is forgotten",
        copy,
        (ONE, "forward"),
        ONE,
        {"q.shape[-1] ** 0.5": "1.0"},
        cause="not divided by √d",
    ),
    Mutant(
        "attention_scaled_by_width",
        "divided by d, not by √d",
        copy,
        (ONE, "forward"),
        ONE,
        {"q.shape[-1] ** 0.5": "q.shape[-1]"},
        cause="divided by d, not by √d",
    ),
    Mutant(
        "attention_gradient_unscaled",
        "1/√d is forgotten in the gradient of the queries",
        copy,
        (ONE, "backward"),
        ONE,
        {"grad_scores @ k / root": "grad_scores @ k"},
        cause="not divided by 2",
    ),
    Mutant(
        "attention_softmax_over_queries",
        "softmax over the wrong axis: each column adds up to 1",
        copy,
        (ONE, "forward"),
        SOFTMAX,
        {"np.sum(e, axis=-1, keepdims=True)": "np.sum(e, axis=-2, keepdims=True)"},
        cause="the sum of e is over axis 0, not over axis 1",
    ),
    Mutant(
        "attention_masked_after_softmax",
        "what is hidden is set to 0 after the softmax, so that rows no longer add up to 1",
        copy,
        (ONE, "forward"),
        SOFTMAX,
        {
            EXP: "np.exp(scores - np.max(scores, axis=-1, keepdims=True))",
            "return p": "return np.where(mask != 0, p, 0)",
        },
        cause="set to 0 after the softmax",
    ),
    Mutant(
        "attention_mask_leaks",
        "what is hidden gets a score of −10 in place of −∞",
        copy,
        (ONE, "forward"),
        SOFTMAX,
        {EXP: "np.exp(np.where(mask != 0, scores, -10) - np.max(allowed, axis=-1, keepdims=True))"},
    ),
    Mutant(
        "attention_without_row_sum",
        "p·∂L/∂p alone: the softmax's gradient as if its elements did not depend on each other",
        copy,
        (ONE, "backward"),
        ONE,
        {" - np.sum(p * grad_p, axis=-1, keepdims=True)": ""},
        cause="is left out of grad_p[0, 6] - sum10",
    ),
    Mutant(
        "attention_row_sum_of_columns",
        "the sum in the softmax's gradient is taken over the queries",
        copy,
        (ONE, "backward"),
        ONE,
        {"np.sum(p * grad_p, axis=-1, keepdims=True)": "np.sum(p * grad_p, axis=-2, keepdims=True)"},
        cause="over axis 0, not over axis 1",
    ),
    Mutant(
        "attention_values_not_transposed",
        "p for its transpose in the gradient of the values",
        copy,
        (ONE, "backward"),
        ONE,
        {"np.swapaxes(p, -1, -2) @ grad_y": "p @ grad_y"},
        cause="p transposed",
    ),
    Mutant(
        "attention_keys_not_transposed",
        "the scores' gradient is not transposed in the gradient of the keys",
        copy,
        (ONE, "backward"),
        ONE,
        {"np.swapaxes(grad_scores, -1, -2) @ q": "grad_scores @ q"},
        cause="grad_scores transposed",
    ),
    Mutant(
        "heads_not_turned_back",
        "heads are laid side by side without taking their axis back first",
        block,
        (MANY, "forward"),
        MANY,
        {"_join_heads(p @ v)": "(p @ v).reshape(x.shape)"},
    ),
    Mutant(
        "heads_cut_along_positions",
        "reshaped to (heads, T, d) at once, which gives a head some positions and not some features",
        block,
        (MANY, "forward"),
        "_split_heads",
        {
            "np.swapaxes(x.reshape(*x.shape[:-1], heads, x.shape[-1] // heads), -2, -3)": (
                "x.reshape(*x.shape[:-2], heads, x.shape[-2], x.shape[-1] // heads)"
            )
        },
    ),
    Mutant(
        "heads_scaled_by_whole_width",
        "√D for √d, the width of all heads together",
        block,
        (MANY, "forward"),
        MANY,
        {"q.shape[-1] ** 0.5": "x.shape[-1] ** 0.5"},
        cause="the root of the whole width",
    ),
    Mutant(
        "heads_gradient_without_keys",
        "what x receives through the keys is forgotten",
        block,
        (MANY, "backward"),
        MANY,
        {" + grad_k @ w_k.T": ""},
        cause="sum12 = … is left out of sum11 + sum12",
    ),
    Mutant(
        "heads_unscaled",
        "the scores of a head are not divided by √d",
        block,
        (MANY, "forward"),
        MANY,
        {"q.shape[-1] ** 0.5": "1.0"},
        cause="not divided by √d",
    ),
    Mutant(
        "heads_gradient_without_row_sum",
        "the sum in the softmax's gradient is forgotten",
        block,
        (MANY, "backward"),
        MANY,
        {" - np.sum(p * grad_p, axis=-1, keepdims=True)": ""},
        cause="is left out of grad_p[0, 0, 0] - sum9",
    ),
    Mutant(
        "heads_output_weights_of_values",
        "the gradient of w_o is taken with the values, before attention",
        block,
        (MANY, "backward"),
        MANY,
        {"rows_of(seen).T": "rows_of(_join_heads(v)).T"},
        cause="in place of seen",
    ),
)

TORCH = family(
    "attention of PyTorch",
    Mutant(
        "torch_attention_mask_turned_round",
        "true where a position is hidden, as in torch.nn.MultiheadAttention",
        copy,
        (ONE, "forward"),
        "_mask",
        {"mask != 0": "mask == 0"},
        cause="the branches are swapped",
    ),
    Mutant(
        "torch_attention_causal",
        "is_causal=True for the mask that was given",
        copy,
        (ONE, "forward"),
        ONE,
        {"attn_mask=allowed, scale=scale, is_causal=causal": "scale=scale, is_causal=True"},
    ),
    Mutant(
        "torch_heads_see_the_future",
        "the mask is not handed on",
        block,
        (MANY, "forward"),
        MANY,
        {", attn_mask=mask != 0": ""},
    ),
    backend="torch",
)

CHAINER = family(
    "attention of Chainer",
    Mutant(
        "chainer_attention_softmax_axis",
        "F.softmax's own axis is 1, which is not the last one of a stack of heads",
        block,
        (MANY, "forward"),
        ONE,
        {", axis=-1)": ")"},
    ),
    backend="chainer",
)

MUTANTS = BY_HAND + TORCH + CHAINER
