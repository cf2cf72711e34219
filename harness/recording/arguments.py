"""Sorts what a scenario passes to an op into tensors and settings, and checks the settings' types."""

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np

from harness.errors import InputError
from harness.recording.handles.handle import Handle
from scenarios.language.errors import near_miss

IN_WORDS: Mapping[Any, str] = {int: "a whole number", float: "a number", bool: "True or False", NoneType: "None"}
"""What values of a type are called in messages."""


def tensors_and_settings(
    op: str, function: Callable[..., Any], arguments: tuple[Any, ...], settings: dict[str, Any]
) -> tuple[tuple[Handle, ...], dict[str, Any]]:
    """Sort a call's arguments by the op's signature, with Python's numbers for NumPy's.

    An input whose default is None is optional: it and those after it may be left out. Raises InputError for a tensor in
    the place of a setting or the other way round, for a setting that the op doesn't have, or that is of another type
    than its annotation says.
    """
    signature = inspect.signature(function)
    called = f"op.{op}{_parameters_of(signature)}"
    for name in settings:
        if not _takes(signature, name):
            raise InputError(f"{called} has no {name}{_meant(name, signature, settings)}")
    try:
        bound = signature.bind(*arguments, **settings)
    except TypeError as error:
        by_position = [value for value in arguments if not isinstance(value, Handle)]
        hint = f"; pass the setting {by_position[0]!r} by its name" if by_position else ""
        raise InputError(f"{called}: {error}{hint}") from None
    inputs = _given(called, signature, bound)
    for value in inputs:
        if not isinstance(value, Handle):
            raise InputError(f"{called} takes tensors there, not {value!r}")
    chosen = {name: _plain(value) for name, value in bound.kwargs.items()}
    types = _annotations(function)
    for name, value in chosen.items():
        if isinstance(value, Handle):
            raise InputError(f"{called}: {name} is a setting and can't be a tensor, {value!r}")
        if name in types and not _is_of(types[name], value):
            raise InputError(f"{called}: {name} must be {_in_words(types[name])}, not {value!r}")
    return inputs, chosen


def _given(called: str, signature: inspect.Signature, bound: inspect.BoundArguments) -> tuple[Any, ...]:
    """The inputs without the optional ones at the end that are left out or None. Raises InputError for a gap."""
    inputs = list(bound.args)
    by_position = [p for p in signature.parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    required = sum(p.default is p.empty for p in by_position)
    while len(inputs) > required and inputs[-1] is None:
        inputs.pop()
    optional = {p.name: bound.arguments.get(p.name) for p in by_position[required:] if p.default is None}
    left_out = ""
    for name, value in optional.items():
        if value is None:
            left_out = left_out or name
        elif left_out:
            raise InputError(f"{called}: {left_out} is left out, so {name}, which comes after it, can't be given")
    return tuple(inputs)


def _takes(signature: inspect.Signature, name: str) -> bool:
    """Whether a function has a parameter that is passed by this name."""
    parameters = signature.parameters
    by_name = {p.name for p in parameters.values() if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    return name in by_name or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def _meant(name: str, signature: inspect.Signature, given: Mapping[str, Any]) -> str:
    """What a name that is no parameter may stand for: one like it, or else the settings that are missing."""
    others = [p for p in signature.parameters.values() if p.name not in given and p.kind is not p.VAR_POSITIONAL]
    if suggestion := near_miss(name, [p.name for p in others]):
        return suggestion
    missing = [p.name for p in others if p.kind is p.KEYWORD_ONLY and p.default is p.empty]
    return f"; it needs {' and '.join(missing)}" if missing else ""


def _plain(setting: Any) -> Any:
    """The setting with Python's numbers for NumPy's: a NumPy float64 would turn a float32 run into float64."""
    if isinstance(setting, np.generic | np.ndarray):
        return setting.tolist()
    return type(setting)(map(_plain, setting)) if type(setting) in (tuple, list) else setting


@lru_cache(maxsize=1024)
def _annotations(function: Callable[..., Any]) -> Mapping[str, Any]:
    try:
        return get_type_hints(function)
    except Exception:
        return {}  # a user's annotations may name anything


def _is_of(annotation: Any, value: Any) -> bool:
    """Whether a setting is of a type. Of types other than numbers, several of them and unions, any value is."""
    if isinstance(annotation, UnionType):
        return any(_is_of(one, value) for one in get_args(annotation))
    if _is_of_several(annotation):
        return isinstance(value, tuple | list) and all(_is_of(get_args(annotation)[0], one) for one in value)
    if annotation is float:
        return _is_of(int, value) or (isinstance(value, float) and not math.isnan(value))
    if annotation is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return not isinstance(annotation, type) or annotation not in IN_WORDS or isinstance(value, annotation)


def _is_of_several(annotation: Any) -> bool:
    """Whether it is that of any number of values, such as `tuple[int, ...]` or `Sequence[float]`."""
    origin, inside = get_origin(annotation), get_args(annotation)
    is_tuple = origin is tuple and inside[1:] == (...,)
    return is_tuple or (isinstance(origin, type) and origin in (list, Sequence))


def _in_words(annotation: Any) -> str:
    if isinstance(annotation, UnionType):
        *most, last = [_in_words(one) for one in get_args(annotation)]
        return f"{', '.join(most)} or {last}"
    if _is_of_several(annotation):
        (kind, *_) = get_args(annotation)
        if _is_of_several(kind):
            return f"a tuple with {_in_words(kind)} in each place"
        return "a tuple of whole numbers" if kind is int else "a tuple of numbers"
    return IN_WORDS.get(annotation, str(annotation))


def _parameters_of(signature: inspect.Signature) -> str:
    plain = [p.replace(annotation=inspect.Parameter.empty) for p in signature.parameters.values()]
    return str(inspect.Signature(plain))
