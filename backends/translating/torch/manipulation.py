"""Views, and what only moves, repeats or drops elements."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from backends.translating import parts
from backends.translating.axes import Tensor, Translation, flattened, from_front, positions, swapped
from backends.translating.untranslatable import refuse


def reshape(op: Any, input: Tensor, *shape: Any) -> Tensor:
    """The same elements in another shape."""
    sizes = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple | list) else shape
    return op.reshape(input, shape=tuple(sizes))


def reshape_as(op: Any, input: Tensor, other: Tensor) -> Tensor:
    """The same elements in another tensor's shape."""
    return op.reshape(input, shape=other.shape)


def flatten(op: Any, input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Several axes as one."""
    return op.reshape(input, shape=flattened(input, start_dim, end_dim))


def unflatten(op: Any, input: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
    """One axis as several."""
    axis = from_front(dim, len(input.shape))
    known = math.prod(size for size in sizes if size != -1)
    whole = tuple(input.shape[axis] // known if size == -1 else size for size in sizes)
    return op.reshape(input, shape=(*input.shape[:axis], *whole, *input.shape[axis + 1 :]))


def squeeze(op: Any, input: Tensor, dim: int | None = None) -> Tensor:
    """Without an axis of size 1, or all of them."""
    return parts.squeezed(op, input, range(len(input.shape)) if dim is None else [dim])


def unsqueeze(op: Any, input: Tensor, dim: int) -> Tensor:
    """With a new axis of size 1."""
    return parts.unsqueezed(op, input, dim)


def transpose(op: Any, input: Tensor, dim0: int, dim1: int) -> Tensor:
    """With two axes swapped."""
    return op.transpose(input, axes=swapped(input, dim0, dim1))


def permute(op: Any, input: Tensor, *dims: Any) -> Tensor:
    """With all axes in another order."""
    order = dims[0] if len(dims) == 1 and isinstance(dims[0], tuple | list) else dims
    return op.transpose(input, axes=tuple(from_front(axis, len(input.shape)) for axis in order))


def t(op: Any, input: Tensor) -> Tensor:
    """A matrix with its axes swapped; a vector as it is."""
    return input if len(input.shape) < 2 else op.transpose(input, axes=(1, 0))


def T(op: Any, input: Tensor) -> Tensor:
    """With all axes in reverse order."""
    return op.transpose(input, axes=tuple(reversed(range(len(input.shape)))))


def mT(op: Any, input: Tensor) -> Tensor:
    """With the last two axes swapped."""
    return op.transpose(input, axes=swapped(input, -2, -1))


def cat(op: Any, tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """One after the other along an axis."""
    return tensors[0] if len(tensors) == 1 else op.concatenate(*tensors, axis=dim)


def stack(op: Any, tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """Side by side along a new axis."""
    return op.stack(*tensors, axis=dim)


def split(op: Any, tensor: Tensor, split_size: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Parts of one size, the last of which may be smaller, or of given sizes."""
    size = tensor.shape[dim]
    if isinstance(split_size, int):
        whole, rest = divmod(size, split_size)
        split_size = [split_size] * whole + [rest] * (rest > 0)
    return parts.split(op, tensor, positions(split_size), dim)


def chunk(op: Any, input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """So many parts, of which the last may be smaller."""
    return split(op, input, -(-input.shape[dim] // chunks), dim)


def unbind(op: Any, input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """Every position along an axis."""
    return tuple(op.select(input, index=i, axis=dim) for i in range(input.shape[dim]))


def select(op: Any, input: Tensor, dim: int, index: int) -> Tensor:
    """One position along an axis."""
    return op.select(input, index=index, axis=dim)


def narrow(op: Any, input: Tensor, dim: int, start: int, length: int) -> Tensor:
    """A range along an axis."""
    return op.slice_axis(input, start=start, stop=start + length, axis=dim)


def getitem(op: Any, input: Tensor, index: Any) -> Tensor:
    """Whole numbers and slices; a tensor of whole numbers for the first axis of a matrix."""
    if hasattr(index, "shape") and len(input.shape) == 2:
        return op.embedding(index, input)
    return parts.select(op, input, index)


def gather(op: Any, input: Tensor, dim: int, index: Tensor) -> Tensor:
    """Places along an axis."""
    return op.gather(input, index, axis=dim)


def flip(op: Any, input: Tensor, *dims: Any) -> Tensor:
    """Read from the end along each of several axes."""
    for axis in dims[0] if len(dims) == 1 and isinstance(dims[0], tuple | list) else dims:
        input = op.flip(input, axis=axis)
    return input


def repeat(op: Any, input: Tensor, *repeats: Any) -> Tensor:
    """Put behind itself along each axis; with fewer numbers along the last ones."""
    given = repeats[0] if len(repeats) == 1 and isinstance(repeats[0], tuple | list) else repeats
    return op.tile(input, repeats=(1,) * (len(input.shape) - len(given)) + tuple(given))


def expand(op: Any, input: Tensor, *sizes: Any) -> Tensor:
    """Repeated along axes of size 1."""
    wanted = sizes[0] if len(sizes) == 1 and isinstance(sizes[0], tuple | list) else sizes
    front = len(wanted) - len(input.shape)
    shape = tuple(input.shape[i - front] if size == -1 else size for i, size in enumerate(wanted))
    return parts.broadcast_to(op, input, shape)


def expand_as(op: Any, input: Tensor, other: Tensor) -> Tensor:
    """Repeated to another tensor's shape."""
    return expand(op, input, other.shape)


def same(op: Any, input: Tensor, *others: Any, **settings: Any) -> Tensor:
    """The tensor itself. Whether a call detaches is recorded for every function, so nothing is said here."""
    return input


def zeros_like(op: Any, input: Tensor, **settings: Any) -> Tensor:
    """As many zeros."""
    return op.zeros(input.shape)


def ones_like(op: Any, input: Tensor, **settings: Any) -> Tensor:
    """As many ones."""
    return op.ones(input.shape)


def pad(op: Any, input: Tensor, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Tensor:
    """With a number around it, from the last axis to the first."""
    refuse(mode != "constant", f"the padding {mode!r}")
    widths = [(0, 0)] * (len(input.shape) - len(pad) // 2)
    return parts.padded(
        op, input, [*widths, *reversed(list(zip(pad[::2], pad[1::2], strict=True)))], value=float(value or 0)
    )


TRANSLATIONS: Mapping[str, Translation] = {
    **dict.fromkeys(("reshape", "view"), reshape),
    **dict.fromkeys(("reshape_as", "view_as"), reshape_as),
    **dict.fromkeys(("flatten", "ravel"), flatten),
    "unflatten": unflatten,
    "squeeze": squeeze,
    "unsqueeze": unsqueeze,
    **dict.fromkeys(("transpose", "swapaxes", "swapdims"), transpose),
    "permute": permute,
    "t": t,
    "T": T,
    "mT": mT,
    **dict.fromkeys(("cat", "concat", "concatenate"), cat),
    "stack": stack,
    "split": split,
    "chunk": chunk,
    "unbind": unbind,
    "select": select,
    "narrow": narrow,
    "getitem": getitem,
    "gather": gather,
    "flip": flip,
    **dict.fromkeys(("repeat", "tile"), repeat),
    "expand": expand,
    "expand_as": expand_as,
    **dict.fromkeys(("clone", "contiguous", "detach"), same),
    "zeros_like": zeros_like,
    "ones_like": ones_like,
    "pad": pad,
}
"""By the function's name without underscores, as a capture has it."""
