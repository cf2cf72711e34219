"""Inputs of attention."""

from typing import Any

import numpy as np

from backends.contract import Array
from backends.op_inputs.kinds import Inputs, Maker


def mask_of(random: np.random.RandomState, rows: int, columns: int) -> Array:
    """Random ones and zeros, at least one 1 in every row."""
    mask = random.randint(0, 2, (rows, columns))
    mask[np.arange(rows), random.randint(0, columns, rows)] = 1
    return np.asarray(mask)


def scaled_dot_product_attention(random: np.random.RandomState) -> Inputs:
    queries, keys, width, width_v = random.randint(1, 5, size=4)
    stack = tuple(random.randint(1, 3, size=random.randint(0, 3)))
    q = 2 * random.standard_normal((*stack, queries, width))
    k = 2 * random.standard_normal((*stack, keys, width))
    inputs = [q, k, np.asarray(random.standard_normal((*stack, keys, width_v)))]
    scale = {"scale": float(random.uniform(0.1, 1))} if random.rand() < 0.3 else {}
    front = stack[1:] if random.rand() < 0.5 else ()
    match random.randint(5):
        case 0:
            return inputs, scale
        case 4:
            return inputs, {**scale, "causal": True}
        case 1:
            return [*inputs, np.asarray(random.standard_normal((*front, queries, keys)))], scale
        case 2:
            mask = np.broadcast_to(mask_of(random, queries, keys), (*front, queries, keys))
            return [*inputs, np.array(mask)], scale
    return [*inputs, mask_of(random, queries, keys)], {}


def multi_head_attention(random: np.random.RandomState) -> Inputs:
    heads, width_of_head, positions = random.randint(1, 4, size=3)
    width = heads * width_of_head
    stack = tuple(random.randint(1, 3, size=random.randint(0, 2)))
    weights = [np.asarray(random.standard_normal((width, width))) for _ in range(4)]
    x = np.asarray(random.standard_normal((*stack, positions, width)))
    return [x, *weights, mask_of(random, positions, positions)], {"heads": int(heads)}


def grouped_query_attention(random: np.random.RandomState) -> Inputs:
    """A mask, none, or only what came before; with positions that turn, or without."""
    key_heads, shared_by, half_of_head, positions, features, outputs = (int(n) for n in random.randint(1, 4, size=6))
    width_of_head = 2 * half_of_head
    stack = tuple(random.randint(1, 3, size=random.randint(0, 2)))
    heads = key_heads * shared_by
    shapes = [(*stack, positions, features)]
    shapes += [(features, count * width_of_head) for count in (heads, key_heads, key_heads)]
    inputs = [np.asarray(random.standard_normal(shape)) for shape in [*shapes, (heads * width_of_head, outputs)]]
    settings: dict[str, Any] = {"heads": heads, "key_heads": key_heads}
    if random.rand() < 0.4:
        settings["rotary_base"] = float(random.uniform(2, 1000))
    match random.randint(3):
        case 0:
            return inputs, settings
        case 1:
            return inputs, {**settings, "causal": True}
    return [*inputs, mask_of(random, positions, positions)], settings


INPUTS: dict[str, Maker] = {
    "scaled_dot_product_attention": scaled_dot_product_attention,
    "multi_head_attention": multi_head_attention,
    "grouped_query_attention": grouped_query_attention,
}
