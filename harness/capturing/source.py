"""Writes a captured program as the source of a scenario's function."""

import linecache
from collections.abc import Callable, Mapping
from itertools import count
from types import FunctionType
from typing import Any

from harness.capturing.translated import Translated

_numbers = count(1)


def function_of(translated: Translated, name: str, docstring: str) -> Callable[..., Any]:
    """A scenario's function, with one line per op, each with the model's call behind it.

    Its source can be read like that of a file, by `inspect.getsource` and in tracebacks.
    """
    source = source_of(translated, name, docstring)
    file = f"<captured {name} {next(_numbers)}>"
    # Without a time of change, the lines stay in the cache.
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    namespace: dict[str, Any] = {"__name__": "captured"}
    exec(compile(source, file, "exec"), namespace)
    function = namespace[name]
    assert isinstance(function, FunctionType)
    return function


def source_of(translated: Translated, name: str, docstring: str) -> str:
    """The lines of the function."""
    lines = [f"def {name}({', '.join(['op', *translated.leaves])}):", f'    """{docstring}"""']
    for each in translated.calls:
        call = each.call
        arguments = [*call.inputs, *(f"{key}={value!r}" for key, value in call.settings.items())]
        lines.append(f"    {', '.join(call.outputs)} = op.{call.op}({', '.join(arguments)})  # {each.live}")
    lines.append(f"    return {_returned(translated)}")
    return "\n".join(lines) + "\n"


def _returned(translated: Translated) -> str:
    buffers: Mapping[str, str] = {name: translated.carried.get(name, name) for name in translated.of_role("buffer")}
    if not buffers:
        return translated.loss
    entries = ", ".join(f'"{name}": {value}' for name, value in buffers.items())
    return f"{translated.loss}, {{{entries}}}"
