"""Every kind of file of weights is known by its content, and what is no such file is refused in words."""

import importlib.util
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from backends.checkpoints.checkpoint import CheckpointError
from backends.checkpoints.files import read_checkpoint, written
from backends.checkpoints.pickles import read_optimizer
from backends.layouts.transformations import Array

ARRAYS: dict[str, Array] = {"fc.weight": np.arange(6, dtype=np.float32).reshape(2, 3), "n": np.array(3, np.int64)}


@pytest.mark.parametrize(("suffix", "framework"), [(".npz", "chainer"), (".pt", "torch"), (".safetensors", "torch")])
def test_what_is_written_is_read_again(suffix: str, framework: str, tmp_path: Path) -> None:
    path = tmp_path / f"weights{suffix}"
    path.write_bytes(written(ARRAYS, suffix))
    checkpoint = read_checkpoint(path)
    assert checkpoint.framework == framework
    assert checkpoint.arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(checkpoint.arrays[name], array)
        assert checkpoint.arrays[name].dtype == array.dtype


def test_an_npz_file_may_hold_any_name(tmp_path: Path) -> None:
    (tmp_path / "weights.npz").write_bytes(written({"file": np.ones(2)}, ".npz"))
    assert read_checkpoint(tmp_path / "weights.npz").arrays.keys() == {"file"}


def snapshot(path: Path, *models: str) -> Path:
    entries: dict[str, Any] = {"updater/iteration": np.array(3), "extensions/LogReport/_log": np.array("[]")}
    for model in models:
        entries |= {
            f"updater/model:{model}/l1/W": np.ones((2, 3)),
            f"updater/optimizer:{model}/l1/W/m": np.ones((2, 3)),
        }
    np.savez(path, **entries)
    return path


def test_a_snapshot_s_model_loses_its_prefix_and_the_rest_is_left(tmp_path: Path) -> None:
    assert read_checkpoint(snapshot(tmp_path / "snapshot.npz", "main")).arrays.keys() == {"l1/W"}


def test_of_several_models_in_a_snapshot_one_is_named(tmp_path: Path) -> None:
    path = snapshot(tmp_path / "snapshot.npz", "gen", "dis")
    with pytest.raises(CheckpointError, match="of the models dis, gen: name one with --model"):
        read_checkpoint(path)
    with pytest.raises(CheckpointError, match="of the models dis, gen"):
        read_checkpoint(path, "main")
    assert read_checkpoint(path, "gen").arrays.keys() == {"l1/W"}


def test_a_parameter_without_a_value_is_noted(tmp_path: Path) -> None:
    np.savez(tmp_path / "old.npz", **{"l1/W": np.array(None, dtype=object), "l1/b": np.ones(2)})  # type: ignore[arg-type]
    checkpoint = read_checkpoint(tmp_path / "old.npz")
    assert checkpoint.empty == ("l1/W",)
    assert checkpoint.arrays.keys() == {"l1/b"}


@pytest.mark.parametrize("key", ["state_dict", "model"])
def test_a_state_dict_may_stand_beside_other_things(key: str, tmp_path: Path) -> None:
    state = {name: torch.from_numpy(array) for name, array in ARRAYS.items()}
    torch.save({key: state, "epoch": 3, "lr": 0.1}, tmp_path / "weights.pt")
    assert read_checkpoint(tmp_path / "weights.pt").arrays.keys() == ARRAYS.keys()


def test_one_of_several_state_dicts_is_named(tmp_path: Path) -> None:
    torch.save({"model": {"w": torch.ones(2)}, "ema": {"w": torch.zeros(2)}}, tmp_path / "both.pt")
    with pytest.raises(CheckpointError, match=r"holds 2 state_dicts \(model, ema\): name one with --model"):
        read_checkpoint(tmp_path / "both.pt")
    with pytest.raises(CheckpointError, match="no model 'emma'"):
        read_checkpoint(tmp_path / "both.pt", "emma")
    assert not read_checkpoint(tmp_path / "both.pt", "ema").arrays["w"].any()


