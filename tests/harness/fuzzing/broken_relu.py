"""The hand-written backend with a ReLU that passes the gradient everywhere."""

from typing import Any

import numpy as np

from backends.numpy_manual import *  # noqa: F403


def relu(x: Any) -> Any:  # type: ignore[no-redef]
    """Without the mask."""
    return np.maximum(x, 0), lambda grad_y: (grad_y,)
