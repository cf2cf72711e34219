"""Renders one update at the prompt: every line of NumPy with the matrix that it gave, in each backend."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backends.contract import CLIPPED, Array, Program
from harness.running.tensors import LEARNING_RATE, Layout
from harness.running.traced import Trace, Traced, apart, bits
from reports.source.code_map import code_map
from reports.source.source import CARRY_PART
from reports.text.console import PIPE_WIDTH, captured, highlighted, text_console

PROMPT = ">>> "
BACKWARD_PART = "backward"
WHOLE = 64
"""Arrays of more elements are shown by their corners and norms."""
CORNER = 3
"""How many rows and columns of each corner."""

Tensors = Mapping[str, Array]


@dataclass(frozen=True)
class Part:
    """Some lines of NumPy, and what they made in every backend."""

    title: str
    lines: Sequence[str]
    tensors: Mapping[str, Mapping[str, Array]]
    """By name, then by backend; a backend that shows no tensors on the way is missing."""

    def only(self, tensor: str) -> "Part":
        """The same with one tensor."""
        return Part(self.title, self.lines, {name: made for name, made in self.tensors.items() if name == tensor})


def parts(trace: Trace) -> list[Part]:
    """Everything that an update computes, in the order in which it does."""
    return list(_parts(trace))


def tensor_names(trace: Trace) -> list[str]:
    """Every name that a tensor has in an update."""
    return list(dict.fromkeys(name for part in parts(trace) for name in part.tensors))


def render_trace(
    title: str, trace: Trace, tensor: str | None = None, *, colour: bool = False, width: int = PIPE_WIDTH
) -> str:
    """The update line by line; with `tensor` only that one, wherever it is computed."""
    from rich.text import Text

    console = text_console(colour, width)
    console.print(Text(f"{title} ({_listed([traced.backend for traced in trace.backends])})", style="bold"))
    shown = parts(trace) if tensor is None else [part.only(tensor) for part in parts(trace) if tensor in part.tensors]
    for part in shown:
        console.print()
        console.print(Text(part.title, style="bold"))
        for line in part.lines:
            console.print(PROMPT, highlighted(line), sep="", soft_wrap=True)
        for name, made in part.tensors.items():
            for text in _tensor_lines(name, made, width):
                console.print(Text(text), soft_wrap=True)
    for traced in trace.backends:
        if not traced.step.values:
            console.print(Text(f"\n{traced.backend} shows no tensors between its weights and its loss"))
    return captured(console)


def _parts(trace: Trace) -> Iterator[Part]:
    program = trace.program
    rows = code_map(program)
    calls, other = rows[: len(program.calls)], {row.title: row for row in rows[len(program.calls) :]}
    completed_by = Layout(program).backward

    def part(title: str, lines: Sequence[str], wanted: Sequence[str], tensors: Callable[[Traced], Tensors]) -> Part:
        made = {traced.backend: tensors(traced) for traced in trace.backends}
        return Part(
            title,
            lines,
            {
                name: {backend: np.asarray(arrays[name]) for backend, arrays in made.items() if name in arrays}
                for name in wanted
                if any(name in arrays for arrays in made.values())
            },
        )

    yield part("given", [], [*program.data, *program.buffers, *program.weights], lambda traced: traced.given)
    for call, row in zip(program.calls, calls, strict=True):
        yield part(row.title, row.cells[0], call.outputs, _values(program))
    yield part(f"loop: {BACKWARD_PART}", other[f"loop: {BACKWARD_PART}"].cells[0], [], _gradients)
    for call, row in reversed([*zip(program.calls, calls, strict=True)]):
        completed = [origin.tensor for origin in completed_by.values() if origin.call == call.outputs[0]]
        backward = part(f"{row.title}, backward", row.cells[1], completed, _gradients)
        if backward.lines or backward.tensors:
            yield backward
    for kind in ("clipping", "schedule", "decay", "optimizer"):
        row_of_rule = next((row for title, row in other.items() if title.startswith(kind)), None)
        if row_of_rule is not None:
            yield part(row_of_rule.title, row_of_rule.cells[0], *_made_by_rule(kind, trace))
    carry = other.get(f"loop: {CARRY_PART}")
    if carry is not None:
        yield part("carry", carry.cells[0], list(program.carried), lambda traced: traced.step.state)


def _values(program: Program) -> Callable[[Traced], Tensors]:
    # The loss is known of every backend, what is between it and the weights only of those that show it.
    return lambda traced: {program.loss: traced.step.loss, **traced.step.values}


def _gradients(traced: Traced) -> Tensors:
    return {f"grad_{name}": array for name, array in {**traced.step.value_grads, **traced.step.grads}.items()}


def _made_by_rule(kind: str, trace: Trace) -> tuple[list[str], Callable[[Traced], Tensors]]:
    """What a rule of the update makes: names, and how to get them."""
    program = trace.program
    if kind == "clipping":
        return (
            [f"{CLIPPED}{name}" for name in program.weights],
            lambda traced: {f"{CLIPPED}{name}": array for name, array in traced.step.clipped.items()},
        )
    if kind == "schedule":
        return [LEARNING_RATE], lambda traced: {LEARNING_RATE: np.asarray(traced.step.lr)}
    if kind == "decay":
        return [], lambda traced: {}
    state = sorted(set(trace.backends[0].step.state) - program.carried.keys())
    return [*state, *program.weights], lambda traced: {**traced.step.state, **traced.step.weights}


def _tensor_lines(name: str, made: Mapping[str, Array], width: int) -> Iterator[str]:
    """A tensor: once for the backends that have the same bits, then as the others have it and how far off."""
    same: dict[bytes, list[str]] = {}
    for backend, array in made.items():
        same.setdefault(bits(array), []).append(backend)
    (first, *_), *others = same.values()
    for backends in same.values():
        array = made[backends[0]]
        heading = f"{name} {array.shape}" if array.shape else name
        off = "" if backends[0] == first else f", {_off(array, made[first], first)}"
        yield f"{heading} in {_listed(backends)}{off}" if others else heading
        yield from _array_lines(array, width)


def _off(array: Array, want: Array, reference: str) -> str:
    """How far an array is off, as `3 of 6 elements off from numpy's, by up to 1 ulp at [0, 1]`."""
    found = apart(array, want)
    elements = f"{found.elements:,} of {array.size:,} elements " if array.shape else ""
    if found.ulps == 0:
        return f"{elements}zero with the other sign than {reference}'s"
    if not array.shape:
        return f"off from {reference}'s by {found.ulps:.3g} ulp"
    index, one, other = ", ".join(map(str, found.place)), str(array[found.place]), str(want[found.place])
    return f"{elements}off from {reference}'s, by up to {found.ulps:.3g} ulp at [{index}], {one} for {other}"


def _array_lines(array: Array, width: int) -> Iterator[str]:
    large = array.size > WHOLE
    text = np.array2string(
        array,
        max_line_width=width,
        threshold=WHOLE if large else array.size + 1,
        edgeitems=CORNER,
        floatmode="unique",
    )
    yield from text.splitlines()
    if large:
        size = np.abs(array.astype(np.float64))
        yield f"norm {np.sqrt(np.sum(size * size)):.9g}, largest {size.max():.9g}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
