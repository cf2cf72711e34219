"""What a file holds of an optimizer of PyTorch's: its `state_dict`, read without either framework's optimizers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from backends.layouts.transformations import Array


@dataclass(frozen=True)
class ParameterGroup:
    """Weights that are trained with the same settings."""

    settings: Mapping[str, object]
    """By PyTorch's names; `betas` are beta1 and beta2."""
    weights: tuple[int | str, ...]
    """The keys of the weights' states."""
    names: tuple[str, ...] = ()
    """The weights' names, where the optimizer was made of `model.named_parameters()`."""


@dataclass(frozen=True)
class TorchOptimizer:
    """The state of an optimizer."""

    groups: tuple[ParameterGroup, ...]
    states: Mapping[int | str, Mapping[str, Array]]
    """What it keeps of each weight; nothing of a weight that never had a gradient."""


def optimizers_in(loaded: object) -> dict[str, TorchOptimizer]:
    """All optimizers in what was saved: on its own, or among other things, by their names there."""
    return {name: _read(state_dict) for name, state_dict in _candidates(loaded)}


def _candidates(loaded: object) -> Iterator[tuple[str, dict[str, Any]]]:
    if not isinstance(loaded, dict):
        return
    if _is_optimizer(loaded):
        yield "", loaded
        return
    for name, value in loaded.items():
        for number, one in enumerate(value) if isinstance(value, list) else [("", value)]:
            if _is_optimizer(one):
                yield f"{name}{f'[{number}]' if isinstance(value, list) else ''}", one


def _is_optimizer(value: object) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("state"), dict)
        and isinstance(value.get("param_groups"), list)
        and all(isinstance(group, dict) and "params" in group for group in value["param_groups"])
    )


def _read(state_dict: dict[str, Any]) -> TorchOptimizer:
    groups = tuple(
        ParameterGroup(_settings(group), tuple(group["params"]), tuple(map(str, group.get("param_names") or ())))
        for group in state_dict["param_groups"]
    )
    states = {
        key: {str(name): _array(value) for name, value in kept.items() if value is not None}
        for key, kept in state_dict["state"].items()
        if isinstance(kept, dict)
    }
    return TorchOptimizer(groups, states)


def _settings(group: Mapping[str, Any]) -> dict[str, object]:
    settings = {str(name): value for name, value in group.items() if name not in ("params", "param_names", "betas")}
    if len(group.get("betas") or ()) == 2:
        settings["beta1"], settings["beta2"] = group["betas"]
    return {name: value.item() if hasattr(value, "item") else value for name, value in settings.items()}


def _array(value: Any) -> Array:
    """A tensor's numbers; those of a dtype that NumPy doesn't have are read as float32, which holds them exactly."""
    if not hasattr(value, "detach"):
        return np.asarray(value)
    tensor = value.detach().cpu()
    return np.asarray((tensor.float() if str(tensor.dtype) == "torch.bfloat16" else tensor).numpy())
