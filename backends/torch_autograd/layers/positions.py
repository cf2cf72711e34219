"""What tells the positions of a sequence apart."""

import torch
from torch import Tensor

from backends.rotations import cosines_and_sines


def rotary_embedding(x: Tensor, *, base: float = 10000.0, interleaved: bool = False) -> Tensor:
    """y = x, each pair of features turned by the angle t·base^(−2i / D).  x (…, T, D) → y (…, T, D)."""
    cos, sin = (torch.from_numpy(each).to(x) for each in cosines_and_sines(x.shape[-2], x.shape[-1], base))
    a, b = (x[..., ::2], x[..., 1::2]) if interleaved else x.chunk(2, dim=-1)
    turned = [a * cos - b * sin, b * cos + a * sin]
    return torch.stack(turned, dim=-1).flatten(-2) if interleaved else torch.cat(turned, dim=-1)
