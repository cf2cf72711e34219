"""Reads and writes files of weights: Chainer's npz and HDF5, PyTorch's pickles, and safetensors."""

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from backends.checkpoints.checkpoint import Checkpoint, CheckpointError
from backends.checkpoints.models import Framework
from backends.checkpoints.pickles import read_pickle
from backends.layouts.transformations import Array

SUFFIXES: Mapping[Framework, tuple[str, ...]] = {"chainer": (".npz",), "torch": (".pt", ".pth", ".safetensors")}
"""The files that a framework's models are written to."""
_SNAPSHOT = re.compile(r"updater/model:([^/]+)/")
_HDF5 = b"\x89HDF\r\n\x1a\n"
_NPY = b"\x93NUMPY"
_NUMBERS = "biufc"


def read_checkpoint(path: Path, model: str | None = None) -> Checkpoint:
    """Read a file of weights; what kind of file it is, its content says.

    `model` names one of several models of a Trainer's snapshot, or of several in a file of PyTorch's. Raises
    CheckpointError.
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
            if not any(name.endswith("/data.pkl") for name in names):
                raise CheckpointError(f"{path} is a zip file of neither NumPy's nor PyTorch's")
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise CheckpointError(f"{path} is damaged: {error}") from error
    if path.suffix == ".npz":
        raise CheckpointError(f"{path} is no npz file, or only a part of one")
    if start.startswith(_NPY):
        raise CheckpointError(f"{path} is a single array; a file of weights has their names, as of save_npz")
    if path.suffix != ".safetensors":
        return read_pickle(path, model)
    if model is not None:
        raise CheckpointError(f"{path} is a file of safetensors, so it holds no model {model!r} among several")
    return Checkpoint("torch", _read_safetensors(path))


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
    """All arrays of an npz file; None where there are no numbers, as of a parameter without a value."""
    entries: dict[str, Array | None] = {}
    with np.load(path, allow_pickle=False) as archive:
        for key in archive.files:
            try:
                value = archive[key]
            except ValueError as error:
                if "allow_pickle" not in str(error):
                    raise CheckpointError(f"{path} is damaged: its array {key} is cut off or no array") from error
                entries[key] = None  # a pickled None, as Chainer writes it; anything else is no weight either
            except (OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
                raise CheckpointError(f"{path} is damaged: its array {key} can't be read") from error
            else:
                entries[key] = _native(value) if value.dtype.kind in _NUMBERS else None
    return entries


def _native(array: Array) -> Array:
    """The array in this machine's order of bytes."""
    return np.asarray(array, array.dtype.newbyteorder("="))


def _read_hdf5(path: Path) -> dict[str, Array | None]:
    try:
        h5py = import_module("h5py")
    except ImportError:
        advice = "install h5py, or save the model with chainer.serializers.save_npz"
        raise CheckpointError(f"{path} is an HDF5 file, and h5py is not installed: {advice}") from None
    entries: dict[str, Array | None] = {}

    def note(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and item.dtype.kind in _NUMBERS:
            entries[name] = _native(np.asarray(item[()])) if item.shape is not None else None

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
