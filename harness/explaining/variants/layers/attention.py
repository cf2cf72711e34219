"""Functions that are easily mistaken for an attention, or for the rotary positions in one."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from backends import numpy_manual
from backends.contract import Array
from backends.deferred import computed
from harness.explaining.variants.variant import (
    Function,
    Variant,
    Variants,
    backward_only,
    forward_only,
    of_changed_inputs,
)


def _attention_times(factor: Callable[..., float]) -> Function:
    """Attention with its scores multiplied, which is what multiplying q does."""

    def back(grads: Sequence[Any], inputs: Sequence[Array]) -> tuple[Any, ...]:
        grad_q, *others = grads
        return factor(*inputs) * computed(grad_q), *others

    return of_changed_inputs(
        numpy_manual.scaled_dot_product_attention,
        lambda q, *others: (q * factor(q, *others), *others),
        back,
    )


def _heads_times(factor: Callable[[int, int], float]) -> Function:
    """Attention by several heads with its scores multiplied by a function of the width and the number of heads."""

    def multi_head_attention(x: Array, w_q: Array, *others: Array, heads: int) -> tuple[Array, Any]:
        times = factor(x.shape[-1], heads)
        y, backward = numpy_manual.multi_head_attention(x, times * w_q, *others, heads=heads)

        def backward_times(grad_y: Array) -> tuple[Any, ...]:
            grad_x, grad_q, *grads = backward(grad_y)
            return grad_x, times * computed(grad_q), *grads

        return y, backward_times

    return multi_head_attention


def _scores(q: Array, k: Array, mask: Array | None, scale: float | None, causal: bool) -> tuple[Array, Any]:
    """The scores with a mask of floats added, and where a mask of integers, or the order, allows them."""
    scores = q @ np.swapaxes(k, -1, -2) * (q.shape[-1] ** -0.5 if scale is None else scale)
    if mask is None:
        return scores, np.tril(np.ones(scores.shape[-2:], bool)) if causal else True
    return (scores + mask, True) if mask.dtype.kind == "f" else (scores, mask != 0)


def attention_over_queries(
    q: Array, k: Array, v: Array, mask: Array | None = None, *, scale: float | None = None, causal: bool = False
) -> Array:
    """Softmax over the queries, in place of the keys."""
    scores, allowed = _scores(q, k, mask, scale, causal)
    e = np.where(allowed, np.exp(scores - np.max(scores)), 0)
    y: Array = e / np.sum(e, axis=-2, keepdims=True) @ v
    return y


def attention_masked_after_softmax(
    q: Array, k: Array, v: Array, mask: Array | None = None, *, scale: float | None = None, causal: bool = False
) -> Array:
    """What is hidden is set to 0 when the rows add up to 1 already."""
    scores, allowed = _scores(q, k, mask, scale, causal)
    p, _ = numpy_manual.softmax(scores)
    y: Array = np.where(allowed, p, 0) @ v
    return y


def rotary_of_other_pairs(x: Array, *, base: float = 10000.0, interleaved: bool = False) -> tuple[Array, Any]:
    """Neighbours for halves, and halves for neighbours."""
    return numpy_manual.rotary_embedding(x, base=base, interleaved=not interleaved)


def rotary_back(x: Array, **settings: Any) -> Array:
    """Turned by the negative angles, which is what the backward of the op does."""
    _, backward = numpy_manual.rotary_embedding(x, **settings)
    y: Array = computed(backward(x)[0])
    return y


def rotary_from_one(x: Array, **settings: Any) -> tuple[Array, Any]:
    """The first position is turned, too: a row is put in front, and taken off again."""
    border = [(0, 0)] * (x.ndim - 2) + [(1, 0), (0, 0)]
    y, backward = numpy_manual.rotary_embedding(np.pad(x, border), **settings)
    return y[..., 1:, :], lambda grad_y: (computed(backward(np.pad(grad_y, border))[0])[..., 1:, :],)


def rotary_gradient_on(grads: Sequence[Array], inputs: Sequence[Array], settings: Any) -> tuple[Array]:
    """∂L/∂y, turned by the angles once more."""
    return (numpy_manual.rotary_embedding(grads[0], **settings)[0],)


def _attention_allowing(allowed: Any) -> Function:
    """An attention with another mask in place of the causal one: a function of the ones of a mask."""

    def attention(
        q: Array, k: Array, v: Array, *masks: Array, scale: float | None = None, causal: bool = False
    ) -> tuple[Array, Any]:
        mask = _instead_of_causal(allowed, q.shape[-2], k.shape[-2], causal)
        return numpy_manual.scaled_dot_product_attention(q, k, v, mask, scale=scale)

    return attention


def _grouped_allowing(allowed: Any) -> Function:
    """The same for heads that share keys and values."""

    def attention(
        x: Array, w_q: Array, w_k: Array, w_v: Array, w_o: Array, *masks: Array, causal: bool = False, **settings: Any
    ) -> tuple[Array, Any]:
        mask = _instead_of_causal(allowed, x.shape[-2], x.shape[-2], causal)
        return numpy_manual.grouped_query_attention(x, w_q, w_k, w_v, w_o, mask, **settings)

    return attention


def _instead_of_causal(allowed: Any, queries: int, keys: int, causal: bool) -> Array:
    if not causal:
        raise ValueError("the attention is not causal")
    mask: Array = allowed(np.ones((queries, keys), np.int64))
    return mask


def grouped_in_turn(
    x: Array, w_q: Array, w_k: Array, w_v: Array, w_o: Array, mask: Array | None = None, **settings: Any
) -> Array:
    """Head h of the queries reads head h mod key_heads."""
    order = np.arange(settings["heads"]).reshape(-1, settings["key_heads"]).T.reshape(-1)
    columns = np.arange(w_q.shape[1]).reshape(settings["heads"], -1)[order].reshape(-1)
    return numpy_manual.grouped_query_attention(x, w_q[:, columns], w_k, w_v, w_o[columns], mask, **settings)[0]


def _turning(*, keys: bool, values: bool) -> Function:
    """Grouped attention in which other tensors than q and k are turned."""

    def attention(
        x: Array, w_q: Array, w_k: Array, w_v: Array, w_o: Array, *masks: Array, rotary_base: float = 0.0, **given: Any
    ) -> Array:
        if not rotary_base:
            raise ValueError("nothing is turned")
        heads, key_heads = given["heads"], given["key_heads"]
        q, k, v = (
            np.swapaxes((x @ w).reshape(*x.shape[:-1], count, -1), -2, -3)
            for w, count in ((w_q, heads), (w_k, key_heads), (w_v, key_heads))
        )
        q = numpy_manual.rotary_embedding(q, base=rotary_base)[0]
        k = numpy_manual.rotary_embedding(k, base=rotary_base)[0] if keys else k
        v = numpy_manual.rotary_embedding(v, base=rotary_base)[0] if values else v
        k, v = (np.repeat(each, heads // key_heads, axis=-3) for each in (k, v))
        seen, _ = numpy_manual.scaled_dot_product_attention(q, k, v, *masks, causal=given.get("causal", False))
        y: Array = np.swapaxes(seen, -2, -3).reshape(*x.shape[:-1], -1) @ w_o
        return y

    return forward_only(attention)


ATTENTION: Variants = {
    numpy_manual.rotary_embedding: (
        Variant("the pairs are neighbours where they should be halves, or the other way round", rotary_of_other_pairs),
        Variant("it is turned by −angle, not by angle", forward_only(rotary_back)),
        Variant("the positions are counted from 1, not from 0", rotary_from_one),
        Variant(
            "the gradient is turned on, not back",
            backward_only(numpy_manual.rotary_embedding, rotary_gradient_on),
        ),
    ),
    numpy_manual.scaled_dot_product_attention: (
        Variant("the scores are not divided by √d", _attention_times(lambda q, *_: q.shape[-1] ** 0.5)),
        Variant("the scores are divided by d, not by √d", _attention_times(lambda q, *_: q.shape[-1] ** -0.5)),
        Variant("what is hidden is set to 0 after the softmax", forward_only(attention_masked_after_softmax)),
        Variant("softmax is over the queries, not over the keys", forward_only(attention_over_queries)),
        Variant("position t looks at 0 … t + 1", _attention_allowing(lambda ones: np.tril(ones, 1))),
        Variant("position t looks at itself and what comes later", _attention_allowing(np.triu)),
        Variant("nothing is hidden, as without causal", _attention_allowing(np.array)),
    ),
    numpy_manual.multi_head_attention: (
        Variant("the scores are not divided by √d", _heads_times(lambda width, heads: (width / heads) ** 0.5)),
        Variant("the scores are divided by d, not by √d", _heads_times(lambda width, heads: (width / heads) ** -0.5)),
        Variant(
            "the scores are divided by the root of the whole width, not of a head's",
            _heads_times(lambda width, heads: heads**-0.5),
        ),
    ),
    numpy_manual.grouped_query_attention: (
        Variant("heads of keys and values are dealt out in turn, not to neighbours", forward_only(grouped_in_turn)),
        Variant("the keys are not turned, only the queries", _turning(keys=False, values=False)),
        Variant("the values are turned, too", _turning(keys=True, values=True)),
        Variant("position t looks at 0 … t + 1", _grouped_allowing(lambda ones: np.tril(ones, 1))),
        Variant("nothing is hidden, as without causal", _grouped_allowing(np.array)),
    ),
}
"""The attentions that are easily mistaken for another function."""
