"""Computes equations in index notation: every index is an axis of its own, and a sum is one over its axes."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from backends import special
from backends.contract import Array
from tests.backends.derivations.notation import Equation, Node

OPERATORS: Mapping[str, Callable[..., Any]] = {
    "+": np.add,
    "-": np.subtract,
    "·": np.multiply,
    "/": np.divide,
    "^": np.power,
    "negative": np.negative,
}
COMPARISONS: Mapping[str, Callable[..., Any]] = {
    "=": np.equal,
    "≠": np.not_equal,
    "<": np.less,
    ">": np.greater,
    "≤": np.less_equal,
    "≥": np.greater_equal,
}
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "sign": np.sign,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "max": np.maximum,
    "min": np.minimum,
    "σ": lambda x: 1 / (1 + np.exp(-x)),
    "Φ": lambda x: 0.5 * (1 + special.erf(x / math.sqrt(2))),
    "φ": lambda x: np.exp(-x * x / 2) / math.sqrt(2 * math.pi),
}
OVER: Mapping[str, Callable[..., Any]] = {
    "Σ": np.sum,
    "mean": np.mean,
    "max": np.max,
    "min": np.min,
    "argmax": np.argmax,
    "argmin": np.argmin,
}
CONSTANTS = {"π": math.pi}


class NotApplicable(Exception):
    """An equation is about arrays of other shapes, or with other settings."""


class Evaluation:
    """The values of equations for given arrays; what they define is kept, for those that follow.

    `results` are arrays that equations may not read, but whose shapes say how many values an index has.
    """

    def __init__(
        self,
        arrays: Mapping[str, Array],
        numbers: Mapping[str, Any],
        equations: Sequence[Equation],
        results: Mapping[str, Array],
    ) -> None:
        self.arrays = dict(arrays)
        self._shapes = {name: array.shape for name, array in {**results, **arrays}.items()}
        self._numbers = numbers
        self._letters = sorted({letter for each in equations for letter in _letters(each)})
        elements = [node for each in equations for node in each.nodes if node.kind == "element"]
        several = {part.text for node in elements if len(node.parts) > 1 for part in node.parts}
        self.flat = {letter for letter in self._letters if letter not in several}
        """The letters that may count the elements of an array of any shape."""
        self.sizes: dict[str, int] = {}
        for each in [*equations, *equations]:  # again, for what is said further down
            self._measure(each)
        missing = [letter for letter in self._letters if letter not in self.sizes]
        if missing:
            raise NotApplicable(f"nothing says how many values {', '.join(missing)} have")

    def value(self, node: Node, letters: tuple[str, ...]) -> Array:
        """An expression's values as an array with an axis for each of these letters."""
        axes = [self._letters.index(letter) for letter in letters]
        shape = tuple(self.sizes[letter] if letter in letters else 1 for letter in self._letters)
        full = np.broadcast_to(np.asarray(self._of(node), float), shape)
        rest = tuple(axis for axis in range(len(self._letters)) if axis not in axes)
        return np.array(np.transpose(full, (*axes, *rest)).reshape([self.sizes[letter] for letter in letters]))

    def define(self, left: Node, value: Array) -> None:
        """Give a name to values that later equations read."""
        self.arrays[str(left) if left.kind == "derivative" else left.text] = value

    def is_size(self, left: Node) -> bool:
        """Whether an equation says how many values an index has, as `K = window` does of k."""
        letter = left.text.lower()
        return left.kind == "name" and letter != left.text and letter in self._letters

    def size(self, node: Node) -> int:
        """A length, such as N·I·J."""
        return int(self.value(node, ()))

    def _measure(self, each: Equation) -> None:
        """Learn how many values letters have: from arrays, from `K = window`, and from what was defined before."""
        left = each.left
        if self.is_size(left):
            self.sizes[left.text.lower()] = self.size(each.right[0])
            return
        for node in each.nodes:
            if node.kind == "element" and node.text in self._shapes:
                self._measure_element(node)
        letters = letters_of(left)
        if left.kind == "element" and left.text not in self._shapes and all(name in self.sizes for name in letters):
            self._shapes[left.text] = tuple(self.sizes[name] for name in letters)

    def _measure_element(self, node: Node) -> None:
        shape = self._shapes[node.text]
        if self._is_flat(node, len(shape)):
            shape = (math.prod(shape),)
        if len(shape) != len(node.parts):
            raise NotApplicable(f"{node.text} has {len(shape)} axes")
        for part, length in zip(node.parts, shape, strict=True):
            is_letter = part.kind == "name" and part.text in self._letters
            if is_letter and self.sizes.setdefault(part.text, length) != length:
                raise NotApplicable(f"{part.text} has {length} values and {self.sizes[part.text]}")

    def _is_flat(self, node: Node, axes: int) -> bool:
        """Whether one letter counts all elements of an array."""
        return len(node.parts) == 1 and axes > 1 and node.parts[0].text in self.flat

    def _of(self, node: Node) -> Any:
        match node.kind:
            case "number":
                return float(node.text)
            case "name":
                return self._named(node.text)
            case "element":
                return self._element(node)
            case "derivative":
                return self._derivative(node)
            case "operator":
                with np.errstate(all="ignore"):
                    return OPERATORS[node.text](*map(self._of, node.parts))
            case "function":
                with np.errstate(all="ignore"):
                    return FUNCTIONS[node.text](*map(self._of, node.parts))
            case "condition":
                held: Any = True
                for each in node.parts:
                    held = held & COMPARISONS[each.text](*map(self._of, each.parts))
                return held * 1.0
        return self._over(node)

    def _named(self, name: str) -> Any:
        if name in self._letters:
            shape = [1] * len(self._letters)
            shape[self._letters.index(name)] = -1
            return np.arange(self.sizes[name]).reshape(shape)
        if name in self._numbers:
            return self._numbers[name]
        if name in self.arrays and not self.arrays[name].ndim:
            return self.arrays[name]
        if name.lower() in self.sizes and len(name) == 1:
            return self.sizes[name.lower()]
        if name in CONSTANTS:
            return CONSTANTS[name]
        raise NotApplicable(f"{name} is not given")

    def _derivative(self, node: Node) -> Any:
        """The derivatives of elements by elements, from an array with the axes of both.

        One that an equation defines is kept by its letters, and is read with the same ones.
        """
        of, by = node.parts
        defined = Node("element", str(node), tuple(Node("name", letter) for letter in letters_of(node)))
        if defined.text in self.arrays:
            return self._element(defined)
        if node.text not in self.arrays:
            raise NotApplicable(f"{node.text} is not given")
        shapes = [self.arrays[of.text].shape, self.arrays[by.text].shape]
        for i, part in enumerate(node.parts):
            if self._is_flat(part, len(shapes[i])):
                shapes[i] = (math.prod(shapes[i]),)
            if len(part.parts) != len(shapes[i]):
                raise NotApplicable(f"{part.text} has {len(shapes[i])} axes")
        return self._elements(self.arrays[node.text].reshape(*shapes[0], *shapes[1]), (*of.parts, *by.parts))

    def _element(self, node: Node) -> Any:
        if node.text not in self.arrays:
            raise NotApplicable(f"{node.text} is not given")
        array = self.arrays[node.text]
        array = array.reshape(-1) if self._is_flat(node, array.ndim) else array
        if array.ndim != len(node.parts):
            raise NotApplicable(f"{node.text} has {array.ndim} axes")
        return self._elements(array, node.parts)

    def _elements(self, array: Array, parts: Sequence[Node]) -> Any:
        """The elements at computed places; 0 where there is no such place, as in the padding of an image."""
        if not parts:
            return array
        places = np.broadcast_arrays(*(np.asarray(self._of(part), float) for part in parts))
        inside = np.ones(places[0].shape, bool)
        for place, length in zip(places, array.shape, strict=True):
            inside &= (place >= 0) & (place < length) & (place == np.floor(place))
        if not array.size:
            return np.zeros(inside.shape)
        at = tuple(np.where(inside, place, 0).astype(int) for place in places)
        return np.where(inside, array[at], 0.0)

    def _over(self, node: Node) -> Any:
        over, letters = node.text.split()
        (inside,) = node.parts
        axes = tuple(self._letters.index(letter) for letter in letters)
        values = np.asarray(self._of(inside), float)
        values = values.reshape(values.shape or (1,) * len(self._letters))
        shape = tuple(self.sizes[self._letters[i]] if i in axes else n for i, n in enumerate(values.shape))
        values = np.broadcast_to(values, shape)
        if not over.startswith("arg"):
            return OVER[over](values, axis=axes, keepdims=True)
        rows = np.moveaxis(values, axes, range(-len(axes), 0))
        found = OVER[over](rows.reshape(*rows.shape[: -len(axes)], -1), axis=-1)
        return np.expand_dims(found, tuple(sorted(axes)))


