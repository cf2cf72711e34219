"""The links of attention become one module, and come back."""

from typing import Any

import numpy as np
import pytest
import torch

from backends.layouts.attention import JOINT_LAYOUTS
from backends.layouts.catalogue import joint_layouts
from backends.layouts.transformations import LayoutError

SEPARATE, OF_SEVERAL_WIDTHS, IN_ONE_LINK = JOINT_LAYOUTS


def links(*shapes: tuple[int, int]) -> dict[str, Any]:
    """Weights of these shapes and their biases."""
    random = np.random.default_rng(0)
    arrays = {f"{place}/W": random.normal(size=shape) for place, shape in enumerate(shapes)}
    return arrays | {f"{place}/b": random.normal(size=shape[:1]) for place, shape in enumerate(shapes)}


@pytest.mark.parametrize(
    ("layout", "arrays", "module"),
    [
        (SEPARATE, links((4, 4), (4, 4), (4, 4), (4, 4)), torch.nn.MultiheadAttention(4, 2)),
        (IN_ONE_LINK, links((12, 4), (4, 4)), torch.nn.MultiheadAttention(4, 2)),
        (
            OF_SEVERAL_WIDTHS,
            links((4, 4), (4, 3), (4, 5), (4, 4)),
            torch.nn.MultiheadAttention(4, 2, kdim=3, vdim=5),
        ),
    ],
)
def test_a_module_takes_the_links_weights_and_gives_them_back(layout: Any, arrays: Any, module: Any) -> None:
    made = layout.to_torch(arrays)
    assert {name: array.shape for name, array in made.items()} == {
        name: tuple(parameter.shape) for name, parameter in module.named_parameters()
    }
    back = layout.to_chainer(made)
    assert back.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(back[name], array)


def test_query_key_and_value_stand_in_this_order() -> None:
    arrays = links((4, 4), (4, 4), (4, 4), (4, 4))
    made = SEPARATE.to_torch(arrays)
    np.testing.assert_array_equal(made["in_proj_weight"][4:8], arrays["1/W"])
    np.testing.assert_array_equal(made["in_proj_bias"][8:], arrays["2/b"])


def test_links_that_are_not_those_of_attention_are_refused() -> None:
    whole = links((4, 4), (4, 4), (4, 4), (4, 4))
    with pytest.raises(LayoutError, match="these have one shape in a layer"):
        SEPARATE.to_torch(links((4, 4), (4, 3), (4, 4), (4, 4)))
    with pytest.raises(LayoutError, match="Linear needs 1/b"):
        SEPARATE.to_torch({name: array for name, array in whole.items() if name != "1/b"})
    with pytest.raises(LayoutError, match="in_proj_weight has 13 rows, which are not those of 3 links"):
        SEPARATE.to_chainer({**SEPARATE.to_torch(whole), "in_proj_weight": np.zeros((13, 4))})
    assert joint_layouts("Linear") == ()