def test_a_weight_with_two_names_is_noted(tmp_path: Path) -> None:
    shared = torch.ones(2, 3)
    torch.save({"embed.weight": shared, "n": torch.ones(1), "out.weight": shared}, tmp_path / "tied.pt")
    assert read_checkpoint(tmp_path / "tied.pt").shared == {"out.weight": "embed.weight"}


@pytest.mark.parametrize("save", [lambda one: one, lambda one: {"optimizer": one}, lambda one: {"optimizers": [one]}])
def test_an_optimizer_is_found_alone_or_among_other_things(save: Any, tmp_path: Path) -> None:
    weight = torch.ones(2, requires_grad=True)
    optimizer = torch.optim.Adam([("w", weight)], betas=(0.5, 0.9))
    weight.sum().backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    torch.save(save(optimizer.state_dict()), tmp_path / "optimizer.pt")
    found = read_optimizer(tmp_path / "optimizer.pt")
    assert [(group.names, group.settings["beta1"]) for group in found.groups] == [(("w",), 0.5)]
    assert found.states[0]["exp_avg"].tolist() == [0.5, 0.5]


def test_a_file_without_one_optimizer_is_refused(tmp_path: Path) -> None:
    torch.save({"w": torch.ones(2)}, tmp_path / "weights.pt")
    with pytest.raises(CheckpointError, match=r"holds no optimizer; save one, optimizer.state_dict\(\)"):
        read_optimizer(tmp_path / "weights.pt")
    with pytest.raises(CheckpointError, match=r"can't read .*none.pt: No such file"):
        read_optimizer(tmp_path / "none.pt")


def test_what_holds_no_numbers_is_noted_and_never_left_out_silently(tmp_path: Path) -> None:
    np.savez(tmp_path / "old.npz", a=np.array(["x"]), b=np.array([{}], dtype=object), c=np.ones(2))
    checkpoint = read_checkpoint(tmp_path / "old.npz")
    assert list(checkpoint.arrays) == ["c"]
    assert checkpoint.empty == ("a", "b")


def test_another_order_of_bytes_is_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "old.npz", w=np.array([1, 2], ">f4"))
    array = read_checkpoint(tmp_path / "old.npz").arrays["w"]
    assert (array.tolist(), array.dtype.isnative) == ([1, 2], True)


def test_a_damaged_array_is_named(tmp_path: Path) -> None:
    (tmp_path / "old.npz").write_bytes(written({"l1/W": np.random.default_rng(0).normal(size=500)}, ".npz"))
    content = bytearray((tmp_path / "old.npz").read_bytes())
    content[300:400] = bytes(100)
    (tmp_path / "old.npz").write_bytes(content)
    with pytest.raises(CheckpointError, match=r"old.npz is damaged: its array l1/W can't be read"):
        read_checkpoint(tmp_path / "old.npz")


@pytest.mark.parametrize(
    ("weight", "said"),
    [
        (torch.ones(2, 2).to_sparse(), "w is a sparse tensor"),
        (torch.ones(2, device="meta"), "w is a meta tensor"),
    ],
    ids=["sparse", "meta"],
)
def test_tensors_that_are_not_plain_are_refused(weight: torch.Tensor, said: str, tmp_path: Path) -> None:
    torch.save({"w": weight}, tmp_path / "odd.pt")
    with pytest.raises(CheckpointError, match=said):
        read_checkpoint(tmp_path / "odd.pt")


@pytest.mark.parametrize("content", [b"hello", b"\x80", b"PK\x03\x04 no", bytes(range(256))])
def test_a_file_of_another_kind_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "odd.pt").write_bytes(content)
    with pytest.raises(CheckpointError, match=r"odd.pt (can't be read as a file of PyTorch's|is no file of weights)"):
        read_checkpoint(tmp_path / "odd.pt")


def test_a_zip_file_of_something_else_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "odd.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(CheckpointError, match="a zip file of neither NumPy's nor PyTorch's"):
        read_checkpoint(tmp_path / "odd.zip")


