"""One call or more of every function of PyTorch that has a translation."""

import warnings
from typing import Any

import numpy as np
import torch
import torch.nn.functional as nnF
from torch import nn

from tests.backends.translating.calls import IDS, LABELS, SEGMENTS, Called, real, sum_of

weighted: Any = nnF
"""Types of PyTorch's do not know the weights of its losses."""

TORCH: dict[str, Called] = {
    "arithmetic": ([(3, 4), (3, 4)], lambda a, b: a + b - a * b / (b + 2) + 1 - (2 - a) + 3 / b - (-a) * 2, []),
    "functions of two": (
        [(3, 4), (4,)],
        lambda a, b: torch.add(a, b, alpha=2) + torch.sub(a, b, alpha=3) + torch.multiply(a, b) + torch.divide(a, b),
        [],
    ),
    "other names": ([(3, 4)], lambda a: torch.subtract(a, 2 * a) + torch.true_divide(a, 3) + torch.negative(a), []),
    "in place": ([(3, 4), (3, 4)], lambda a, b: in_place(a * 1, b), []),
    "powers": ([(3, 4)], lambda a: a**3 + a.square() + a.pow(0.5) + a.rsqrt() + a.reciprocal(), []),
    "elementary": ([(3, 4)], lambda a: a.exp() + a.log() + a.sqrt() + a.sin() + a.cos() + a.abs() + a.absolute(), []),
    "limits": ([(6, 8)], lambda a: a.clamp(0.3, 0.7) + a.clip(0.4, 0.6) * 2, []),
    "selections": (
        [(3, 4), (3, 4)],
        lambda a, b, m: torch.maximum(a, b) + torch.minimum(a, b) * 2 + torch.where(m > 0.5, a, b) + torch.max(a, b),
        [real(3, 4)],
    ),
    "products": ([(3, 4), (4, 5)], lambda a, b: a @ b + torch.mm(a, b) + torch.addmm(a @ b, a, b), []),
    "products of vectors": ([(4,), (4, 5), (5,)], lambda a, b, c: (a @ b) * (b @ c).sum() + (c @ c), []),
    "stacks of products": ([(2, 3, 4), (2, 4, 5)], lambda a, b: torch.bmm(a, b) + a @ b, []),
    "reversed product": ([(3, 4)], lambda a, x: a.__rmatmul__(x), [real(2, 3)]),
    "reductions": (
        [(3, 4, 2)],
        lambda a: a.sum(1) + a.mean(1) + a.amax(1) + a.max(1)[0] + a.logsumexp(1) + a.sum((0, 1), keepdim=True)[0],
        [],
    ),
    "extremes": (
        [(3, 4, 2), (3, 4, 2)],
        lambda a, b: (
            a.amax((0, 2)).sum()
            + a.max()
            + a.min() * 2
            + a.amin(1)
            + a.min(1)[0]
            + a.amin((0, 1))
            + torch.min(a, b)[0, 0]
        ),
        [],
    ),
    "variances": (
        [(3, 4, 2)],
        lambda a: a.var(1) + a.var((0, 1), unbiased=False) + a.std(1) + torch.var(a, 1, correction=0) + a.var(False),
        [],
    ),
    "shapes": (
        [(2, 3, 4)],
        lambda a: (
            a.reshape(6, 4)
            + a.view(-1, 4)
            + a.flatten(0, 1)
            + a.reshape(24).unflatten(0, (6, -1))
            + a.reshape_as(a.view(6, 4))
            + a.view_as(a.view(6, 4))
            + a.ravel().reshape((6, 4))
        ),
        [],
    ),
    "axes of one": ([(3, 1, 4)], lambda a: a.squeeze(1) + a.squeeze() + a[:, 0].unsqueeze(0)[0], []),
    "orders of axes": (
        [(2, 3, 4)],
        lambda a: (
            a.transpose(0, 1) + a.permute(1, 0, 2) + a.swapaxes(0, 1) + a.swapdims(-3, -2) + a.mT.permute([2, 0, 1])
        ),
        [],
    ),
    "matrices turned": ([(3, 4)], lambda a: a.t() + a.T + a.mT, []),
    "joined": (
        [(2, 3), (2, 3)],
        lambda a, b: (
            torch.cat([a, b]) + torch.concat([a, b]) + torch.concatenate([b, a]) + torch.stack([a, b]).view(4, 3)
        ),
        [],
    ),
    "parts": (
        [(6, 4)],
        lambda a: (
            a.split(2)[1] + a.chunk(3)[2] + a.split([2, 4])[0] + a.unbind(1)[0][:2].view(2, 1) + a.narrow(0, 1, 2)
        ),
        [],
    ),
    "uneven parts": ([(5, 4)], lambda a: a.split(2)[2].sum() + a.chunk(3)[0], []),
    "indices": (
        [(4, 5)],
        lambda a: a[1] + a[-1] + a[0:2, :][1] + a[..., 1:].sum() + a[:, None, 2].sum() + a.select(0, 2),
        [],
    ),
    "rows by number": ([(5, 4)], lambda a, i: a[i].sum(1), [IDS]),
    "repeated": ([(3, 1), (3, 4)], lambda a, b: a.expand(3, 4) + a.expand(-1, 4) + a.expand_as(b) * b, []),
    "the same": (
        [(3, 4)],
        lambda a: a.clone() + nn.Identity()(a) + a.t().contiguous().t() * 2,
        [],
    ),
    "constants": ([(3, 4)], lambda a: a + torch.zeros_like(a) + torch.ones_like(a) * a, []),
    "padding": ([(2, 3, 4)], lambda a: nnF.pad(a, (1, 2, 0, 1)) + nnF.pad(a, (1, 2, 1, 0), value=0.5), []),
    "padding that cuts off": ([(2, 3, 4)], lambda a: nnF.pad(a, (-1, 2, 1, -2)) + nnF.pad(a, (0, 1, 0, -1)), []),
    "activations": (
        [(6, 8)],
        lambda a: (
            nnF.relu(a - 0.5)
            + nnF.leaky_relu(a - 0.6)
            + nnF.elu(a - 0.4)
            + nnF.selu(a - 0.4)
            + nnF.softplus(a)
            + nnF.softplus(a, beta=2)
            + torch.sigmoid(a)
            + nnF.logsigmoid(a)
            + torch.tanh(a)
            + nnF.hardsigmoid(a * 8 - 4)
            + nnF.hardswish(a * 8 - 4)
            + nnF.relu6(a)
            + nnF.hardtanh(a, -0.5, 0.5)
            + nnF.hardtanh(a, 0, 0.5)
            + nnF.silu(a)
            + nnF.gelu(a)
            + nnF.gelu(a, approximate="tanh")
        ),
        [],
    ),
    "trained slope": ([(6, 8), (8,)], lambda a, w: nnF.prelu(a - 0.5, w), []),
    "softmax": ([(3, 4)], lambda a: nnF.softmax(a, 0) + nnF.softmax(a, dim=-1) + nnF.log_softmax(a, 1), []),
    "dropout": ([(3, 4)], lambda a: nnF.dropout(a, 0.3) + nnF.dropout(a, 0.5, training=False), []),
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
            + nnF.local_response_norm(x.view(2, 6, 2), 3).view(4, 6)
        ),
        [],
    ),
    "lstm": (
        [(5, 2, 3), *([(16, 3), (16, 4), (16,), (16,)] * 2), *([(16, 8), (16, 4), (16,), (16,)] * 2)],
        lambda x, *w: sum_of(torch._VF.lstm(x, [torch.zeros(4, 2, 4)] * 2, [*w], True, 2, 0.0, True, True, False)),
        [],
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
    "classes": (
        [(4, 3)],
        lambda x, t: (
            nnF.cross_entropy(x, t)
            + nnF.cross_entropy(x, t, reduction="sum")
            + nnF.cross_entropy(x, t, ignore_index=2, label_smoothing=0.1)
            + nnF.cross_entropy(x, t, weight=torch.tensor([1.0, 2.0, 0.5], dtype=torch.float64))
            + nnF.nll_loss(nnF.log_softmax(x, 1), t)
            + nnF.cross_entropy(x, t, reduction="none").sum()
        ),
        [LABELS],
    ),
    "classes of positions": ([(2, 3, 3)], lambda x, t: nnF.cross_entropy(x, t), [SEGMENTS]),
    "yes and no": (
        [(4, 3)],
        lambda x, t, p: (
            nnF.binary_cross_entropy_with_logits(x, t)
            + nnF.binary_cross_entropy_with_logits(x, t, weight=t, reduction="sum")
            + nnF.binary_cross_entropy_with_logits(x, t, t[0], pos_weight=p, reduction="none").sum()
            + nnF.binary_cross_entropy(torch.sigmoid(x), t)
            + nnF.binary_cross_entropy(torch.sigmoid(x), t, weight=t, reduction="none").sum()
        ),
        [real(4, 3), real(3)],
    ),
    "distances": (
        [(4, 3)],
        lambda x, t: (
            nnF.mse_loss(x, t)
            + nnF.mse_loss(x, t, reduction="sum")
            + weighted.mse_loss(x, t, weight=t)
            + weighted.mse_loss(x, t, weight=t, reduction="sum")
            + nnF.l1_loss(x, t)
            + nnF.l1_loss(x, t, reduction="none").sum()
            + nnF.huber_loss(x, t, delta=0.1)
            + nnF.huber_loss(x, t, delta=0.1, reduction="sum")
            + weighted.huber_loss(x, t, delta=0.1, weight=t)
            + nnF.smooth_l1_loss(x, t, beta=0.1)
            + nnF.smooth_l1_loss(x, t, beta=0.0, reduction="none").sum()
        ),
        [real(4, 3, seed=9)],
    ),
    "divergences": (
        [(4, 3)],
        lambda x, t: (
            nnF.kl_div(x, t, reduction="sum")
            + mean_kl_div(x, t, log_target=True)
            + nnF.kl_div(x, t, reduction="batchmean")
            + nnF.kl_div(x, t, reduction="none").sum()
        ),
        [real(4, 3, seed=9)],
    ),
    "triplets": (
        [(4, 3), (4, 3), (4, 3)],
        lambda a, p, n: (
            nnF.triplet_margin_loss(a, p, n)
            + nnF.triplet_margin_loss(a, p, n, margin=0.7, p=3.0, eps=1e-3, swap=True, reduction="sum")
            + nnF.triplet_margin_loss(a, p, n, reduction="none").sum()
        ),
        [],
    ),
    "angles": (
        [(4, 3), (4, 3)],
        lambda x, y, t: (
            nnF.cosine_similarity(x, y).sum()
            + nnF.cosine_similarity(x, y, dim=0, eps=1e-3).sum()
            + nnF.cosine_embedding_loss(x, y, t, margin=0.1)
            + nnF.cosine_embedding_loss(x, y, t, reduction="sum")
        ),
        [np.array([1, -1, -1, 1])],
    ),
}
"""Calls of PyTorch's functions."""


def real_tensor(*shape: int) -> torch.Tensor:
    """The same numbers as `real`, as a tensor."""
    return torch.from_numpy(real(*shape))


def mean_kl_div(x: torch.Tensor, t: torch.Tensor, *, log_target: bool) -> torch.Tensor:
    """The mean over all elements, of which PyTorch warns that it will be another one some day."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="reduction: 'mean' divides")
        return nnF.kl_div(x, t, reduction="mean", log_target=log_target)


def later_hidden(length: int) -> torch.Tensor:
    """A mask of floats that is added to scores: −∞ for what comes later."""
    return torch.full((length, length), float("-inf"), dtype=torch.float64).triu(1)


def in_place(a: Any, b: Any) -> Any:
    """Operators that write into their left operand."""
    a += b
    a -= 2 * b
    a *= b
    a /= 3
    return a
