"""Normalisations: a scale, a shift, and what batch normalisation has seen so far."""

import numpy as np

from backends.layouts.layout import Layout
from backends.layouts.transformations import Array, Arrays, Transformation, check_same_shape, contiguous


class ScaleAndShift(Transformation):
    """gamma and beta, each of which a link may be without; a module has both or neither."""

    link_names = ("gamma", "beta")
    module_names = ("weight", "bias")
    optional = True
    may_lack = frozenset({"gamma", "beta", "weight", "bias"})

    def to_module(self, arrays: Arrays) -> dict[str, Array]:
        """Both; a missing gamma is 1, a missing beta 0."""
        check_same_shape(tuple(arrays), arrays)
        (some, *_) = arrays.values()
        return {
            "weight": contiguous(arrays["gamma"] if "gamma" in arrays else np.ones_like(some)),
            "bias": contiguous(arrays["beta"] if "beta" in arrays else np.zeros_like(some)),
        }

    def to_link(self, arrays: Arrays) -> dict[str, Array]:
        """What the module has."""
        check_same_shape(tuple(arrays), arrays)
        names = dict(zip(self.module_names, self.link_names, strict=True))
        return {names[name]: contiguous(array) for name, array in arrays.items()}

    def gradients_to_module(self, gradients: Arrays) -> dict[str, Array]:
        """Those that the link has."""
        names = dict(zip(self.link_names, self.module_names, strict=True))
        return {names[name]: contiguous(array) for name, array in gradients.items()}


class Statistics(Transformation):
    """The running mean and variance of batch normalisation, and how many batches they were taken from.

    Chainer counts them in N only while it is fine-tuned, PyTorch always; it uses the number only with momentum=None.
    """

    link_names = ("avg_mean", "avg_var", "N")
    module_names = ("running_mean", "running_var", "num_batches_tracked")
    optional = True
    may_lack = frozenset({"N", "num_batches_tracked"})

    def to_module(self, arrays: Arrays) -> dict[str, Array]:
        """The same under PyTorch's names; a missing count is 0."""
        return _renamed(arrays, self.link_names, self.module_names)

    def to_link(self, arrays: Arrays) -> dict[str, Array]:
        """The same under Chainer's names; a missing count is 0."""
        return _renamed(arrays, self.module_names, self.link_names)


def _renamed(arrays: Arrays, names: tuple[str, ...], others: tuple[str, ...]) -> dict[str, Array]:
    (mean, variance, count), (other_mean, other_variance, other_count) = names, others
    check_same_shape((mean, variance), arrays)
    return {
        other_mean: contiguous(arrays[mean]),
        other_variance: contiguous(arrays[variance]),
        other_count: np.array(arrays.get(count, 0), np.int64),
    }


_HALF = ("where the link has only one of gamma and beta, the other is 1 or 0, and PyTorch would train it",)

LAYOUTS = (
    *(
        Layout("BatchNormalization", module, (ScaleAndShift(), Statistics()), _HALF)
        for module in ("BatchNorm2d", "BatchNorm1d", "BatchNorm3d")
    ),
    Layout("LayerNormalization", "LayerNorm", (ScaleAndShift(),)),
    Layout("GroupNormalization", "GroupNorm", (ScaleAndShift(),)),
)
