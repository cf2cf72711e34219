"""What a scenario's function is given for its tensors while it is recorded."""

from collections.abc import Callable
from typing import NoReturn

from harness.errors import InputError

OPERATORS = {"matmul": "matmul", "add": "add"}
"""Python's operators that have an op."""
QUIET = ("eq", "ne", "array", "array_ufunc")
"""Special methods that Python and NumPy would otherwise handle for any object, without an error."""

ONLY_OPS = "a scenario's tensors only go through ops, such as op.matmul(x, w); `lockstep list` names them"


class Handle:
    """Stands for a tensor while a scenario's function is recorded: a name and a shape, no numbers."""

    def __init__(self, name: str, shape: tuple[int, ...], made_by: str | None = None) -> None:
        self.name = name
        self.shape = shape
        self.made_by = made_by
        """The op whose only output this is."""

    def __repr__(self) -> str:
        return f"{self.name} {self.shape}"

    def __bool__(self) -> bool:
        raise InputError(f"{self.name} has no value while the scenario is recorded; only its shape is known")

    def __len__(self) -> int:
        raise InputError(f"{self.name} has shape {self.shape}; its length is {self.name}.shape[0]")

    def __iter__(self) -> NoReturn:
        one = f"op.{self.made_by} gives one tensor, {self!r}" if self.made_by else f"{self!r} is one tensor"
        raise InputError(f"{one}; it can't be unpacked or looped over")

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        raise InputError(f"{self.name}.{name}: {ONLY_OPS}")

    __hash__ = object.__hash__


def _refuse(special: str, op: str | None) -> Callable[..., NoReturn]:
    def refuse(self: Handle, *others: object, **settings: object) -> NoReturn:
        if op is None:
            raise InputError(ONLY_OPS)
        first, *rest = (self, *others) if not special.startswith("__r") else (*others, self)
        arguments = ", ".join(item.name if isinstance(item, Handle) else repr(item) for item in (first, *rest))
        raise InputError(f"a scenario's tensors only go through ops; write op.{op}({arguments})")

    return refuse


for _name, _op in OPERATORS.items():
    for _special in (f"__{_name}__", f"__r{_name}__"):
        setattr(Handle, _special, _refuse(_special, _op))
for _name in QUIET:
    setattr(Handle, f"__{_name}__", _refuse(f"__{_name}__", None))
