"""The state of a Chainer optimizer, from a Trainer's snapshot, as that of PyTorch's for the converted weights."""

from collections.abc import Iterable

import numpy as np

from backends.checkpoints.checkpoint import Checkpoint
from backends.checkpoints.optimizers import UPDATE_RULES, UpdateRule
from backends.contract import Array
from harness.converting.conversion import Conversion
from harness.errors import InputError

States = dict[str, dict[str, Array]]
"""What an optimizer keeps of each weight, by the names of both."""


def convert_optimizer(checkpoint: Checkpoint, conversion: Conversion, rule_name: str, lr: float | None) -> States:
    """The states of all weights that were converted.

    Raises InputError where the file has none, or one of another rule, and where momentum lacks its learning rate.
    """
    rule = UPDATE_RULES[rule_name]
    _check(checkpoint, conversion, rule_name, rule)
    if rule.holds_lr and not lr:
        raise InputError(
            f"{rule_name}: Chainer's state holds the learning rate, and the file doesn't say it: give --lr"
        )
    states: States = {}
    for pair in conversion.pairs:
        for state, name in rule.states.items():
            kept = {weight: _kept(checkpoint, key, state) for weight, key in pair.source.keys.items()}
            part = {weight: array for weight, array in kept.items() if array is not None}
            for weight, array in pair.layout.gradients_to_torch(part).items():
                states.setdefault(pair.target.keys[weight], {})[name] = _scaled(array, rule, lr)
        steps = {int(step) for key in pair.source.keys.values() if (step := _kept(checkpoint, key, "t")) is not None}
        if len(steps) > 1:
            raise InputError(
                f"the weights of {pair.source.path} were not updated equally often, which PyTorch can't say"
            )
        _count(states, pair.target.keys.values(), steps, rule)
    for key, target in conversion.copied.items():
        kept_states = {name: _kept(checkpoint, key, state) for state, name in rule.states.items()}
        states |= {target: {name: _scaled(kept, rule, lr) for name, kept in kept_states.items() if kept is not None}}
        step = _kept(checkpoint, key, "t")
        _count(states, [target], set() if step is None else {int(step)}, rule)
    return states


def _kept(checkpoint: Checkpoint, key: str, state: str) -> Array | None:
    return checkpoint.optimizer.get(f"{key}/{state}")


def _scaled(array: Array, rule: UpdateRule, lr: float | None) -> Array:
    return np.asarray(array / array.dtype.type(-lr), array.dtype) if rule.holds_lr and lr else array


def _count(states: States, names: Iterable[str], steps: set[int], rule: UpdateRule) -> None:
    for name in names:
        if rule.counts_steps and steps and states.get(name):
            states[name]["step"] = np.array(next(iter(steps)), np.float32)


def _check(checkpoint: Checkpoint, conversion: Conversion, rule_name: str, rule: UpdateRule) -> None:
    """Raise InputError unless the file has just the states of this rule."""
    keys = [key for pair in conversion.pairs for key in pair.source.keys.values()] + [*conversion.copied]
    found = {name.rpartition("/")[2] for name in checkpoint.optimizer if name.rpartition("/")[0] in keys}
    if not found:
        raise InputError("the file holds no optimizer's state: a Trainer's snapshot does")
    if found != {"t", *rule.states}:
        fitting = [name for name, other in UPDATE_RULES.items() if found == {"t", *other.states}]
        kept = ", ".join(sorted(found - {"t"})) or "nothing"
        advice = (
            f"as {' and '.join(fitting)} would"
            if fitting
            else "which no rule does that PyTorch has with the same state"
        )
        raise InputError(f"--optimizer {rule_name}: the file's optimizer keeps {kept} of each weight, {advice}")
