"""The docstring of a hand-written op in its parts: the equation, the details, and why its gradients are what they are.

The derivation stands at the end, under `Why:`, in index notation. First the forward, element by element, and names for
its parts; then for each input its gradient as a sum over indices, from the chain rule on; how the shapes go together;
and the line of NumPy that computes it:

    y[n,h] = Σ_d x[n,d]·w[d,h]
    ∂L/∂x[n,d] = Σ_h ∂L/∂y[n,h]·∂y[n,h]/∂x[n,d] = Σ_h ∂L/∂y[n,h]·w[d,h]
    (N, H)·(H, D) → (N, D)
    grad_x = grad_y @ w.T

A line that begins with `=`, `+` or `−` goes on with the one before. A derivation may be about one case of several, and
then begins with it: `axis = 0`, `index ≥ 0`, `equation = "ij,jk->ik"`.
"""

import inspect
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

HEADING = "Why:"
LineKind = Literal["case", "indices", "shapes", "matrix"]
CASE = re.compile(r'[a-z]\w* [=<>≤≥] (?:\d+|\(\d+, \d+\)|"[^"]+")')
MATRIX = re.compile(r"grad_(\w+) = ")


@dataclass(frozen=True)
class DerivationLine:
    """A line of a derivation: the case that it is about, an equation with indices, shapes, or the matrices of NumPy."""

    kind: LineKind
    text: str

    @property
    def sides(self) -> tuple[str, ...]:
        """What stands between the equals signs; one in brackets is a comparison."""
        sides, depth = [""], 0
        for i, letter in enumerate(self.text):
            depth += {"[": 1, "(": 1, "]": -1, ")": -1}.get(letter, 0)
            if letter == "=" and not depth and self.text[i - 1 : i + 2] == " = ":
                sides.append("")
            else:
                sides[-1] += letter
        return tuple(map(str.strip, sides))


@dataclass(frozen=True)
class GradientDerivation:
    """Why the gradient of one input is what it is."""

    of: str
    """The input."""
    before: tuple[DerivationLine, ...]
    """What is introduced for it; the gradients that follow may use it, too."""
    lines: tuple[DerivationLine, ...]


@dataclass(frozen=True)
class Derivation:
    """Why the gradients of an op are what they are."""

    forward: tuple[DerivationLine, ...]
    gradients: tuple[GradientDerivation, ...]

    @property
    def lines(self) -> tuple[DerivationLine, ...]:
        """All of it, in order."""
        return (*self.forward, *(line for each in self.gradients for line in (*each.before, *each.lines)))

    def of(self, name: str) -> tuple[DerivationLine, ...]:
        """All that the gradient of one input is derived from, and its own lines; nothing if it has no gradient."""
        given = list(self.forward)
        for each in self.gradients:
            given += each.before
            if each.of == name:
                return (*given, *each.lines)
        return ()


@dataclass(frozen=True)
class Documentation:
    """The docstring of an op, in parts."""

    equation: str
    """The first paragraph, on one line."""
    details: str
    """Shapes, gradients and the source of the formula, on one line."""
    derivation: Derivation | None
    """None where there is none, as for an optimizer's rule."""


def documentation(docstring: str) -> Documentation:
    """Take a docstring apart. Raises ValueError where a derivation has no form of this module."""
    text, _, why = inspect.cleandoc(docstring).partition(f"\n\n{HEADING}\n")
    equation, _, details = (" ".join(part.split()) for part in text.partition("\n\n"))
    return Documentation(equation, details, _derivation(why) if why else None)


def without_derivation(source: str) -> str:
    """Source of hand-written ops without the derivations in their docstrings."""
    return re.sub(rf"\n\n {{4}}{HEADING}\n(?: {{8}}.*\n)+", "\n", source)


def _derivation(text: str) -> Derivation:
    lines: list[DerivationLine] = []
    for line in map(str.strip, text.strip().split("\n")):
        if line.startswith(("= ", "+ ", "− ")):
            lines[-1] = DerivationLine(lines[-1].kind, f"{lines[-1].text} {line}")
        else:
            lines.append(DerivationLine(_kind(line), line))
    first = next((i for i, line in enumerate(lines) if line.text.startswith("∂")), len(lines))
    gradients = []
    block: list[DerivationLine] = []
    for derived in lines[first:]:
        block.append(derived)
        if found := MATRIX.match(derived.text):
            gradients.append(_gradient(found[1], block))
            block = []
    if block or not gradients:
        raise ValueError(f"a derivation ends with `grad_… = …`, the line of NumPy, and not with {lines[-1].text!r}")
    return Derivation(tuple(lines[:first]), tuple(gradients))


def _gradient(name: str, block: Sequence[DerivationLine]) -> GradientDerivation:
    own = (f"∂L/∂{name}[", f"∂L/∂{name} =")
    start = next((i for i, line in enumerate(block) if line.text.startswith(own)), None)
    if start is None:
        raise ValueError(f"a derivation has grad_{name}, and no line that begins with ∂L/∂{name}")
    return GradientDerivation(name, tuple(block[:start]), tuple(block[start:]))


def _kind(line: str) -> LineKind:
    if line.startswith("("):
        return "shapes"
    if CASE.fullmatch(line):
        return "case"
    return "matrix" if MATRIX.match(line) else "indices"
