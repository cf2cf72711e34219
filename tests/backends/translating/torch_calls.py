"""One call or more of every function of PyTorch that has a translation."""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as nnF
from torch import nn

from tests.backends.translating.calls import IDS, Called, real

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
    "limits at one end": (
        [(6, 8)],
        lambda a: a.clamp(min=0.3) + a.clip(max=0.6) * 2 + torch.clamp_min(a, 0.4) * 3 + a.clamp_max(0.5) * 4,
        [],
    ),
    "limits that are tensors": ([(6, 8), (6, 8), (8,)], lambda a, b, c: a.clamp(b / 3, 0.9 + c), []),
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
        lambda a: (
            a.sum(1) + a.mean(1) + a.amax(1) + a.max(1)[0] + a.logsumexp(1) + a.logsumexp((0, 1), keepdim=True)[0]
        ),
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
    "ties": ([(3, 4)], lambda a: (a * 0).amax(1) + (a * 0).amin(0).amax() + (a * 0).max(), []),
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
    "places": ([(3, 4)], lambda a, ids: a.gather(1, ids) + torch.gather(a, 0, ids), [np.array([[0, 2, 2], [1, 0, 1]])]),
    "read from the end": ([(3, 4)], lambda a: a.flip(0) + torch.flip(a, (0, -1)), []),
    "repeated as a whole": (
        [(3, 4)],
        lambda a: a.repeat(2, 1, 1)[0] + a.tile((2, 1))[:3] + torch.tile(a, (2,))[:, :4],
        [],
    ),
    "letters": (
        [(3, 4), (4, 3)],
        lambda a, b: torch.einsum("ij,jk->ik", a, b) + torch.einsum("ij, ki -> jk", [b, a])[:3, :3],
        [],
    ),
    "sums so far": ([(3, 4)], lambda a: a.cumsum(1) + torch.cumsum(a, dim=0), []),
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
    "without gradients": ([(3, 4)], lambda a: a * a.detach() + without_gradients(a) * a, []),
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
            + nnF.mish(a)
            + nnF.relu6(a)
            + nnF.hardtanh(a, -0.5, 0.5)
            + nnF.hardtanh(a, 0, 0.5)
            + nnF.silu(a)
            + nnF.gelu(a)
            + nnF.gelu(a, approximate="tanh")
        ),
        [],
    ),
    "gates": ([(4, 6)], lambda a: nnF.glu(a) + nnF.glu(a, dim=1) + nnF.glu(a, 0).sum(), []),
    "trained slope": ([(6, 8), (8,)], lambda a, w: nnF.prelu(a - 0.5, w), []),
    "softmax": ([(3, 4)], lambda a: nnF.softmax(a, 0) + nnF.softmax(a, dim=-1) + nnF.log_softmax(a, 1), []),
    "dropout": ([(3, 4)], lambda a: nnF.dropout(a, 0.3) + nnF.dropout(a, 0.5, training=False), []),
}
"""Calls of PyTorch's functions, without layers and losses."""


def without_gradients(a: Any) -> Any:
    """What is computed of a weight, but not trained through."""
    with torch.no_grad():
        return (a * 2).exp()


def in_place(a: Any, b: Any) -> Any:
    """Operators that write into their left operand."""
    a += b
    a -= 2 * b
    a *= b
    a /= 3
    return a
