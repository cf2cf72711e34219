"""What a mutant is: a copy of a backend with one realistic mistake in it, written down as a difference of text."""

import ast
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from types import ModuleType
from typing import Any

from backends.contract import Step
from backends.patching import PatchError, replace_once

DTYPES = ("float32", "float64")


@dataclass(frozen=True)
class Training:
    """The scenario that a mutant trains on, by its name; None leaves its epochs or its settings as they are."""

    scenario: str
    epochs: int | None = None
    settings: Mapping[str, float] | None = None


@dataclass(frozen=True)
class Mutant:
    """One mistake in one function of a backend, and where an exact location has to point."""

    name: str
    mistake: str
    training: Training
    """A training that shows the mistake."""
    location: tuple[str, str]
    """The op or rule and the phase of the first tensor that comes out wrong, as ("relu", "backward")."""
    function: str
    """The function of the backend that is changed: that op, or what it calls, the training loop or its tape."""
    change: Mapping[str, str]
    """Texts in that function, each of which stands there once, and what the mutant has instead."""
    backend: str = "numpy"
    """The built-in backend that this is a copy of."""
    family: str = ""
    is_silent: bool = False
    """Whether it yields no tensors between the data and the loss, as a gradient of the whole network does not."""
    dtypes: tuple[str, ...] = DTYPES
    """Where it is a mistake: float32 inside an op is none in a float32 run."""
    cause: str = ""
    """What a report should name, judged from what is changed: a part of the clause that names it, in which … stands for
    any text. Empty where a report has no words for the mistake, such as labels in another order: then whatever it names
    is wrong."""

    def build(self, backend: ModuleType) -> ModuleType:
        """Execute the changed file of the backend, and take the rest of the backend as it is.

        Raises PatchError where a text to change does not stand in the function exactly once.
        """
        file = _file_with(self.function, backend)
        function = inspect.getsource(getattr(file, self.function))
        changed = replace_once(_without_docstring(function), self.change.items(), f"the code of {self.function}")
        source = replace_once(inspect.getsource(file), [(function, changed)], file.__name__)
        mutant = ModuleType(f"mutant_{self.name}")
        mutant.__dict__.update({name: value for name, value in vars(backend).items() if not name.startswith("__")})
        exec(compile(source, f"<mutant {self.name}>", "exec"), mutant.__dict__)
        if self.is_silent:
            mutant.__dict__["train"] = _silent(mutant.__dict__["train"])
        return mutant


def _silent(train: Callable[..., Iterator[Step]]) -> Callable[..., Iterator[Step]]:
    """A `train` that is never asked to trace."""

    def silent(*arguments: Any, trace: bool = False) -> Iterator[Step]:
        yield from train(*arguments)

    return silent


def family(name: str, *mutants: Mutant, backend: str = "numpy") -> tuple[Mutant, ...]:
    """Mutants of one kind, all of one backend."""
    return tuple(replace(mutant, family=name, backend=backend) for mutant in mutants)


def _file_with(function: str, backend: ModuleType) -> ModuleType:
    """The module of a backend in which a function is written, also a private one."""
    for file in pkgutil.walk_packages(backend.__path__, f"{backend.__name__}."):
        module = import_module(file.name)
        if getattr(vars(module).get(function), "__module__", None) == module.__name__:
            return module
    raise PatchError(f"{backend.__name__} has no function {function}")


def _without_docstring(function: str) -> str:
    """The source of a function or a class without its docstring, whose formulas read like code."""
    definition = ast.parse(function).body[0]
    assert isinstance(definition, ast.FunctionDef | ast.ClassDef)
    if ast.get_docstring(definition) is None:
        return function
    docstring = definition.body[0]
    lines = function.splitlines(keepends=True)
    return "".join([*lines[: docstring.lineno - 1], *lines[docstring.end_lineno :]])
