"""The state of an optimizer of PyTorch's as that of Chainer's for the converted weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from backends.checkpoints.checkpoint import Checkpoint
from backends.checkpoints.models import LiveModel
from backends.checkpoints.optimizers import UPDATE_RULES, UpdateRule, in_chainer
from backends.checkpoints.torch_optimizers import ParameterGroup, TorchOptimizer
from backends.contract import Array
from harness.converting.conversion import Conversion
from harness.converting.pairing import Pair
from harness.errors import InputError

_BUFFERS = ("running_mean", "running_var", "num_batches_tracked")
_STEP = "step"
_NEW_SETTINGS = {"maximize"}
"""Settings that optimizers of older releases of PyTorch have not."""


@dataclass
class StatesForChainer:
    """What Chainer's optimizer is given."""

    states: dict[str, dict[str, Array]] = field(default_factory=dict)
    """What it keeps of each weight, and `t`, how often the weight was updated."""
    notes: list[str] = field(default_factory=list)
    """The optimizer to write, and what was rounded or left."""


@dataclass(frozen=True)
class _Weight:
    """A weight of the file, as its optimizer knows it."""

    states: Mapping[str, Array]
    group: ParameterGroup


def convert_optimizer_to_chainer(
    checkpoint: Checkpoint,
    conversion: Conversion,
    rule_name: str,
    model: LiveModel,
    original: LiveModel | None = None,
) -> StatesForChainer:
    """The states of all weights that were converted; those that were never updated start anew.

    `original` is the model that the file is of, which knows its parameters' order. Raises InputError where the file has
    no state, one of another rule, settings that Chainer's rule doesn't have, or weights that can't be told apart.
    """
    rule = UPDATE_RULES[rule_name]
    optimizer = checkpoint.torch_optimizer
    if optimizer is None:
        raise InputError(
            "the file holds no optimizer's state, or several: save optimizer.state_dict() beside the model's, or name "
            "the file that it is in with --optimizer-file"
        )
    _check_rule(optimizer, rule_name, rule)
    weights = _named_weights(optimizer, checkpoint, original)
    result = StatesForChainer(notes=_settings(optimizer, rule_name, rule, weights))
    for pair in conversion.pairs:
        _convert_layer(result, pair, weights, rule)
    for key, target in conversion.copied.items():
        if key in weights:
            kept = weights[key]
            result.states[target] = {
                state: _scaled(kept.states[name], kept.group, rule)
                for state, name in rule.states.items()
                if name in kept.states
            } | {"t": _steps([kept])}
    _start_the_rest(result, conversion, model, rule)
    return result


def _check_rule(optimizer: TorchOptimizer, rule_name: str, rule: UpdateRule) -> None:
    """Raise InputError unless the optimizer keeps just the states of this rule, and has no setting of its own."""
    if not any(group.weights for group in optimizer.groups):
        raise InputError("the file's optimizer has no weights")
    for group in optimizer.groups:
        missing = {*rule.settings.values(), *rule.fixed} - group.settings.keys() - _NEW_SETTINGS
        if missing:
            raise InputError(
                f"--optimizer {rule_name}: the file's optimizer has no setting {', '.join(sorted(missing))}, so it is "
                "of another rule"
            )
    found = {name for kept in optimizer.states.values() for name in kept} - {_STEP}
    if found != set(rule.states.values()):
        fitting = [name for name, other in UPDATE_RULES.items() if found == set(other.states.values())]
        if not found:
            raise InputError(
                f"--optimizer {rule_name}: the file's optimizer keeps nothing of any weight: it has made no update, "
                "or is another one"
            )
        kept = ", ".join(sorted(found))
        advice = f"as {' and '.join(fitting)} would" if fitting else "which no rule of Chainer's does"
        raise InputError(f"--optimizer {rule_name}: the file's optimizer keeps {kept} of each weight, {advice}")
    for group in optimizer.groups:
        for setting, value in rule.fixed.items():
            if group.settings.get(setting, value) != value:
                raise InputError(
                    f"--optimizer {rule_name}: the file's optimizer has {setting}={group.settings[setting]}, and "
                    f"Chainer's {rule.name} is like PyTorch's with {setting}={value} only"
                )
        if rule.holds_lr and not group.settings["lr"]:
            raise InputError(f"--optimizer {rule_name}: the learning rate of the file's optimizer is 0")


