"""The links of attention become one module and back; which is which is said, or left no choice."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from backends.checkpoints.checkpoint import Checkpoint
from backends.checkpoints.files import read_checkpoint, written
from backends.checkpoints.models import ChainerModel, TorchModel
from backends.compatibility.chainer import import_chainer
from backends.layouts.transformations import Array
from harness.converting.conversion import Conversion, convert
from harness.converting.optimizer_to_chainer import convert_optimizer_to_chainer
from harness.errors import InputError

chainer = import_chainer()
L = chainer.links
NAMES = ("q", "k", "v", "out")
SAID = "net/attn/q,net/attn/k,net/attn/v,net/attn/out"


def arrays_of(link: Any) -> dict[str, Array]:
    serializer = chainer.serializers.DictionarySerializer()
    serializer.save(link)
    return {name: np.array(array) for name, array in serializer.target.items()}


def separate(nobias: bool = False) -> Any:
    """Attention of four links, and a layer of the same shape beside it."""
    attention = chainer.Chain(**{name: L.Linear(4, 4, nobias=nobias) for name in NAMES})
    return chainer.Chain(net=chainer.Chain(attn=attention, fc=L.Linear(4, 4)))


class Port(nn.Module):
    def __init__(self, bias: bool = True, vdim: int = 4) -> None:
        super().__init__()
        self.attn = nn.MultiheadAttention(4, 2, bias=bias, vdim=vdim)
        self.fc = nn.Linear(4, 4)


def to_torch(link: Any, module: nn.Module, **said: str) -> Conversion:
    return convert(Checkpoint("chainer", arrays_of(link)), TorchModel(module), said)


@pytest.mark.parametrize("nobias", [False, True])
def test_links_that_are_named_become_one_module_and_come_back(nobias: bool) -> None:
    link = separate(nobias)
    made = to_torch(link, Port(bias=not nobias), **{SAID: "attn"})
    attention = link["net"]["attn"]
    for place, name in enumerate("qkv"):
        rows = made.arrays["attn.in_proj_weight"][4 * place : 4 * place + 4]
        np.testing.assert_array_equal(rows, attention[name].W.array)
    np.testing.assert_array_equal(made.arrays["attn.out_proj.weight"], attention["out"].W.array)
    back = convert(Checkpoint("torch", made.arrays), ChainerModel(separate(nobias)), {"attn": SAID})
    assert back.arrays.keys() == arrays_of(link).keys()
    for name, array in arrays_of(link).items():
        np.testing.assert_array_equal(back.arrays[name], array, err_msg=name)


def test_four_links_of_one_shape_are_never_guessed() -> None:
    with pytest.raises(InputError) as refused:
        to_torch(separate(), Port())
    assert "several links make up attn: name them in order, as --map QUERY,KEY,VALUE,OUTPUT=attn" in str(refused.value)
    assert "could be any of attn.out_proj" not in str(refused.value)
    state = {name: tensor.numpy() for name, tensor in Port().state_dict().items()}
    with pytest.raises(InputError, match="as --map attn=QUERY,KEY,VALUE,OUTPUT"):
        convert(Checkpoint("torch", state), ChainerModel(separate()), {})


def test_two_links_below_the_same_path_leave_no_choice() -> None:
    attention = chainer.Chain(a=L.Linear(4, 4), b=L.Linear(4, 12))
    link = chainer.Chain(net=chainer.Chain(attn=attention, fc=L.Linear(4, 4)))
    made = to_torch(link, Port())
    np.testing.assert_array_equal(made.arrays["attn.in_proj_weight"], attention["b"].W.array)
    np.testing.assert_array_equal(made.arrays["attn.out_proj.bias"], attention["a"].b.array)
    np.testing.assert_array_equal(made.arrays["fc.weight"], link["net"]["fc"].W.array)


def test_matrices_of_several_widths_stay_apart() -> None:
    link = separate()
    link["net"]["attn"].add_link("wide", L.Linear(3, 4))
    said = "net/attn/q,net/attn/k,net/attn/wide,net/attn/out"
    checkpoint = Checkpoint("chainer", {k: a for k, a in arrays_of(link).items() if "/v/" not in k})
    made = convert(checkpoint, TorchModel(Port(vdim=3)), {said: "attn"})
    np.testing.assert_array_equal(made.arrays["attn.v_proj_weight"], link["net"]["attn"]["wide"].W.array)


def test_weights_of_a_class_of_one_s_own_may_be_named() -> None:
    drawn = np.random.default_rng(0)
    arrays = {f"attn/W_{name}": drawn.normal(size=(4, 4)) for name in NAMES}
    said = ",".join(arrays)
    module = nn.ModuleDict({"attn": nn.MultiheadAttention(4, 2, bias=False)})
    made = convert(Checkpoint("chainer", arrays), TorchModel(module), {said: "attn"})
    np.testing.assert_array_equal(made.arrays["attn.in_proj_weight"][8:], arrays["attn/W_v"])


def test_three_links_become_the_rows_of_one_matrix() -> None:
    link = chainer.Chain(**{name: L.Linear(4, 4) for name in "qkv"})
    module = nn.ModuleDict({"qkv": nn.Linear(4, 12)})
    made = to_torch(link, module, **{"q,k,v": "qkv"})
    np.testing.assert_array_equal(made.arrays["qkv.weight"][4:8], link["k"].W.array)
    back = convert(Checkpoint("torch", made.arrays), ChainerModel(link), {"qkv": "q,k,v"})
    np.testing.assert_array_equal(back.arrays["v/b"], link["v"].b.array)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"net/attn/q,net/attn/w": "attn"}, "the file has no layer 'net/attn/w'; did you mean"),
        ({"net/attn/q,net/attn/k": "attn"}, r"net/attn/q,net/attn/k can't be attn: the one has 0/W \(4, 4\)"),
        ({"net/attn/q,net/attn/q,net/attn/v,net/attn/out": "attn"}, "the file has no layer 'net/attn/q'"),
        ({SAID: "fc"}, r"net/attn/out can't be fc"),
    ],
)
def test_what_was_said_wrongly_is_refused(said: dict[str, str], problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        to_torch(separate(), Port(), **said)


def test_the_optimizer_s_state_goes_the_same_way(tmp_path: Path) -> None:
    module = Port()
    optimizer = torch.optim.Adam(module.parameters())
    x = torch.randn(3, 1, 4, generator=torch.Generator().manual_seed(0))
    module.fc(module.attn(x, x, x)[0]).square().sum().backward()
    optimizer.step()
    torch.save({"model": module.state_dict(), "optimizer": optimizer.state_dict()}, tmp_path / "old.pt")
    model = ChainerModel(separate())
    checkpoint = read_checkpoint(tmp_path / "old.pt")
    conversion = convert(checkpoint, model, {"attn": SAID})
    states = convert_optimizer_to_chainer(checkpoint, conversion, "adam", model).states
    kept = optimizer.state[module.attn.in_proj_weight]["exp_avg_sq"].numpy()
    np.testing.assert_array_equal(states["net/attn/v/W"]["v"], kept[8:])
    assert states.keys() == {name for name, _ in ((n.lstrip("/"), p) for n, p in separate().namedparams())}


def test_what_holds_attention_can_be_written_and_read(tmp_path: Path) -> None:
    made = to_torch(separate(), Port(), **{SAID: "attn"})
    (tmp_path / "new.safetensors").write_bytes(written(made.arrays, ".safetensors"))
    back = convert(read_checkpoint(tmp_path / "new.safetensors"), ChainerModel(separate()), {"attn": SAID})
    assert len(back.pairs) == 2
