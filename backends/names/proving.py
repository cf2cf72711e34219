"""Runs the expressions of a line in float64: values and gradients, or the weights after several updates."""

import inspect
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
import torch

from backends.compatibility.chainer import import_chainer
from backends.contract import Array
from backends.differences.running import (
    Result,
    chainer_expression,
    chainer_trajectory,
    least_squares,
    torch_expression,
    torch_trajectory,
)
from backends.names import optimizer_rules
from backends.names.correspondence import KINDS, MODULES, Correspondence

chainer = import_chainer()

Version = Literal["chainer", "torch", "naive"]
IN_CHAINER = {
    "chainer": chainer,
    "F": chainer.functions,
    "L": chainer.links,
    "optimizers": chainer.optimizers,
    "optimizer_hooks": chainer.optimizer_hooks,
    "np": np,
}
IN_TORCH = {"torch": torch, "nn": torch.nn, "np": np, "optimizer_rules": optimizer_rules}


def run(line: Correspondence, version: Version, variant: int = 0) -> Result:
    """Run one of the expressions in float64, on inputs that depend on the variant only.

    Returns values and the gradients of all floating-point inputs and weights, by description; for optimizers and hooks
    the weights after each of ten updates.
    """
    is_function_of_weights = line.kind == "function" and line.weights is not None
    in_chainer = line.use[0] if is_function_of_weights else line.chainer
    code = {"chainer": in_chainer, "torch": line.torch, "naive": line.naive or ""}[version]
    random = np.random.RandomState(variant)
    if line.kind in ("optimizer", "hook"):
        return _trajectory(line, code, version, least_squares(random))
    arrays = line.draw(random, variant)
    function = _function(code, IN_CHAINER if version == "chainer" else IN_TORCH)
    if line.kind == "link":
        with chainer.using_config("dtype", np.dtype("float64")):
            arrays |= _weights(_evaluated(line.chainer, IN_CHAINER), random, is_whole=line.is_whole)
        if version == "chainer":
            function = _of_link(line)
    if version != "chainer" and line.weights is not None:
        function = _of_module(line, code)
    named = _with_parameters(function, list(arrays))
    with chainer.using_config("train", line.training), warnings.catch_warnings():
        warnings.simplefilter("ignore", chainer.warnings.PerformanceWarning)  # erfc and ndtr are slow without SciPy
        warnings.simplefilter("ignore", DeprecationWarning)  # some public names have been deprecated for years
        return (chainer_expression if version == "chainer" else torch_expression)(named, list(arrays.values()))


def public_names() -> dict[str, list[str]]:
    """Chainer's public functions, links, optimizers and hooks as the installed package has them, by kind."""
    names: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for module_name, kind in MODULES.items():
        module = getattr(chainer, module_name.partition(".")[2])
        is_wanted: Callable[[object], bool] = callable if kind == "function" else inspect.isclass
        names[kind] = [
            f"{module_name}.{name}"
            for name in sorted(dir(module))
            if not name.startswith("_") and is_wanted(getattr(module, name))
        ]
    return names


def _function(code: str, namespace: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], Any]:
    return lambda named: _evaluated(code, {**namespace, **named})


def _evaluated(code: str, namespace: Mapping[str, Any]) -> Any:
    return eval(code, dict(namespace))  # the table's own expressions, never a user's


def _with_parameters(function: Callable[[Mapping[str, Any]], Any], names: list[str]) -> Callable[..., Any]:
    """A function of as many arguments as there are names, as `chainer_expression` takes it."""

    def named(*arguments: Any) -> Any:
        return function(dict(zip(names, arguments, strict=True)))

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    vars(named)["__signature__"] = inspect.Signature([inspect.Parameter(name, kind) for name in names])
    return named


def _weights(link: Any, random: np.random.RandomState, *, is_whole: bool) -> dict[str, Array]:
    """The weights of a link, drawn at random; whole numbers in float32 for links that have no float64."""
    if is_whole:
        return {
            _name(path): random.randint(-4, 5, w.shape).astype(np.float32) for path, w in sorted(link.namedparams())
        }
    return {_name(path): np.asarray(random.randn(*weight.shape)) * 0.5 for path, weight in sorted(link.namedparams())}


def _name(path: str) -> str:
    """What expressions call a weight of a link: `layer0_w1` for the path /0/w1."""
    return "_".join(f"layer{part}" if part.isdigit() else part for part in path[1:].split("/"))


def _of_link(line: Correspondence) -> Callable[[Mapping[str, Any]], Any]:
    """Makes the link and puts the weights that it is given in the place of its own."""

    def function(named: Mapping[str, Any]) -> Any:
        link = _evaluated(line.chainer, IN_CHAINER)
        given = {id(weight): named[_name(path)] for path, weight in link.namedparams()}
        for lists in ("ws", "bs"):  # where links of several steps keep their weights once more
            if lists in vars(link):
                setattr(link, lists, [[given[id(weight)] for weight in layer] for layer in getattr(link, lists)])
        for path, _ in list(link.namedparams()):
            *owners, attribute = path[1:].split("/")
            owner = link
            for name in owners:
                owner = owner[int(name)] if name.isdigit() else getattr(owner, name)
            setattr(owner, attribute, named[_name(path)])
        return _evaluated(line.use[0], {**IN_CHAINER, **named, "link": link})

    return function


def _of_module(line: Correspondence, code: str) -> Callable[[Mapping[str, Any]], Any]:
    """Makes the module and runs it with the weights that Chainer's become."""
    assert line.weights is not None
    expressions = line.weights

    def function(named: Mapping[str, Any]) -> Any:
        module = _evaluated(code, IN_TORCH)
        weights = {name: _evaluated(text, {**IN_TORCH, **named}) for name, text in expressions.items()}
        if missing := {name for name, _ in module.named_parameters()} ^ weights.keys():
            raise ValueError(f"{code}: these weights are not mapped, or no weights: {', '.join(sorted(missing))}")

        def call(*inputs: Any) -> Any:
            return torch.func.functional_call(module, weights, inputs)

        return _evaluated(line.use[1], {**IN_TORCH, **named, "module": call, "state": module})

    return function


def _trajectory(line: Correspondence, code: str, version: Version, arrays: tuple[Array, ...]) -> Result:
    if version == "chainer":

        def in_chainer(model: Any) -> Any:
            made = _evaluated(code, IN_CHAINER)
            optimizer = made if line.kind == "optimizer" else chainer.optimizers.SGD(lr=0.05)
            optimizer.setup(model)
            if line.kind == "hook":
                optimizer.add_hook(made)
            return optimizer

        return chainer_trajectory(in_chainer, arrays)

    def in_torch(params: Any) -> Any:
        if line.kind == "optimizer":
            return _evaluated(code, {**IN_TORCH, "params": params})
        optimizer = torch.optim.SGD(params, lr=0.05)

        def before_a_step(*ignored: object) -> None:
            _evaluated(code, {**IN_TORCH, "params": params})

        optimizer.register_step_pre_hook(before_a_step)
        return optimizer

    return torch_trajectory(in_torch, arrays)