def einsum_of(node: Node, letters: tuple[str, ...]) -> tuple[str, list[str]] | None:
    """A sum of products of whole arrays as a subscript of np.einsum and their names; None for anything else."""
    product = node.parts[0] if node.kind == "over" and node.text.startswith("Σ ") else node
    factors = list(_factors(product))
    if len(factors) < 2 or not all(_is_whole(factor) for factor in factors):
        return None
    summed = node.text.split()[1] if node is not product else ""
    subscripts = ["".join(part.text for part in factor.parts) for factor in factors]
    if {*"".join(subscripts)} != {*summed, *letters}:
        return None
    return f"{','.join(subscripts)}->{''.join(letters)}", [factor.text for factor in factors]


def letters_of(left: Node) -> tuple[str, ...]:
    """The indices of what an equation computes, each of them once."""
    parts = [part for side in left.parts for part in side.parts] if left.kind == "derivative" else left.parts
    return tuple(dict.fromkeys(part.text for part in parts if part.kind == "name"))


def _factors(node: Node) -> Iterator[Node]:
    if node.kind == "operator" and node.text == "·":
        for part in node.parts:
            yield from _factors(part)
    else:
        yield node


def _is_whole(node: Node) -> bool:
    return node.kind == "element" and all(part.kind == "name" and len(part.text) == 1 for part in node.parts)


def _letters(each: Equation) -> Iterator[str]:
    for node in each.nodes:
        if node.kind == "over":
            yield from node.text.split()[1]
        if node.kind == "element":
            yield from (part.text for part in node.parts if part.kind == "name" and _is_letter(part.text))


def _is_letter(text: str) -> bool:
    return len(text) == 1 and text.islower() and text.isascii()
