"""The settings of PyTorch's parameter groups, by the names that they have in scenarios."""

from typing import Any

BETAS = {"beta1": 0, "beta2": 1}
OTHER_NAMES = {"rate": "weight_decay"}


def setting_of(group: dict[str, Any], setting: str) -> float:
    """The value of a setting."""
    if setting in BETAS and "betas" in group:
        return float(group["betas"][BETAS[setting]])
    return float(group[OTHER_NAMES.get(setting, setting)])


def change_setting(group: dict[str, Any], setting: str, value: float) -> None:
    """Give a setting another value."""
    if setting in BETAS and "betas" in group:
        betas = [*group["betas"]]
        betas[BETAS[setting]] = value
        group["betas"] = tuple(betas)
    else:
        group[OTHER_NAMES.get(setting, setting)] = value
