"""The kinds of values that settings take, each described once for scenario files, `--set` and options.

msgspec and attrs were weighed against this: msgspec checks what it decodes, not what a user's file constructs, and to
import it takes `lockstep list` 40 ms of its 200; attrs would be a dependency for `instance_of` alone, and the words of
a message, with what would be right, would be ours to write with either.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import wraps
from keyword import iskeyword
from numbers import Integral, Real
from pathlib import Path
from types import FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

from scenarios.language.errors import ScenarioError, near_miss
from scenarios.language.files import array_file

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")
P = ParamSpec("P")

_EXACT = 2**53
"""Up to here, every whole number is exactly a float64."""

LONGEST_SHOWN = 60
"""In characters; a longer value is shown by its type."""


@dataclass(frozen=True)
class Kind(Generic[T]):
    """A kind of value: what messages call it, and how to read a value as one."""

    words: str
    read: Callable[[Any], T | None]
    """Returns the value in its plain Python type, such as int for a NumPy integer; None if it is not of this kind."""

    def checked(self, value: object, what: str, error: type[Exception] = ScenarioError) -> T:
        """Return the value in its plain Python type. Raises `error`, which names `what`, if it is not of this kind."""
        plain = self.read(value)
        if plain is None:
            raise error(f"{what} must be {self.words}, not {shown(value)}")
        return plain


def shown(value: object) -> str:
    """A value as a message shows it: short, on one line and without an address."""
    if isinstance(value, FunctionType | ModuleType):
        return f"the {type(value).__name__} {value.__name__}"
    text = repr(value)
    is_plain = len(text) <= LONGEST_SHOWN and "\n" not in text and " at 0x" not in text
    return text if is_plain else f"a {type(value).__name__}"


def instance_of(words: str, *types: type) -> Kind[Any]:
    """The kind whose values are instances of these types."""
    return Kind(words, lambda value: value if isinstance(value, types) else None)


def check_fields(instance: DataclassInstance, kinds: Mapping[str, Kind[Any]], where: str) -> None:
    """Read each of these fields of a frozen dataclass as its kind. A field whose default is None may be None."""
    for field in fields(instance):
        value = getattr(instance, field.name)
        if field.name in kinds and not (value is None and field.default is None):
            object.__setattr__(instance, field.name, kinds[field.name].checked(value, f"{where}: {field.name}"))


def checked_by_name(values: Mapping[str, Any], kind: Kind[T], where: str) -> dict[str, T]:
    """Read every value of a dict as one kind. The keys must be names that `--set NAME=VALUE` can spell."""
    return {
        NAME.checked(name, f"{where}: the key of a setting"): kind.checked(value, f"{where}: {name}")
        for name, value in values.items()
    }


def with_example(example: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Make a function refuse arguments that it does not take with a ScenarioError that shows an example call."""

    def wrap(function: Callable[P, T]) -> Callable[P, T]:
        signature = inspect.signature(function)

        @wraps(function)
        def call(*arguments: P.args, **settings: P.kwargs) -> T:
            try:
                signature.bind(*arguments, **settings)
            except TypeError as error:
                unknown = [name for name in settings if name not in signature.parameters and repr(name) in str(error)]
                meant = near_miss(unknown[0], signature.parameters) if unknown else ""
                then = f"{meant} Write" if meant else "; write"
                raise ScenarioError(f"{function.__name__}(...): {error}{then} it as {example}") from None
            return function(*arguments, **settings)

        return call

    return wrap


def _whole(least: int, most: float = math.inf) -> Callable[[Any], int | None]:
    def read(value: Any) -> int | None:
        # --set passes every number as a float, so 50.0 is whole.
        is_whole = isinstance(value, Integral) or (isinstance(value, float) and value.is_integer())
        return int(value) if is_whole and not isinstance(value, bool) and least <= value <= most else None

    return read


def _picture(value: Any) -> tuple[int, int] | None:
    if not isinstance(value, tuple | list) or len(value) != 2:
        return None
    rows, columns = map(_whole(1), value)
    return None if rows is None or columns is None else (rows, columns)


