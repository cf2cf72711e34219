"""Computes a derivation on random inputs: each side of each equation, the shapes and the lines of NumPy."""

import ast
import math
import operator
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from inspect import Parameter, signature
from typing import Any

import numpy as np
import pytest

from backends import numpy_manual
from backends.contract import Array
from backends.deferred import computed, of_given
from backends.documentation import Derivation, documentation
from backends.op_inputs import gradients_above, inputs_of, with_gradient
from harness.recording.parameters import input_names, output_names
from tests.backends.computing import as_list
from tests.backends.derivations.evaluation import Evaluation, NotApplicable, einsum_of, letters_of
from tests.backends.derivations.notation import Equation, Node, equation, expression

DRAWS = 2000
WANTED = 3
"""So many draws must be of the kind that a derivation is about."""
EXACT = 1e-9
"""How far two ways to compute the same may be apart in float64, relative to the largest element."""
DIFFERENCED = 1e-5
"""The same where a derivative is a difference quotient."""
STEP = 1e-6
COMPARED: Mapping[str, Callable[..., Any]] = {
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
    "≤": operator.le,
    "≥": operator.ge,
}


@dataclass(frozen=True)
class Sample:
    """A call of an op with random arrays, and what came of it."""

    inputs: Mapping[str, Array]
    settings: Mapping[str, Any]
    outputs: Mapping[str, Array]
    above: Mapping[str, Array]
    gradients: Mapping[str, Array]


def derivation_of(op: str) -> Derivation:
    found = documentation(getattr(numpy_manual, op).__doc__).derivation
    assert found is not None, f"{op} does not say why: its docstring has no `Why:`"
    return found


def samples(op: str) -> Iterator[Sample]:
    random = np.random.RandomState(zlib.crc32(op.encode()))
    function = getattr(numpy_manual, op)
    for _ in range(DRAWS):
        inputs, settings = inputs_of(op, random)
        results, backward = function(*inputs, **settings)
        outputs = as_list(results)
        above = gradients_above(op, outputs, random, "float64")
        gradients = [*map(computed, of_given(backward(*above), len(inputs)))]
        named, outs = input_names(op, len(inputs)), output_names(op, len(outputs))
        floats = with_gradient(op, inputs)
        yield Sample(
            dict(zip(named, inputs, strict=True)),
            settings,
            {name: np.asarray(each) for name, each in zip(outs, outputs, strict=True)},
            {name: np.asarray(each) for name, each in zip(outs, above, strict=True)},
            {name: each for name, each, is_float in zip(named, gradients, floats, strict=True) if is_float},
        )


def settings_left_alone(op: str, sample: Sample, mentioned: set[str]) -> bool:
    """Whether what the derivation says nothing of is as it is by default, or left out."""
    parameters = signature(getattr(numpy_manual, op)).parameters
    others = {name: value for name, value in sample.settings.items() if name not in mentioned}
    return sample.inputs.keys() <= mentioned and all(
        parameters[name].default is not Parameter.empty and value == parameters[name].default
        for name, value in others.items()
    )


def jacobian(op: str, sample: Sample, output: str, by: str) -> Array:
    """The derivative of every element of an output by every element of an input, as difference quotients.

    Raises NotApplicable where there is none: at a kink, or at the end of what the op takes.
    """
    function, position = getattr(numpy_manual, op), list(sample.outputs).index(output)
    want = sample.outputs[output]
    found = np.zeros((*want.shape, sample.inputs[by].size))
    for flat in range(sample.inputs[by].size):
        ends = []
        for step in (STEP, -STEP):
            moved = np.array(sample.inputs[by])
            moved.reshape(-1)[flat] += step
            try:
                results, _ = function(*{**sample.inputs, by: moved}.values(), **sample.settings)
            except ValueError as error:
                raise NotApplicable(str(error)) from error
            ends.append((np.asarray(as_list(results)[position]) - want) / step)
        if not np.allclose(ends[0], ends[1], rtol=1e-3, atol=1e-3):
            raise NotApplicable("a kink")
        found[..., flat] = (ends[0] + ends[1]) / 2
    return found.reshape((*want.shape, *sample.inputs[by].shape))


def names_in(equations: Iterable[Equation], matrices: Iterable[str], cases: Iterable[str]) -> set[str]:
    """Every name that a derivation mentions; keywords of NumPy's functions are none."""
    names = {node.text for each in equations for node in each.nodes} | {case.split()[0] for case in cases}
    for node in (node for text in matrices for node in ast.walk(ast.parse(text))):
        names |= {node.id} if isinstance(node, ast.Name) else {node.attr} if isinstance(node, ast.Attribute) else set()
    return names


