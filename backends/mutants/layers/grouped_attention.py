"""Mistakes in rotary positions, causal masks and heads of queries that share keys and values."""

from backends.mutants.mutant import Mutant, Training, family

turning = Training("rotary_positions", epochs=3)
block = Training("llama_block", epochs=3)

ROTARY, ONE, GROUPED = "rotary_embedding", "scaled_dot_product_attention", "grouped_query_attention"

BY_HAND = family(
    "grouped attention",
    Mutant(
        "rotary_turned_the_other_way",
        "the sines have the other sign: q·k is the same, as both are turned back",
        turning,
        (ROTARY, "forward"),
        ROTARY,
        {"_turned(x, cos, sin, interleaved)": "_turned(x, cos, -sin, interleaved)"},
        cause="turned by −angle",
    ),
    Mutant(
        "rotary_sign_of_one_half",
        "a·cos + b·sin: with the same sign in both halves it is no rotation",
        turning,
        (ROTARY, "forward"),
        "_turned",
        {"a * cos - b * sin": "a * cos + b * sin"},
        cause="with the wrong sign",
    ),
    Mutant(
        "rotary_gradient_not_turned_back",
        "the gradient is turned on, not back",
        turning,
        (ROTARY, "backward"),
        ROTARY,
        {"_turned(grad_y, cos, -sin, interleaved)": "_turned(grad_y, cos, sin, interleaved)"},
        cause="turned on, not back",
    ),
    Mutant(
        "rotary_pairs_of_neighbours",
        "the pairs are neighbours, as in the paper, where the weights are for two halves",
        turning,
        (ROTARY, "forward"),
        ROTARY,
        {"_turned(x, cos, sin, interleaved)": "_turned(x, cos, sin, not interleaved)"},
        cause="the pairs are neighbours",
    ),
    Mutant(
        "rotary_positions_from_one",
        "positions are counted from 1: q·k is the same, as both are turned further",
        turning,
        (ROTARY, "forward"),
        "_rotation",
        {
            "cosines_and_sines(x.shape[-2], x.shape[-1], base)": (
                "(each[1:] for each in cosines_and_sines(x.shape[-2] + 1, x.shape[-1], base))"
            )
        },
        cause="positions are counted from 1",
    ),
    Mutant(
        "rotary_frequencies_not_doubled",
        "the exponent is −i / D, not −2i / D, which is that of a base with the root of its size",
        turning,
        (ROTARY, "forward"),
        "_rotation",
        {"x.shape[-1], base)": "x.shape[-1], base**0.5)"},
    ),
    Mutant(
        "causal_one_too_many",
        "every position sees the next one, too",
        turning,
        (ONE, "forward"),
        "_allowed",
        {"np.tril(allowed)": "np.tril(allowed, 1)"},
        cause="position t looks at 0 … t + 1",
    ),
    Mutant(
        "causal_the_other_way",
        "every position sees itself and what comes later",
        turning,
        (ONE, "forward"),
        "_allowed",
        {"np.tril(allowed)": "np.triu(allowed)"},
        cause="what comes later",
    ),
    Mutant(
        "grouped_heads_in_turn",
        "heads of keys and values are dealt out in turn, not to neighbours",
        block,
        (GROUPED, "forward"),
        GROUPED,
        {
            "np.repeat(k, shared_by, axis=-3)": "np.concatenate([k] * shared_by, axis=-3)",
            "np.repeat(v, shared_by, axis=-3)": "np.concatenate([v] * shared_by, axis=-3)",
        },
        cause="dealt out in turn",
    ),
    Mutant(
        "grouped_gradient_in_turn",
        "the gradients of heads that share none are added up",
        block,
        (GROUPED, "backward"),
        "_sum_over_sharing",
        {
            "x.reshape(*x.shape[:-3], key_heads, -1, *x.shape[-2:])": (
                "np.swapaxes(x.reshape(*x.shape[:-3], -1, key_heads, *x.shape[-2:]), -3, -4)"
            )
        },
    ),
    Mutant(
        "grouped_gradient_of_one_head",
        "a shared head gets the gradient of the first head that reads it alone",
        block,
        (GROUPED, "backward"),
        "_sum_over_sharing",
        {"np.sum(groups, axis=-3)": "groups[..., 0, :, :]"},
    ),
    Mutant(
        "grouped_keys_not_turned",
        "only the queries are turned",
        block,
        (GROUPED, "forward"),
        GROUPED,
        {"_turned(q, cos, sin), _turned(k, cos, sin)": "_turned(q, cos, sin), k"},
        cause="the keys are not turned",
    ),
    Mutant(
        "grouped_values_turned",
        "the values are turned, too",
        block,
        (GROUPED, "forward"),
        GROUPED,
        {
            "q, k = _turned(q, cos, sin), _turned(k, cos, sin)": (
                "q, k, v = _turned(q, cos, sin), _turned(k, cos, sin), _turned(v, cos, sin)"
            )
        },
        cause="the values are turned",
    ),
)

TORCH = family(
    "grouped attention of PyTorch",
    Mutant(
        "torch_grouped_sees_the_future",
        "is_causal is not handed on",
        block,
        (GROUPED, "forward"),
        GROUPED,
        {", is_causal=causal": ""},
        cause="nothing is hidden",
    ),
    Mutant(
        "torch_rotary_pairs_of_neighbours",
        "the pairs are taken from neighbours and put back in two halves",
        turning,
        (ROTARY, "forward"),
        ROTARY,
        {"if interleaved else x.chunk(2, dim=-1)": "if not interleaved else x.chunk(2, dim=-1)"},
    ),
    backend="torch",
)

CHAINER = family(
    "grouped attention of Chainer",
    Mutant(
        "chainer_grouped_heads_tiled",
        "F.tile in place of F.repeat, which deals the heads out in turn",
        block,
        (GROUPED, "forward"),
        GROUPED,
        {
            "F.repeat(each, heads // key_heads, axis=each.ndim - 3)": (
                "F.tile(each, (*[1] * (each.ndim - 3), heads // key_heads, 1, 1))"
            )
        },
        cause="dealt out in turn",
    ),
    backend="chainer",
)

MUTANTS = BY_HAND + TORCH + CHAINER
