"""Calls of attention, with and without masks of both kinds."""

from typing import Any

from harness.fuzzing.calls.maker import Maker
from harness.fuzzing.draft import Draft


def scaled_dot_product_attention(draft: Draft) -> None:
    """Queries, keys and values of one stack, which may be one tensor; a mask that hides or one that is added."""
    choose = draft.choose
    q = draft.any(2, 4)
    front, (queries, width) = q.shape[:-2], q.shape[-2:]
    keys = draft.choose.of((queries, draft.length()))
    k = draft.like((*front, keys, width))
    v = draft.like((*front, keys, choose.of((width, draft.length()))))
    settings: dict[str, Any] = {"scale": choose.of((1.0, 0.1))} if choose.one_in(2) else {}
    match choose.of(("none", "hides", "adds", "causal")):
        case "hides":
            mask = draft.attention_mask(queries, keys)
        case "adds":
            mask = draft.frozen((queries, keys))
        case "causal":
            draft.call("scaled_dot_product_attention", q, k, v, causal=True, **settings)
            return
        case _:
            draft.call("scaled_dot_product_attention", q, k, v, **settings)
            return
    draft.call("scaled_dot_product_attention", q, k, v, mask, **settings)


def multi_head_attention(draft: Draft) -> None:
    """One head or several, whose weights may be one and the same."""
    heads = draft.choose.of((1, 2, 3))
    x = draft.some(
        lambda shape: len(shape) in (2, 3) and shape[-1] % heads == 0,
        lambda: (*draft.any_shape(1, 2), heads * draft.choose.between(1, 2)),
    )
    weights = [draft.weight(2 * x.shape[-1:]) for _ in range(4)]
    mask = draft.attention_mask(x.shape[-2], x.shape[-2])
    draft.call("multi_head_attention", x, *weights, mask, heads=heads)


def grouped_query_attention(draft: Draft) -> None:
    """Groups of one or two heads, with a mask, with none, or with what came before alone."""
    x = draft.any(2, 3)
    key_heads, shared_by = draft.choose.of((1, 2)), draft.choose.of((2, 1))
    width_of_head = 2 * draft.choose.between(1, 2)
    columns = [count * width_of_head for count in (key_heads * shared_by, key_heads, key_heads)]
    weights = [draft.weight((x.shape[-1], count)) for count in columns]
    weights.append(draft.weight((columns[0], draft.choose.between(1, 3))))
    settings: dict[str, Any] = {"heads": key_heads * shared_by, "key_heads": key_heads}
    if draft.choose.one_in(2):
        settings["rotary_base"] = 100.0
    match draft.choose.of(("causal", "hides", "none")):
        case "causal":
            settings["causal"] = True
        case "hides":
            weights.append(draft.attention_mask(x.shape[-2], x.shape[-2]))
    draft.call("grouped_query_attention", x, *weights, **settings)


MAKERS: dict[str, Maker] = {
    "scaled_dot_product_attention": scaled_dot_product_attention,
    "multi_head_attention": multi_head_attention,
    "grouped_query_attention": grouped_query_attention,
}
