"""The angles of rotary embedding, which all backends share, and what they are for."""

import math

import numpy as np
import pytest

from backends import numpy_manual
from backends.rotations import cosines_and_sines


def test_every_angle_is_a_position_by_a_power_of_the_base() -> None:
    cos, sin = cosines_and_sines(5, 6, 100.0)
    assert cos.shape == sin.shape == (5, 3)
    for t in range(5):
        for i in range(3):
            angle = t / 100.0 ** (2 * i / 6)
            assert cos[t, i] == pytest.approx(math.cos(angle), abs=1e-15)
            assert sin[t, i] == pytest.approx(math.sin(angle), abs=1e-15)


@pytest.mark.parametrize("interleaved", [False, True])
def test_products_of_turned_vectors_depend_on_their_distance_alone(interleaved: bool) -> None:
    random = np.random.RandomState(0)
    q, k = (np.tile(random.standard_normal(8), (6, 1)) for _ in range(2))
    turned_q, turned_k = (numpy_manual.rotary_embedding(x, interleaved=interleaved)[0] for x in (q, k))
    products = turned_q @ turned_k.T
    np.testing.assert_allclose(products[1:, 1:], products[:-1, :-1], rtol=1e-12)
    assert not np.allclose(products[0], products[0, 0])