def holds(case: str, settings: Mapping[str, Any]) -> bool:
    """Whether settings are those of `axis = 0`, `axes = (1, 0)` or `index ≥ 0`."""
    name, sign, value = case.split(" ", 2)
    return settings.get(name) is not None and bool(COMPARED[sign](settings[name], ast.literal_eval(value)))


class Check:
    """A derivation on one sample."""

    def __init__(self, op: str, derivation: Derivation, sample: Sample) -> None:
        self._op = op
        self._sample = sample
        self._derivation = derivation
        self._lines = derivation.lines
        self._derived = {f"∂L/∂{each.of}" for each in derivation.gradients}
        self._equations = {line.text: equation(line.text) for line in self._lines if line.kind == "indices"}
        matrices, cases = ([line.text for line in self._lines if line.kind == kind] for kind in ("matrix", "case"))
        mentioned = names_in(self._equations.values(), matrices, cases)
        if not settings_left_alone(op, sample, mentioned):
            raise NotApplicable("other settings or inputs")
        if not all(holds(line.text, sample.settings) for line in self._lines if line.kind == "case"):
            raise NotApplicable("another case")
        self._results = {f"∂L/∂{name}": each for name, each in sample.gradients.items()}
        if not self._derived <= self._results.keys():
            raise NotApplicable("an input has no gradient here")
        self.evaluation = self._evaluation_of(sample.inputs, sample.outputs)
        self.einsums = 0
        self._flat: set[str] = set()
        """Names for what has one index for all elements."""

    def run(self) -> None:
        """Raise AssertionError where the derivation is wrong, or leaves a gradient out."""
        assert self._derived == self._results.keys()
        gradient = ""
        for line in self._lines:
            if line.kind == "indices":
                each = self._equations[line.text]
                gradient = each.left.text if each.left.text in self._results else gradient
                self._check_equation(each)
            elif line.kind == "shapes":
                self._check_shapes(line.text, self._results[gradient].shape)
            elif line.kind == "matrix":
                self._check_matrix(line.text)

    def _check_equation(self, each: Equation) -> None:
        letters = letters_of(each.left)
        self._find_derivatives(each)
        values = [self.evaluation.value(right, letters) for right in each.right]
        known = self._known(each.left, letters)
        if known is None:
            known = values[-1]
            if not self.evaluation.is_size(each.left):
                self.evaluation.define(each.left, known)
                self._flat |= {each.left.text} if letters and {*letters} <= self.evaluation.flat else set()
        for right, value in zip(each.right, values, strict=True):
            has_quotient = any(node.kind == "derivative" for node in (each.left, *right.walk()))
            tolerance = DIFFERENCED if has_quotient else EXACT
            assert_near(value, known.reshape(value.shape), tolerance, each.text)
            self._check_einsum(right, letters, value)

    def _check_einsum(self, right: Node, letters: tuple[str, ...], value: Array) -> None:
        """A sum of products of whole arrays is computed by np.einsum, too."""
        found = einsum_of(right, letters)
        if found is None:
            return
        subscripts, names = found
        arrays = [self.evaluation.arrays[name] for name in names]
        pairs = zip(subscripts.partition("->")[0].split(","), arrays, strict=True)
        arrays = [array.reshape(-1) if len(letters) == 1 else array for letters, array in pairs]
        assert_near(np.einsum(subscripts, *arrays), value, EXACT, subscripts)
        self.einsums += 1

    def _known(self, left: Node, letters: tuple[str, ...]) -> Array | None:
        """What the left side of an equation is by the op itself; None for a name that the derivation introduces."""
        if left.kind == "derivative":
            return self.evaluation.value(left, letters) if left.text in self.evaluation.arrays else None
        return self._results.get(left.text, self._sample.outputs.get(left.text))

    def _find_derivatives(self, each: Equation) -> None:
        """Find the derivatives by inputs that an equation has, as difference quotients."""
        for node in each.nodes:
            if node.kind != "derivative" or node.text in self.evaluation.arrays:
                continue
            of, by = (part.text for part in node.parts)
            if by not in self._sample.inputs:
                continue
            if of in self._sample.outputs:
                self.evaluation.define(Node("name", node.text), jacobian(self._op, self._sample, of, by))
            elif of in self.evaluation.arrays:
                self.evaluation.define(Node("name", node.text), self._quotients(of, by))

    def _quotients(self, of: str, by: str) -> Array:
        """The derivative of what the derivation has given a name to."""
        array, want = self._sample.inputs[by], self.evaluation.arrays[of]
        found = np.zeros((*want.shape, array.size))
        for flat in range(array.size):
            ends = []
            for step in (STEP, -STEP):
                moved = np.array(array)
                moved.reshape(-1)[flat] += step
                ends.append((self._named_with({by: moved})[of] - want) / step)
            if not np.allclose(ends[0], ends[1], rtol=1e-3, atol=1e-3):
                raise NotApplicable("a kink")
            found[..., flat] = (ends[0] + ends[1]) / 2
        return found.reshape((*want.shape, *array.shape))

    def _named_with(self, moved: Mapping[str, Array]) -> Mapping[str, Array]:
        """What the names of the forward stand for where an input is another."""
        evaluation = self._evaluation_of({**self._sample.inputs, **moved}, {})
        for line in self._derivation.forward:
            each = self._equations.get(line.text)
            if each is not None and each.left.kind != "derivative" and not evaluation.is_size(each.left):
                evaluation.define(each.left, evaluation.value(each.right[0], letters_of(each.left)))
        return evaluation.arrays

    def _evaluation_of(self, inputs: Mapping[str, Array], outputs: Mapping[str, Array]) -> Evaluation:
        """What equations are evaluated with: these arrays, the gradients that arrive, and the settings."""
        sample, parameters = self._sample, signature(getattr(numpy_manual, self._op)).parameters
        above = {f"∂L/∂{name}": each for name, each in sample.above.items()}
        settings = {name: each.default for name, each in parameters.items()} | dict(sample.settings)
        numbers = {name: value for name, value in settings.items() if isinstance(value, int | float)}
        several = {name: np.array(value) for name, value in sample.settings.items() if isinstance(value, tuple)}
        arrays = {**inputs, **outputs, **above, **several}
        return Evaluation(arrays, numbers, list(self._equations.values()), {**self._results, **sample.outputs})

    def _check_shapes(self, text: str, shape: tuple[int, ...]) -> None:
        """`(N, H)·(H, D) → (N, D)` is a product of matrices that gives the gradient's shape."""
        first, *results = text.split(" → ")
        factors = [self._shape(part) for part in re.findall(r"\(([^()]*)\)", first)]
        if ")·(" in first:
            left, right = (np.empty(factor) for factor in factors)
            assert (left @ right).shape == self._shape(results[0].strip("()")), text
        else:
            sizes = {array.size for name, array in self.evaluation.arrays.items() if name.startswith("∂L/∂")}
            assert {math.prod(factor) for factor in factors} <= sizes, text
        result = self._shape(results[-1].strip("()"))
        assert math.prod(result) == math.prod(shape), text
        assert len(result) != len(shape) or result == shape, text

    def _shape(self, text: str) -> tuple[int, ...]:
        return tuple(self.evaluation.size(expression(size)) for size in text.split(",") if size.strip())

    def _as_input(self, name: str) -> Array:
        """What a name stands for, in the shape of the inputs where one index counts all elements."""
        array, first = self.evaluation.arrays[name], next(iter(self._sample.inputs.values()))
        return array.reshape(first.shape) if name in self._flat and array.size == first.size else array

    def _check_matrix(self, text: str) -> None:
        name, _, code = text.partition(" = ")
        function = getattr(numpy_manual, self._op)
        space = {
            **function.__globals__,
            **{name.upper(): size for name, size in self.evaluation.sizes.items()},
            **{name.replace("∂L/∂", "grad_"): self._as_input(name) for name in self.evaluation.arrays},
            **{
                name: each.default
                for name, each in signature(function).parameters.items()
                if each.kind == Parameter.KEYWORD_ONLY
            },
            **self._sample.inputs,
            **self._sample.settings,
            **self._sample.outputs,
        }
        want = self._results[name.replace("grad_", "∂L/∂", 1)]
        got = np.asarray(eval(code, space))
        assert got.shape == want.shape, text
        assert_near(got, want, EXACT, text)


def assert_near(got: Array, want: Array, tolerance: float, text: str) -> None:
    largest = max(1.0, float(np.max(np.abs(want), initial=0)))
    off = float(np.max(np.abs(got - want), initial=0))
    assert off <= tolerance * largest, f"{text}: off by {off:.3g}, got\n{got}\nwant\n{want}"


def check(op: str, derivation: Derivation) -> int:
    """Check a derivation on samples of the kind that it is about; returns how many sums were einsums, too."""
    found = einsums = 0
    for sample in samples(op):
        try:
            one = Check(op, derivation, sample)
            one.run()
        except NotApplicable:
            continue
        found, einsums = found + 1, einsums + one.einsums
        if found == WANTED:
            return einsums
    pytest.fail(f"only {found} of {DRAWS} random inputs are of the kind that the derivation of {op} is about")
