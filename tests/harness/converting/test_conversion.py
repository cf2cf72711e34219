"""What a file and a model can disagree in besides their layers: shared weights, precision, complex numbers."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from backends.checkpoints.checkpoint import Checkpoint
from backends.checkpoints.models import ChainerModel, TorchModel
from backends.compatibility.chainer import import_chainer
from backends.layouts.transformations import Array
from harness.converting.conversion import convert
from harness.converting.optimizer_to_chainer import convert_optimizer_to_chainer
from harness.errors import InputError
from tests.harness.converting.test_optimizer_to_chainer import saved

chainer = import_chainer()
L = chainer.links


class Tied(nn.Module):
    """A layer of the output that looks up in the rows of the input."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(5, 4)
        self.out = nn.Linear(4, 5, bias=False)
        self.out.weight = self.embed.weight


def tied() -> Any:
    link = chainer.Chain(embed=L.EmbedID(5, 4), out=L.Linear(4, 5, nobias=True))
    with link["out"].init_scope():
        link["out"].W = link["embed"].W
    return link


def test_two_weights_that_differ_do_not_become_one() -> None:
    drawn = np.random.default_rng(0)
    arrays: dict[str, Array] = {"embed/W": drawn.normal(size=(5, 4)), "out/W": drawn.normal(size=(5, 4))}
    with pytest.raises(
        InputError, match=r"embed.weight and out.weight are one weight in the model, and two that differ"
    ):
        convert(Checkpoint("chainer", arrays), TorchModel(Tied()), {})
    arrays["out/W"] = arrays["embed/W"]
    assert convert(Checkpoint("chainer", arrays), TorchModel(Tied()), {}).arrays.keys() == {
        "embed.weight",
        "out.weight",
    }


def test_both_names_of_a_shared_weight_have_its_state(tmp_path: Any) -> None:
    module = Tied()
    optimizer = torch.optim.Adam(module.parameters())
    module.out(module.embed(torch.tensor([1, 2]))).square().sum().backward()
    optimizer.step()
    checkpoint, model = saved(module, optimizer, tmp_path), ChainerModel(tied())
    conversion = convert(checkpoint, model, {})
    states = convert_optimizer_to_chainer(checkpoint, conversion, "adam", model).states
    assert states["embed/W"]["m"].any()
    np.testing.assert_array_equal(states["embed/W"]["m"], states["out/W"]["m"])
    assert states["embed/W"]["t"] == states["out/W"]["t"] == 1


def test_a_model_in_half_precision_is_checked_in_double() -> None:
    arrays: dict[str, Array] = {"weight": np.full((1, 1), 1 / 3), "bias": np.zeros(1)}
    model = TorchModel(nn.Linear(1, 1).half())
    model.load(arrays)
    assert model.forward(np.ones((1, 1)))[0] == 1 / 3
    with chainer.using_config("dtype", np.float16):
        link = ChainerModel(L.Linear(1, 1))
    link.load({"W": arrays["weight"], "b": arrays["bias"]})
    assert link.forward(np.ones((1, 1)))[0] == 1 / 3


def test_complex_numbers_and_nothing_at_all_are_refused() -> None:
    with pytest.raises(InputError, match="l1/W is complex128; only real numbers"):
        convert(Checkpoint("chainer", {"l1/W": np.ones((2, 2), complex)}), TorchModel(nn.Linear(2, 2)), {})
    with pytest.raises(InputError, match="neither the file nor the model holds any weights"):
        convert(Checkpoint("chainer", {}), TorchModel(nn.Identity()), {})
