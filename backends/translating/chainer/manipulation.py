"""What only moves, repeats or drops elements."""

from collections.abc import Mapping
from typing import Any

from backends.translating import parts
from backends.translating.axes import Tensor, Translation, swapped
from backends.translating.untranslatable import Untranslatable, refuse


def reshape(op: Any, x: Tensor, *, shape: Any, **attributes: Any) -> Tensor:
    """The same elements in another shape."""
    return op.reshape(x, shape=tuple(shape))


def expand_dims(op: Any, x: Tensor, *, axis: int, **attributes: Any) -> Tensor:
    """With a new axis of size 1."""
    return parts.unsqueezed(op, x, axis)


def squeeze(op: Any, x: Tensor, *, axis: Any, **attributes: Any) -> Tensor:
    """Without axes of size 1."""
    return parts.squeezed(op, x, range(len(x.shape)) if axis is None else axis)


def transpose(op: Any, x: Tensor, *, axes: Any, **attributes: Any) -> Tensor:
    """With the axes in another order, or in reverse order."""
    count = len(x.shape)
    return op.transpose(x, axes=tuple(reversed(range(count))) if axes is None else tuple(a % count for a in axes))


def swapaxes(op: Any, x: Tensor, *, axis1: int, axis2: int, **attributes: Any) -> Tensor:
    """With two axes swapped."""
    return op.transpose(x, axes=swapped(x, axis1, axis2))


def rollaxis(op: Any, x: Tensor, *, axis: int, start: int, **attributes: Any) -> Tensor:
    """With one axis moved in front of another."""
    count = len(x.shape)
    order = [a for a in range(count) if a != axis % count]
    start = start + count if start < 0 else start
    order.insert(start - (axis % count < start), axis % count)
    return op.transpose(x, axes=tuple(order))


def concat(op: Any, *xs: Tensor, axis: int, **attributes: Any) -> Tensor:
    """One after the other along an axis."""
    return xs[0] if len(xs) == 1 else op.concatenate(*xs, axis=axis)


def stack(op: Any, *xs: Tensor, axis: int, **attributes: Any) -> Tensor:
    """Side by side along a new axis."""
    return op.stack(*xs, axis=axis)


def split_axis(op: Any, x: Tensor, *, indices: Any, sections: Any, axis: int, **attributes: Any) -> tuple[Tensor, ...]:
    """In equal parts, or cut before positions."""
    return parts.split(op, x, sections if indices is None else tuple(map(int, indices)), axis)


def separate(op: Any, x: Tensor, *, axis: int, **attributes: Any) -> tuple[Tensor, ...]:
    """Every position along an axis."""
    return tuple(op.select(x, index=i, axis=axis) for i in range(x.shape[axis]))


def get_item(op: Any, x: Tensor, *, slices: Any, **attributes: Any) -> Tensor:
    """Whole numbers and slices."""
    return parts.select(op, x, slices)


def broadcast_to(op: Any, x: Tensor, *, _shape: Any, **attributes: Any) -> Tensor:
    """Repeated along axes of size 1."""
    return parts.broadcast_to(op, x, tuple(_shape))


def transpose_sequence(op: Any, *xs: Tensor, _length: int, **attributes: Any) -> tuple[Tensor, ...]:
    """Step by step in place of row by row; a sequence that has ended is left out."""
    lengths = [x.shape[0] for x in xs]
    return tuple(
        op.stack(*[op.select(x, index=t, axis=0) for x, n in zip(xs, lengths, strict=True) if n > t], axis=0)
        for t in range(_length)
    )


def permutate(op: Any, x: Tensor, *, indices: Any, axis: int, inv: bool, **attributes: Any) -> Tensor:
    """Positions along an axis in another order."""
    order = [int(i) for i in indices]
    order = [order.index(i) for i in range(len(order))] if inv else order
    if order == list(range(len(order))):
        return x
    return op.concatenate(*[op.slice_axis(x, start=i, stop=i + 1, axis=axis) for i in order], axis=axis)


def flip(op: Any, x: Tensor, *, axis: int, **attributes: Any) -> Tensor:
    """Read from the end along an axis."""
    return op.flip(x, axis=axis)


def flip_left_and_right(op: Any, x: Tensor, **attributes: Any) -> Tensor:
    """Read from the end along the second axis."""
    return op.flip(x, axis=1)


def flip_up_and_down(op: Any, x: Tensor, **attributes: Any) -> Tensor:
    """Read from the end along the first axis."""
    return op.flip(x, axis=0)


def tile(op: Any, x: Tensor, *, reps: tuple[int, ...], **attributes: Any) -> Tensor:
    """Put behind itself along each axis; with fewer numbers along the last ones."""
    return op.tile(x, repeats=(1,) * (len(x.shape) - len(reps)) + tuple(reps))


def pad(op: Any, x: Tensor, *, pad_bw: Any, mode: str, keywords: Any, **attributes: Any) -> Tensor:
    """With a number around it."""
    refuse(mode != "constant", f"the padding {mode!r}")
    value = keywords.get("constant_values", 0)
    if not isinstance(value, int | float):
        raise Untranslatable("a padding with several numbers")
    widths = [[int(n) for n in both] for both in pad_bw.reshape(-1, 2).tolist()]
    if len(widths) == 1:
        widths = widths * len(x.shape)
    if len(widths) != len(x.shape):
        raise Untranslatable("a padding for another number of axes")
    return parts.padded(op, x, [(before, after) for before, after in widths], value=float(value))


TRANSLATIONS: Mapping[str, Translation] = {
    "Reshape": reshape,
    "ExpandDims": expand_dims,
    "Squeeze": squeeze,
    "Transpose": transpose,
    "Swapaxes": swapaxes,
    "Rollaxis": rollaxis,
    "Concat": concat,
    "Stack": stack,
    "SplitAxis": split_axis,
    "Separate": separate,
    "GetItem": get_item,
    "BroadcastTo": broadcast_to,
    "TransposeSequence": transpose_sequence,
    "Permutate": permutate,
    "Flip": flip,
    "FlipLR": flip_left_and_right,
    "FlipUD": flip_up_and_down,
    "Tile": tile,
    "Pad": pad,
}
"""By the class of the FunctionNode."""
