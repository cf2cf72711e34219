"""Reads what PyTorch saved: a `state_dict`, on its own or among other things, and an optimizer's."""

import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backends.checkpoints.checkpoint import Checkpoint, CheckpointError
from backends.checkpoints.torch_optimizers import TorchOptimizer, optimizers_in
from backends.layouts.transformations import Array


def read_pickle(path: Path, model: str | None = None) -> Checkpoint:
    """The weights, and the optimizer if there is one. No code in the file is run.

    `model` names one of several `state_dict`s in it. Raises CheckpointError.
    """
    loaded = _load(path)
    dicts = {"": loaded} if _is_state(loaded) else {}
    if isinstance(loaded, dict) and not dicts:
        dicts = {str(name): value for name, value in loaded.items() if _is_state(value)}
    if not dicts:
        raise CheckpointError(f"{path} holds no state_dict; save one, model.state_dict()")
    names = ", ".join(dicts)
    if model is not None and model not in dicts:
        holds = f"the state_dicts {names}" if names else "one state_dict without a name"
        raise CheckpointError(f"{path} holds {holds}, and no model {model!r}: choose with --model, or leave it out")
    if model is None and len(dicts) > 1:
        raise CheckpointError(f"{path} holds {len(dicts)} state_dicts ({names}): name one with --model")
    state = dicts[model] if model is not None else next(iter(dicts.values()))
    optimizers = optimizers_in(loaded)
    only = next(iter(optimizers.values())) if len(optimizers) == 1 else None
    return Checkpoint("torch", _arrays(path, state), shared=_shared(state), torch_optimizer=only)


def read_optimizer(path: Path) -> TorchOptimizer:
    """The one optimizer in a file of PyTorch's. Raises CheckpointError."""
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise CheckpointError(f"can't read {path}: {error.strerror}") from error
    optimizers = optimizers_in(_load(path))
    if len(optimizers) != 1:
        found = f"{len(optimizers)} optimizers ({', '.join(optimizers)})" if optimizers else "no optimizer"
        raise CheckpointError(f"{path} holds {found}; save one, optimizer.state_dict()")
    return next(iter(optimizers.values()))


def _load(path: Path) -> Any:
    import torch

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # says of TorchScript what is said below
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        # PyTorch's own message advises to run the code in the file.
        raise CheckpointError(
            f"{path} is no file of weights, or holds more than that; save model.state_dict(), not the model"
        ) from error
    except Exception as error:  # a file of anything else can fail in any way
        if "TorchScript" in str(error):
            raise CheckpointError(f"{path} is a TorchScript archive: save the state_dict() of its module") from error
        raise CheckpointError(
            f"{path} can't be read as a file of PyTorch's; it is another kind of file, or damaged"
        ) from error


def _arrays(path: Path, state: Mapping[str, Any]) -> dict[str, Array]:
    arrays = {}
    for name, tensor in state.items():
        if tensor.is_meta or str(tensor.layout) != "torch.strided":
            kind = "meta" if tensor.is_meta else "sparse"
            raise CheckpointError(f"{path}: {name} is a {kind} tensor; only plain ones are converted")
        try:
            arrays[str(name)] = tensor.detach().contiguous().numpy()
        except TypeError as error:
            advice = "save model.float().state_dict()" if tensor.dtype.is_floating_point else "convert it first"
            raise CheckpointError(f"{path}: {name} is {tensor.dtype}, which NumPy doesn't have; {advice}") from error
    return arrays


def _shared(state: Mapping[str, Any]) -> dict[str, str]:
    """The names of tensors that are, all of them, in the memory of one that was named before."""
    first: dict[tuple[object, ...], str] = {}
    shared = {}
    for name, tensor in state.items():
        place = (tensor.data_ptr(), tuple(tensor.shape), tuple(tensor.stride()), tensor.dtype)
        if tensor.numel() and place in first:
            shared[str(name)] = first[place]
        else:
            first[place] = str(name)
    return shared


def _is_state(value: object) -> bool:
    import torch

    return isinstance(value, dict) and bool(value) and all(isinstance(one, torch.Tensor) for one in value.values())
