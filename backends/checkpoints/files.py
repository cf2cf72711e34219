"""Reads and writes files of weights: Chainer's npz and HDF5, PyTorch's pickles, and safetensors."""

import io
import pickle
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from backends.checkpoints.models import Framework
from backends.layouts.transformations import Array

SUFFIXES: Mapping[Framework, tuple[str, ...]] = {"chainer": (".npz",), "torch": (".pt", ".pth", ".safetensors")}
"""The files that a framework's models are written to."""
_SNAPSHOT = re.compile(r"updater/model:([^/]+)/")
_HDF5 = b"\x89HDF\r\n\x1a\n"
_NPY = b"\x93NUMPY"


class CheckpointError(ValueError):
    """A file that can't be read as weights, or written; the message says why."""


@dataclass(frozen=True)
class Checkpoint:
    """What a file holds."""

    framework: Framework
    arrays: Mapping[str, Array]
    """The weights and buffers by their names."""
    empty: tuple[str, ...] = ()
    """Parameters that had no value yet when they were saved."""
    optimizer: Mapping[str, Array] = field(default_factory=dict)
    """What a snapshot's optimizer keeps, such as `l1/W/m`."""


def read_checkpoint(path: Path, model: str | None = None) -> Checkpoint:
    """Read a file of weights; what kind of file it is, its content says.

    `model` names one of several models of a Trainer's snapshot. Raises CheckpointError.
    """
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise CheckpointError(f"can't read {path}: {error.strerror}") from error
    if not start:
        raise CheckpointError(f"{path} is empty")
    try:
        if start == _HDF5:
            return _chainer(path, _read_hdf5(path), model)
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                names = archive.namelist()
            if all(name.endswith(".npy") for name in names):
                return _chainer(path, _read_npz(path), model)
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise CheckpointError(f"{path} is damaged: {error}") from error
    if path.suffix == ".npz":
        raise CheckpointError(f"{path} is no npz file, or only a part of one")
    if start.startswith(_NPY):
        raise CheckpointError(f"{path} is a single array; a file of weights has their names, as of save_npz")
    if path.suffix == ".safetensors":
        return Checkpoint("torch", _read_safetensors(path))
    return Checkpoint("torch", _read_pickle(path))


def _chainer(path: Path, entries: Mapping[str, Array | None], model: str | None) -> Checkpoint:
    """The weights among the entries of a file; of a Trainer's snapshot, those of one model, without their prefix."""
    optimizer: dict[str, Array] = {}
    models = sorted({match[1] for key in entries if (match := _SNAPSHOT.match(key))})
    if models:
        chosen = model or models[0]
        if chosen not in models or (model is None and len(models) > 1):
            raise CheckpointError(f"{path} is a snapshot of the models {', '.join(models)}: name one with --model")
        prefix, other = f"updater/model:{chosen}/", f"updater/optimizer:{chosen}/"
        optimizer = {
            key.removeprefix(other): v for key, v in entries.items() if key.startswith(other) and v is not None
        }
        entries = {key.removeprefix(prefix): value for key, value in entries.items() if key.startswith(prefix)}
    elif model is not None:
        raise CheckpointError(f"{path} is no Trainer's snapshot, so it has no model {model!r}")
    arrays = {key: value for key, value in entries.items() if value is not None}
    return Checkpoint("chainer", arrays, tuple(key for key, value in entries.items() if value is None), optimizer)


def _read_npz(path: Path) -> dict[str, Array | None]:
    """All numeric arrays of an npz file; None for what Chainer wrote of a parameter without a value."""
    entries: dict[str, Array | None] = {}
    with np.load(path, allow_pickle=False) as archive:
        for key in archive.files:
            try:
                value = archive[key]
            except ValueError:  # a pickled None; anything else that is pickled is no weight either
                entries[key] = None
                continue
            if value.dtype.kind in "biufc":
                entries[key] = value
    return entries


def _read_hdf5(path: Path) -> dict[str, Array | None]:
    try:
        h5py = import_module("h5py")
    except ImportError:
        advice = "install h5py, or save the model with chainer.serializers.save_npz"
        raise CheckpointError(f"{path} is an HDF5 file, and h5py is not installed: {advice}") from None
    entries: dict[str, Array | None] = {}

    def note(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and item.dtype.kind in "biufc":
            entries[name] = np.asarray(item[()]) if item.shape is not None else None

    with h5py.File(path, "r") as file:
        file.visititems(note)
    return entries


def _read_safetensors(path: Path) -> dict[str, Array]:
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return dict(load_file(path))
    except (SafetensorError, TypeError, KeyError) as error:
        raise CheckpointError(f"{path} can't be read as safetensors: {error}") from error


def _read_pickle(path: Path) -> dict[str, Array]:
    """A `state_dict`, on its own or as the only one among what was saved with it. No code in the file is run."""
    import torch

    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        # PyTorch's own message advises to run the code in the file.
        raise CheckpointError(
            f"{path} is no file of weights, or holds more than that; save model.state_dict(), not the model"
        ) from error
    except (RuntimeError, EOFError, ValueError) as error:
        first = str(error).partition(". ")[0]
        raise CheckpointError(f"{path} can't be read as a file of PyTorch's: {first}") from error
    dicts = {"": loaded} if _is_state(loaded) else {}
    if isinstance(loaded, dict) and not dicts:
        dicts = {str(name): value for name, value in loaded.items() if _is_state(value)}
    if len(dicts) != 1:
        found = f"{len(dicts)} state_dicts ({', '.join(dicts)})" if dicts else "no state_dict"
        raise CheckpointError(f"{path} holds {found}; save one, model.state_dict()")
    ((_, state),) = dicts.items()
    arrays = {}
    for name, tensor in state.items():
        try:
            arrays[str(name)] = tensor.detach().contiguous().numpy()
        except TypeError as error:
            raise CheckpointError(f"{path}: {name} is {tensor.dtype}, which NumPy doesn't have") from error
    return arrays


def _is_state(value: object) -> bool:
    import torch

    return isinstance(value, dict) and bool(value) and all(isinstance(one, torch.Tensor) for one in value.values())


def written(arrays: Mapping[str, Array], suffix: str) -> bytes:
    """The content of a file of this suffix, one of SUFFIXES."""
    buffer = io.BytesIO()
    if suffix == ".npz":
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:  # as np.savez_compressed, for any name
            for name, array in arrays.items():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
                    np.lib.format.write_array(file, np.asarray(array), allow_pickle=False)
    elif suffix == ".safetensors":
        from safetensors.numpy import save

        return save(dict(arrays))
    else:
        import torch

        torch.save({name: torch.from_numpy(np.array(array)) for name, array in arrays.items()}, buffer)
    return buffer.getvalue()
