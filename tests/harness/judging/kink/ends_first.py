"""The hand-written backend, adding up a product's terms the first and the last before the one between."""

from typing import Any

from backends import numpy_manual
from backends.contract import Array
from backends.numpy_manual import *  # noqa: F403

ORDER = (0, 2, 1)


def matmul(x: Array, w: Array) -> Any:  # type: ignore[no-redef]
    _, backward = numpy_manual.matmul(x, w)
    first, second, third = (x[:, [k]] * w[[k]] for k in ORDER)
    return (first + second) + third, backward
