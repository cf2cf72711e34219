"""A random program as the file that defines it: what runs is what a finding is written down as."""

import hashlib
import linecache
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from textwrap import wrap
from typing import Any

import scenarios
from harness.fuzzing.draft import DraftedCall
from harness.fuzzing.numbers import ROWS
from scenarios import Scenario

LENGTH = 8
"""The hexadecimal digits of a program's name."""
WIDTH = 110
"""Of a remark's lines."""
PLACE = "{name}"
"""Stands in a text for the name of the program."""


@dataclass(frozen=True)
class Source:
    """A random program: the text of a scenario, with places for its name and for the number of rows of its data."""

    text: str
    """Without the lines that import what it uses."""
    calls: int
    rows: int | None = None
    """How many rows of data there are where they are dealt in batches."""
    fewer_rows: int | None = None
    """How many rows are to be tried first: so many that the last batch is smaller, which not every program takes."""

    def with_fewer_rows(self) -> "Source":
        """The same program on fewer rows of data."""
        return replace(self, rows=self.fewer_rows, fewer_rows=None)

    @property
    def name(self) -> str:
        """`fuzz_` and a hash of what it computes."""
        return f"fuzz_{hashlib.sha256(self._text.encode()).hexdigest()[:LENGTH]}"

    @property
    def size(self) -> tuple[int, int]:
        """How large it is, to be compared: its calls, and the length of its text."""
        return self.calls, len(self.text)

    @property
    def _text(self) -> str:
        return self.text.replace(ROWS, str(self.rows))

    def file(self, remark: str = "") -> str:
        """The text of a file that stands alone, with a remark on top of it."""
        body = self._text.replace(PLACE, self.name)
        used = sorted(name for name in scenarios.__all__ if re.search(rf"\b{name}\(", body))
        numpy = "import numpy as np\n\n" if "np." in body else ""
        remarks = "".join(f"# {line}\n" for line in wrap(remark, WIDTH)) + "\n" * bool(remark)
        return f"{remarks}{numpy}from scenarios import {', '.join(used)}\n\n\n{body}"

    def scenario(self) -> Scenario:
        """Run the file and return its scenario. Its source can be read by `inspect.getsource`, as that of a file."""
        text = self.file()
        file = f"<{self.name}>"
        # Without a time of change, the lines stay in the cache; there is one program at a time.
        linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
        namespace: dict[str, Any] = {"__name__": self.name}
        exec(compile(text, file, "exec"), namespace)
        made = namespace[self.name]
        assert isinstance(made, Scenario)
        return made

    def forget(self) -> None:
        """Forget its lines, of which there would be as many as programs."""
        linecache.cache.pop(f"<{self.name}>", None)


def source_of(
    draws: Mapping[str, str],
    calls: Sequence[DraftedCall],
    loss: str,
    carried: Mapping[str, str],
    arguments: Mapping[str, str],
    rows: int | None,
    fewer_rows: int | None,
) -> Source:
    """The text of a scenario that draws these tensors, makes these calls and is trained as the arguments say."""
    lines = ["@scenario(", *(f"    {name}={text}," for name, text in {**arguments, **draws}.items()), ")"]
    lines.append(f"def {PLACE}({', '.join(['op', *draws])}):")
    for call in calls:
        given = [*call.inputs, *(f"{name}={value!r}" for name, value in call.settings.items())]
        lines.append(f"    {', '.join(call.outputs)} = op.{call.op}({', '.join(given)})")
    state = ", ".join(f'"{name}": {value}' for name, value in carried.items())
    lines.append(f"    return {loss}, {{{state}}}" if carried else f"    return {loss}")
    return Source("\n".join(lines) + "\n", len(calls), rows, fewer_rows)