class Bomb:
    """What a pickle could do to whoever loads it."""

    def __reduce__(self) -> Any:
        return print, ("it exploded",)


def test_no_code_in_a_file_is_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.save({"fc.weight": torch.ones(2), "bomb": Bomb()}, tmp_path / "weights.pt")
    with pytest.raises(CheckpointError, match=r"save model\.state_dict"):
        read_checkpoint(tmp_path / "weights.pt")
    np.savez(tmp_path / "weights.npz", **{"l1/W": np.array(Bomb(), dtype=object)})  # type: ignore[arg-type]
    assert read_checkpoint(tmp_path / "weights.npz").empty == ("l1/W",)
    assert capsys.readouterr().out == ""


def test_a_whole_module_is_refused(tmp_path: Path) -> None:
    torch.save(torch.nn.Linear(2, 3), tmp_path / "module.pt")
    with pytest.raises(CheckpointError, match=r"save model\.state_dict"):
        read_checkpoint(tmp_path / "module.pt")


def test_two_state_dicts_are_refused(tmp_path: Path) -> None:
    one = {"fc.weight": torch.ones(2)}
    torch.save({"gen": one, "dis": one}, tmp_path / "two.pt")
    with pytest.raises(CheckpointError, match=r"holds 2 state_dicts \(gen, dis\)"):
        read_checkpoint(tmp_path / "two.pt")


def test_a_dtype_without_a_counterpart_is_named(tmp_path: Path) -> None:
    torch.save({"fc.weight": torch.ones(2, dtype=torch.bfloat16)}, tmp_path / "half.pt")
    with pytest.raises(CheckpointError, match=r"fc.weight is torch.bfloat16, which NumPy doesn't have"):
        read_checkpoint(tmp_path / "half.pt")


@pytest.mark.parametrize("name", ["weights.pt", "weights.npz", "weights.safetensors", "snapshot_iter_1"])
@pytest.mark.parametrize("content", [b"", b"no weights at all", b"PK\x03\x04 cut off"])
def test_what_is_no_file_of_weights_is_refused(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CheckpointError, match=name):
        read_checkpoint(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("old.npz", b"", "is empty"),
        ("old.npz", b"PK\x03\x04 cut off", "is no npz file, or only a part of one"),
        ("old.npy", b"\x93NUMPY\x01\x00", "is a single array"),
        ("new.pt", b"no weights", "save model.state_dict\\(\\), not the model$"),
        (
            "new.pt",
            b"PK\x03\x04 cut off",
            "can't be read as a file of PyTorch's; it is another kind of file, or damaged$",
        ),
    ],
)
def test_a_refusal_says_what_the_file_is(name: str, content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CheckpointError, match=said):
        read_checkpoint(tmp_path / name)


def test_a_damaged_npz_file_is_refused(tmp_path: Path) -> None:
    """Whatever byte of the compressed numbers is another one."""
    content = written({"l1/W": np.random.default_rng(0).normal(size=(8, 8))}, ".npz")
    for position in range(60, 500, 20):
        damaged = bytearray(content)
        damaged[position] ^= 0xFF
        (tmp_path / "old.npz").write_bytes(damaged)
        with pytest.raises(CheckpointError, match=r"old\.npz is damaged"):
            read_checkpoint(tmp_path / "old.npz")


def test_an_hdf5_file_needs_h5py(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "old.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(CheckpointError, match="h5py is not installed: install h5py, or save the model with"):
        read_checkpoint(tmp_path / "old.h5")


@pytest.mark.skipif(importlib.util.find_spec("h5py") is None, reason="h5py is not installed")
def test_an_hdf5_file_is_read(tmp_path: Path) -> None:
    h5py = importlib.import_module("h5py")
    with h5py.File(tmp_path / "old.h5", "w") as file:
        file.create_dataset("l1/W", data=np.ones((2, 3), np.float32))
        file.create_dataset("l2/W", data=h5py.Empty("f"))
    checkpoint = read_checkpoint(tmp_path / "old.h5")
    assert (list(checkpoint.arrays), checkpoint.empty) == (["l1/W"], ("l2/W",))
