"""Names for the tensors of a captured program, as variables of a scenario's function."""

import re
from collections.abc import Collection
from keyword import iskeyword

from backends.contract import clipped_name, decayed_name, gradient_name
from backends.vocabulary import KINDS

RESERVED = {"op", "lr", *KINDS}
"""What a variable of a scenario can't be called: a variable named `relu` would hide the op where it is written out."""
OF_RESULTS = tuple(name("") for name in (gradient_name, clipped_name, decayed_name))
"""How the names of gradients begin in results."""


class Names:
    """Gives each tensor a name that no other has."""

    def __init__(self, taken: Collection[str] = ()) -> None:
        self._taken = {*taken}

    def of(self, text: str) -> str:
        """A name like a text, such as `l1_W` for `l1.W`; numbered if it is taken."""
        name = re.sub(r"\W", "_", text).strip("_") or "tensor"
        if name[0].isdigit() or iskeyword(name) or name.startswith(OF_RESULTS):
            name = f"layer_{name}"
        if name in RESERVED:
            return self.numbered(name)
        return self._take(name) if name not in self._taken else self.numbered(name, first=2)

    def numbered(self, text: str, first: int = 1) -> str:
        """A name with the first number that is free, such as `relu_1`."""
        number = first
        while f"{text}_{number}" in self._taken:
            number += 1
        return self._take(f"{text}_{number}")

    def free(self, name: str) -> None:
        """Let a name be given again."""
        self._taken.discard(name)

    def _take(self, name: str) -> str:
        self._taken.add(name)
        return name
