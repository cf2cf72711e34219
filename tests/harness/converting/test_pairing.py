"""Layers are paired by path, shape and number, and where these leave a choice, nothing is guessed."""

import numpy as np
import pytest
from torch import nn

from backends.checkpoints.layers import layers_of_chainer
from backends.checkpoints.models import TorchModel
from backends.layouts.transformations import Array
from harness.converting.pairing import Pairing, pair_layers
from harness.errors import InputError


def paired(module: nn.Module, *said: tuple[str, str], **sizes: tuple[int, int]) -> Pairing:
    """The pairing of linear layers in a file of Chainer's, by their paths and sizes, with a module."""
    arrays: dict[str, Array] = {}
    for path, (size, size_before) in sizes.items():
        arrays[f"{path.replace('__', '/')}/W"] = np.ones((size, size_before), np.float32)
        arrays[f"{path.replace('__', '/')}/b"] = np.ones(size, np.float32)
    model = TorchModel(module)
    return pair_layers(layers_of_chainer(arrays), model, model.described(), arrays, dict(said))


def paths(pairing: Pairing) -> dict[str, str]:
    return {pair.source.path: pair.target.path for pair in pairing.pairs}


def of_linear(**sizes: tuple[int, int]) -> nn.Module:
    """A module of linear layers under these names."""
    module = nn.Module()
    for name, (size, size_before) in sizes.items():
        module.add_module(name, nn.Linear(size_before, size))
    return module


def test_the_same_path_comes_before_the_order_of_numbers() -> None:
    module = of_linear(b=(3, 3), a=(3, 3))
    assert paths(paired(module, a=(3, 3), b=(3, 3))) == {"a": "a", "b": "b"}


def test_a_common_start_of_all_paths_is_no_difference() -> None:
    module = of_linear(b=(3, 3), a=(3, 3))
    found = paths(paired(module, predictor__a=(3, 3), predictor__b=(3, 3)))
    assert found == {"predictor/a": "a", "predictor/b": "b"}


def test_positions_in_a_file_of_chainer_s_are_no_order() -> None:
    """A Sequential of links with functions between them calls the second and the third of them 2 and 1."""
    module = nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 3))
    pairing = paired(module, **{"0": (3, 3), "1": (3, 3), "2": (3, 3)})
    assert not pairing.pairs
    assert len(pairing.ambiguous) == 1


def test_positions_are_no_names() -> None:
    """PyTorch counts the functions of a sequence, too, so the same number is not the same layer."""
    module = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 2))
    found = paths(paired(module, **{"0": (2, 2), "1": (3, 2), "2": (2, 3)}))
    assert found == {"0": "0", "1": "2", "2": "4"}


def test_numbers_are_sorted_as_numbers() -> None:
    module = of_linear(**{f"fc{number}": (3, 3) for number in range(1, 12)})
    found = paths(paired(module, **{f"l{number}": (3, 3) for number in range(1, 12)}))
    assert found == {f"l{number}": f"fc{number}" for number in range(1, 12)}


def test_what_has_one_place_leaves_the_others_to_the_rest() -> None:
    module = of_linear(first=(4, 3), second=(3, 3), third=(3, 4))
    assert paths(paired(module, x=(3, 4), y=(3, 3), z=(4, 3))) == {"z": "first", "y": "second", "x": "third"}


@pytest.mark.parametrize("names", [("mu", "sigma"), ("mu1", "sigma2")])
def test_names_that_say_no_order_are_ambiguous(names: tuple[str, str]) -> None:
    pairing = paired(of_linear(fc1=(3, 3), fc2=(3, 3)), **dict.fromkeys(names, (3, 3)))
    assert not pairing.pairs
    ((sources, targets),) = pairing.ambiguous
    assert [layer.path for layer in sources] == sorted(names)
    assert [layer.path for layer in targets] == ["fc1", "fc2"]


def test_one_layer_for_two_places_is_ambiguous() -> None:
    pairing = paired(of_linear(fc1=(3, 3), fc2=(3, 3)), l1=(3, 3))
    assert not pairing.pairs
    assert len(pairing.ambiguous) == 1


def test_what_was_said_decides() -> None:
    module = of_linear(fc1=(3, 3), fc2=(3, 3))
    assert paths(paired(module, ("mu", "fc2"), mu=(3, 3), sigma=(3, 3))) == {"mu": "fc2", "sigma": "fc1"}


def test_what_was_said_twice_or_does_not_fit_is_refused() -> None:
    module = of_linear(fc1=(3, 3), fc2=(4, 3))
    with pytest.raises(InputError, match=r"mu can't be fc2: the one has W \(3, 3\), b \(3,\), and the other"):
        paired(module, ("mu", "fc2"), mu=(3, 3))
    with pytest.raises(InputError, match="--map names fc1 of the model twice"):
        paired(module, ("mu", "fc1"), ("sigma", "fc1"), mu=(3, 3), sigma=(3, 3))


def test_a_transposed_weight_fits_nothing() -> None:
    pairing = paired(of_linear(fc=(4, 3)), l1=(3, 4))
    assert [layer.path for layer in pairing.sources] == ["l1"]
    assert [layer.path for layer in pairing.targets] == ["fc"]
