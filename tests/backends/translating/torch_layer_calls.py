"""One call or more of every layer of PyTorch that has a translation."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as nnF
from torch import nn

from tests.backends.translating.calls import IDS, Called, real, sum_of

LAYERS: dict[str, Called] = {
    "linear": ([(3, 4), (5, 4), (5,)], lambda x, w, b: nnF.linear(x, w, b) + nnF.linear(x, w), []),
    "embedding": ([(5, 4)], lambda w, i: nnF.embedding(i, w) + nnF.embedding(i, w, padding_idx=-1), [IDS]),
    "convolutions of sequences": (
        [(2, 3, 6), (4, 3, 3), (4,), (4, 2, 3)],
        lambda x, w, b, v: nnF.conv_transpose1d(
            nnF.conv1d(x, w, b, stride=2, padding=1), v, output_padding=1, stride=2
        ),
        [],
    ),
    "paddings by name": (
        [(2, 3, 6), (4, 3, 3), (2, 3, 5, 6), (4, 3, 3, 5)],
        lambda x, w, i, v: (
            nnF.conv1d(x, w, padding="same", dilation=2).sum()
            + nnF.conv1d(x, w, padding="valid")
            + nnF.conv2d(i, v, padding="same").sum()
        ),
        [],
    ),
    "convolutions of images": (
        [(2, 4, 5, 6), (6, 2, 3, 3), (6,), (6, 2, 3, 2)],
        lambda x, w, b, v: nnF.conv_transpose2d(
            nnF.conv2d(x, w, b, padding=(1, 2), groups=2), v, stride=(2, 1), padding=1, output_padding=(1, 0)
        ),
        [],
    ),
    "pooling": (
        [(2, 3, 6, 4)],
        lambda x: (
            nnF.max_pool2d(x, 2) + nnF.avg_pool2d(x, 2) + nnF.adaptive_avg_pool2d(x, (3, 2)) + torch.max_pool2d(x, 2)
        ),
        [],
    ),
    "images of another size": (
        [(2, 3, 3, 2)],
        lambda x: (
            nnF.interpolate(x, scale_factor=2)
            + nnF.interpolate(x, (6, 4)) * 2
            + nnF.interpolate(x, (6, 4), mode="bilinear")
            + nnF.interpolate(x, scale_factor=(2, 2), mode="bilinear", align_corners=True)
        ),
        [],
    ),
    "pooling of sequences": (
        [(2, 3, 8)],
        lambda x: (
            nnF.max_pool1d(x, 2)
            + nnF.max_pool1d(x, 3, stride=2, padding=1, dilation=1, ceil_mode=False)
            + nnF.avg_pool1d(x, 2)
            + nnF.avg_pool1d(x, 3, stride=2, padding=1, count_include_pad=False)
            + nnF.adaptive_avg_pool1d(x, 4)
        ),
        [],
    ),
    "pooling with a divisor": ([(2, 3, 6, 4)], lambda x: nnF.avg_pool2d(x, 2, divisor_override=3), []),
    "batch norm": (
        [(4, 3, 2, 2), (3,), (3,)],
        lambda x, g, b: (
            nnF.batch_norm(x, None, None, g, b, training=True) + nnF.batch_norm(x, None, None, training=True)
        ),
        [],
    ),
    "batch norm in evaluation": (
        [(4, 3, 2, 2), (3,), (3,)],
        lambda x, g, b, m, v: nnF.batch_norm(x, m, v, g, b, eps=1e-3) + nnF.batch_norm(x, m, v),
        [real(3), real(3, seed=6)],
    ),
    "other norms": (
        [(4, 6), (6,), (6,)],
        lambda x, g, b: (
            nnF.layer_norm(x, (6,), g, b)
            + nnF.layer_norm(x, (6,))
            + nnF.layer_norm(x.view(4, 2, 3), (2, 3)).view(4, 6)
            + nnF.group_norm(x, 2, g, b)
            + nnF.group_norm(x, 3)
            + nnF.rms_norm(x, (6,), g, 1e-5)
            + nnF.rms_norm(x, (6,), eps=1e-3)
            + nnF.instance_norm(x.view(2, 6, 2), weight=g, bias=b).view(4, 6)
            + nnF.instance_norm(x.view(2, 6, 2), bias=b, eps=1e-3).view(4, 6)
            + torch._weight_norm(x, b[:4, None], 0)
            + nnF.local_response_norm(x.view(2, 6, 2), 3).view(4, 6)
        ),
        [],
    ),
    "lstm": (
        [(5, 2, 3), *([(16, 3), (16, 4), (16,), (16,)] * 2), *([(16, 8), (16, 4), (16,), (16,)] * 2)],
        lambda x, *w: sum_of(torch._VF.lstm(x, [torch.zeros(4, 2, 4)] * 2, [*w], True, 2, 0.0, True, True, False)),
        [],
    ),
    "packed sequences": (
        [(4, 3, 3), *([(16, 3), (16, 4), (16,), (16,)] * 2), *([(16, 8), (16, 4), (16,), (16,)] * 2), (1, 3, 4)],
        lambda x, *w: packed(
            x,
            [4, 2, 1],
            lambda rows, sizes: torch._VF.lstm(
                rows, sizes, [torch.cat([w[-1]] * 4)] * 2, [*w[:-1]], True, 2, 0.0, True, True
            ),
        ),
        [],
    ),
    "packed sequences of one step": (
        [(1, 2, 3), (12, 3), (12, 4), (1, 2, 4)],
        lambda x, *w: packed(
            x, [1, 1], lambda rows, sizes: torch._VF.gru(rows, sizes, w[-1], [*w[:-1]], False, 1, 0.0, True, False)
        ),
        [],
    ),
    "chosen by number": (
        [(3, 4, 2), (3, 4)],
        lambda a, b, i: a.index_select(1, i) + a.index_select(-2, i) + b.index_select(0, i[:2])[0, 0],
        [np.array([2, 0, 1])],
    ),
    "gru": (
        [(2, 5, 3), (12, 3), (12, 4), (12,), (12,)],
        lambda x, *w: sum_of(torch._VF.gru(x, torch.ones(1, 2, 4), [*w], True, 1, 0.0, True, False, True)),
        [],
    ),
    "rnn without biases": (
        [(5, 2, 3), (4, 3), (4, 4)],
        lambda x, *w: sum_of(torch._VF.rnn_tanh(x, torch.ones(1, 2, 4), [*w], False, 1, 0.0, True, False, False)),
        [],
    ),
    "cells": (
        [(2, 3), (2, 4), (16, 3), (16, 4), (16,), (16,), (12, 3), (12, 4), (12,), (12,)],
        lambda x, h, *w: (
            sum_of(torch._VF.lstm_cell(x, (h, h * 2), *w[:4]))
            + torch._VF.gru_cell(x, h, *w[4:]).sum()
            + torch._VF.rnn_tanh_cell(x, h, *[each[:4] for each in w[4:]]).sum()
        ),
        [],
    ),
    "attention": (
        [(2, 3, 4), (2, 5, 4), (2, 5, 6)],
        lambda q, k, v: (
            nnF.scaled_dot_product_attention(q, k, v) + nnF.scaled_dot_product_attention(q, k, v, scale=0.5)
        ),
        [],
    ),
    "attention with masks": (
        [(2, 3, 4), (2, 3, 4), (2, 3, 6)],
        lambda q, k, v, m: (
            nnF.scaled_dot_product_attention(q, k, v, is_causal=True)
            + nnF.scaled_dot_product_attention(q, k, v, m > 0)
            + nnF.scaled_dot_product_attention(q, k, v, real_tensor(3, 3))
        ),
        [np.array([[1, 0, 0], [1, 1, 0], [0, 1, 1]])],
    ),
    "attention of several heads with masks": (
        [(3, 2, 8), (24, 8), (24,), (8, 8), (8,)],
        lambda x, w, b, o, c: (
            nnF.multi_head_attention_forward(
                x, x, x, 8, 2, w, b, None, None, False, 0.0, o, c, attn_mask=torch.ones(3, 3).triu(1) > 0
            )[0]
            + nnF.multi_head_attention_forward(
                x, x, x, 8, 2, w, b, None, None, False, 0.0, o, c, attn_mask=later_hidden(3), need_weights=False
            )[0]
        ),
        [],
    ),
    "attention of groups of heads": (
        [(2, 6, 3, 4), (2, 2, 3, 4), (2, 2, 3, 5)],
        lambda q, k, v: (
            nnF.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
            + nnF.scaled_dot_product_attention(q, k, v, enable_gqa=True, scale=0.4)
            + nnF.scaled_dot_product_attention(q, k, v, is_causal=True, dropout_p=0.4, enable_gqa=True)
        ),
        [],
    ),
    "attention with dropout": (
        [(2, 3, 4), (2, 3, 4), (2, 3, 6)],
        lambda q, k, v, m: (
            nnF.scaled_dot_product_attention(q, k, v, dropout_p=0.3)
            + nnF.scaled_dot_product_attention(q, k, v, m > 0, 0.4, scale=0.7)
            + nnF.scaled_dot_product_attention(q, k, v, real_tensor(3, 3), 0.4)
            + nnF.scaled_dot_product_attention(q, k, v, is_causal=True, dropout_p=0.5)
        ),
        [np.array([[1, 0, 0], [1, 1, 0], [0, 1, 1]])],
    ),
    "attention of several heads with padded keys": (
        [(3, 2, 8), (4, 2, 6), (4, 2, 5), (8, 8), (8, 6), (8, 5), (24,), (8, 8), (8,)],
        lambda x, k, v, wq, wk, wv, b, o, c, hidden: sum(
            nnF.multi_head_attention_forward(
                x,
                k,
                v,
                8,
                2,
                None,
                b,
                None,
                None,
                False,
                dropout,
                o,
                c,
                True,
                hidden > 0,
                need_weights,
                mask,
                True,
                wq,
                wk,
                wv,
            )[0]
            for need_weights, dropout, mask in [
                (False, 0.0, None),
                (True, 0.3, None),
                (False, 0.3, torch.ones(3, 4).triu(2) > 0),
                (True, 0.0, torch.arange(48).reshape(4, 3, 4) % 5 == 1),
            ]
        ),
        [np.array([[0, 0, 0, 1], [0, 0, 1, 1]])],
    ),
    "attention of several heads": (
        [(3, 2, 8), (24, 8), (24,), (8, 8), (8,)],
        lambda x, w, b, o, c: nnF.multi_head_attention_forward(x, x, x, 8, 2, w, b, None, None, False, 0.0, o, c)[0],
        [],
    ),
}
"""Calls of PyTorch's functions of layers, pooling and attention."""


def real_tensor(*shape: int) -> torch.Tensor:
    """The same numbers as `real`, as a tensor."""
    return torch.from_numpy(real(*shape))


def later_hidden(length: int) -> torch.Tensor:
    """A mask of floats that is added to scores: −∞ for what comes later."""
    return torch.full((length, length), float("-inf"), dtype=torch.float64).triu(1)


def packed(x: torch.Tensor, lengths: list[int], layers: Callable[[Any, Any], Sequence[torch.Tensor]]) -> torch.Tensor:
    """Recurrent layers over a padded batch (T, N, D) that is packed, and what they give, padded again."""
    rows = nn.utils.rnn.pack_padded_sequence(x, torch.tensor(lengths))
    outputs, *states = layers(rows.data, rows.batch_sizes)
    sequences = nn.utils.rnn.PackedSequence(outputs, rows.batch_sizes)
    padded, _ = nn.utils.rnn.pad_packed_sequence(sequences, padding_value=0.5, total_length=5)
    return sum_of([padded, outputs, *states])  # type: ignore[no-any-return]