def _finite(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _number(value: Any) -> float | None:
    is_whole = isinstance(value, Integral) and not isinstance(value, bool)
    return int(value) if is_whole and abs(int(value)) <= _EXACT else _finite(value)


def _at_least_0(value: Any) -> float | None:
    number = _finite(value)
    return number if number is not None and number >= 0 else None


def _above_0(value: Any) -> float | None:
    number = _finite(value)
    return number if number is not None and number > 0 else None


def _from_0_to_below_1(value: Any) -> float | None:
    number = _finite(value)
    return number if number is not None and 0 <= number < 1 else None


def _between_0_and_1(value: Any) -> float | None:
    number = _finite(value)
    return number if number is not None and 0 < number < 1 else None


def _two_names(value: Any) -> tuple[str, str] | None:
    match value:
        case [str(scores), str(labels)]:
            return scores, labels
    return None


def _load(value: Any) -> Callable[[], Any] | None:
    if isinstance(value, str | Path):
        return array_file(str(value))
    return value if callable(value) else None


DTYPES = ("float32", "float64")

DTYPE = Kind(" or ".join(DTYPES), lambda value: value if isinstance(value, str) and value in DTYPES else None)
OK = Kind('"ok", where a unit or a gradient may stay untested', lambda value: value if value == "ok" else None)
PER = Kind(
    '"run", "epoch" or "update"', lambda v: v if isinstance(v, str) and v in ("run", "epoch", "update") else None
)
PER_OF_LOADED = Kind('"run" or "update"', lambda v: v if isinstance(v, str) and v in ("run", "update") else None)
PICTURE: Kind[tuple[int, int]] = Kind("the rows and columns of a picture, such as (8, 8)", _picture)
YES_OR_NO = instance_of("True or False", bool)
COUNT = Kind("a whole number of at least 1", _whole(1))
SEED = Kind("a whole number from 0 to 2**32 - 1", _whole(0, 2**32 - 1))
FINITE = Kind("a finite number", _finite)
NUMBER: Kind[float] = Kind("a finite number", _number)
"""Keeps whole numbers int, unlike FINITE."""
ABOVE_0 = Kind("a finite number above 0", _above_0)
AT_LEAST_0 = Kind("a finite number of at least 0", _at_least_0)
MEAN_DECAY = Kind("a number from 0 to below 1", _from_0_to_below_1)
"""The share of a running mean that is kept at each update."""
PROBABILITY = Kind("a number between 0 and 1", _between_0_and_1)


def _tensor_name(value: object) -> str | None:
    """A name of Python, or several parts with a dot between each two, as frameworks call the weights of a layer."""
    if not isinstance(value, str) or not all(value.split(".")):
        return None
    name = value.replace(".", "_")
    return value if name.isidentifier() and not iskeyword(name) else None


NAME = Kind(
    "a name",
    lambda value: value if isinstance(value, str) and value.isidentifier() and not iskeyword(value) else None,
)
TENSOR = Kind(
    "a name such as w1, block_1.w or layers.0.weight",
    _tensor_name,
)
SIZE: Kind[int | str] = Kind(
    "a whole number of at least 1 or a name that sizes= defines",
    lambda value: value if isinstance(value, str) else COUNT.read(value),
)
TWO_NAMES = Kind('the names of the scores and of the labels, such as ("scores", "t")', _two_names)
BY_NAME = Kind("a dict by name", lambda value: dict(value) if isinstance(value, Mapping) else None)
LOAD = Kind(
    'a function that returns the array, as in data(lambda: images), or a file: "weights.npy", "weights.npz:l1/W"',
    _load,
)
FUNCTION = instance_of("a function, as in def mine(op, x, w)", FunctionType, MethodType)
SAMPLER = Kind(
    "a function of an epoch's number, from 1, and the number of rows that returns the rows in the order of the epoch",
    lambda value: value if callable(value) else None,
)