def _named_weights(optimizer: TorchOptimizer, checkpoint: Checkpoint, original: LiveModel | None) -> dict[str, _Weight]:
    """The weights of all groups by their names in the file. Raises InputError where these aren't known."""
    keys = [(key, group) for group in optimizer.groups for key in group.weights]
    names = [name for group in optimizer.groups for name in group.names]
    if len(names) != len(keys):
        names = [str(key) for key, _ in keys]
        if not all(isinstance(key, str) for key, _ in keys):
            names = list(_in_order(optimizer, checkpoint, original, len(keys)))
    weights = {
        name: _Weight(optimizer.states.get(key, {}), group) for name, (key, group) in zip(names, keys, strict=True)
    }
    weights |= {name: weights[first] for name, first in checkpoint.shared.items() if first in weights}
    for name, weight in weights.items():
        if name not in checkpoint.arrays:
            raise InputError(f"the optimizer has a weight {name}, which the file hasn't: they are of two models")
        shape = checkpoint.arrays[name].shape
        for state, array in weight.states.items():
            if state != _STEP and array.shape != shape:
                raise InputError(
                    f"the optimizer's {state} of {name} has shape {array.shape}, and the weight {shape}: the two are "
                    "of different models, or the optimizer was not made of model.parameters(). One that is made of "
                    "model.named_parameters() says which weight is which"
                )
    return weights


def _in_order(
    optimizer: TorchOptimizer, checkpoint: Checkpoint, original: LiveModel | None, wanted: int
) -> Sequence[str]:
    """The names of the weights in the order of `model.parameters()`."""
    advice = "make it of model.named_parameters(), which says their names"
    if len(optimizer.groups) > 1:
        raise InputError(f"the file's optimizer has {len(optimizer.groups)} groups of weights without names: {advice}")
    if original is not None:
        names = original.parameters()
    else:
        names = [
            key
            for key, array in checkpoint.arrays.items()
            if key.rpartition(".")[2] not in _BUFFERS and array.dtype.kind == "f" and key not in checkpoint.shared
        ]
    if len(names) != wanted:
        of_model = "" if original is not None else ", or name the model that the file is of with --check"
        raise InputError(
            f"the file's optimizer has {wanted} weights and its model {len(names)}, so which is which isn't known: "
            f"{advice}{of_model}"
        )
    return names


def _settings(optimizer: TorchOptimizer, rule_name: str, rule: UpdateRule, weights: Mapping[str, _Weight]) -> list[str]:
    """The optimizers to write in Chainer, one for each way in which groups are set."""
    written: dict[str, list[str]] = {}
    for name, weight in weights.items():
        written.setdefault(in_chainer(rule, weight.group.settings), []).append(name)
    if len(written) == 1:
        return [f"{rule_name}: in Chainer, {next(iter(written))}"]
    return [
        f"{rule_name}: in Chainer, {optimizer_of} by update_rule.hyperparam for {', '.join(names)}"
        for optimizer_of, names in written.items()
    ]


def _convert_layer(result: StatesForChainer, pair: Pair, weights: Mapping[str, _Weight], rule: UpdateRule) -> None:
    known = {name: weights[key] for name, key in pair.source.keys.items() if key in weights}
    steps = _steps(list(known.values()), pair.source.path)
    for state, other in rule.states.items():
        kept = {
            name: _scaled(weight.states[other], weight.group, rule)
            for name, weight in known.items()
            if other in weight.states
        }
        converted = pair.layout.gradients_to_chainer(kept)
        returned = pair.layout.gradients_to_torch(converted)
        for name, array in kept.items():
            if name in returned and not np.array_equal(array, returned[name]):
                off = np.max(np.abs(array - returned[name])) / np.max(np.abs(returned[name]))
                result.notes.append(
                    f"{pair.source.path}: {other} of {name} is off from that of the other bias by {off:.2g} of its "
                    f"largest element, and {pair.target.path} has only one"
                )
        for name, array in converted.items():
            result.states.setdefault(pair.target.keys[name], {"t": steps})[state] = array
    if not rule.states:
        result.states |= {key: {"t": steps} for key in pair.target.keys.values()}


def _scaled(array: Array, group: ParameterGroup, rule: UpdateRule) -> Array:
    lr = float(str(group.settings["lr"])) if rule.holds_lr else 0.0
    return np.asarray(array * array.dtype.type(-lr), array.dtype) if rule.holds_lr else array


def _steps(weights: Sequence[_Weight], path: str = "") -> Array:
    """How often weights of one layer were updated; 0 where PyTorch doesn't count."""
    steps = {int(weight.states[_STEP]) for weight in weights if _STEP in weight.states}
    if len(steps) > 1:
        raise InputError(f"the weights of {path} were not updated equally often, and Chainer's are not the same ones")
    return np.array(next(iter(steps), 0))


def _start_the_rest(result: StatesForChainer, conversion: Conversion, model: LiveModel, rule: UpdateRule) -> None:
    """Zeros for every parameter without a state, as an optimizer starts; what is no parameter has none."""
    parameters = [name for name in model.parameters() if name in conversion.arrays]
    started = {
        name: {"t": np.array(0), **{state: np.zeros_like(conversion.arrays[name]) for state in rule.states}}
        for name in parameters
    }
    if rule.states and (missing := [name for name in parameters if name not in result.states]):
        result.notes.append(f"never updated, so its state starts at 0: {', '.join(missing)}")
    result.states = {name: result.states.get(name, started[name]) for name in parameters}
