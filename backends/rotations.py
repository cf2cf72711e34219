"""By how much rotary embedding turns: constants that all backends share, so that none is off by their rounding."""

import numpy as np

from backends.contract import Array


def cosines_and_sines(positions: int, width: int, base: float) -> tuple[Array, Array]:
    """cos(t·base^(−2i / width)) and the sines for every position t and pair i, (T, width / 2) each, in float64."""
    angles = np.outer(np.arange(positions), base ** (-np.arange(0, width, 2) / width))
    return np.cos(angles), np.sin(angles)
