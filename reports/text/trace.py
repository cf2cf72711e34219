"""Renders one update as a prompt: every line of NumPy, followed by what it gave in each backend."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backends.contract import Array, Node, NodeKind, gradient_name
from harness.running.traced import TracedUpdate, bits, distance
from reports.languages.language import Language
from reports.languages.translation import Words, words_in
from reports.source.code_map import code_map
from reports.source.source import ACCUMULATION_PART, CARRY_PART, THAW_PART
from reports.text.code_map import comments_in
from reports.text.console import PIPE_WIDTH, captured, highlighted, text_console

PROMPT = ">>> "
BACKWARD_PART, CLEAR_PART = "backward", "clear gradients"
NOT_YET_TRAINED = "not yet trained, so that these gradients count as 0"
WHOLE = 64
"""An array with more elements is shown by its corners and its norm."""
CORNER = 3
"""Rows and columns of each corner."""

MADE_BY: Mapping[str, tuple[NodeKind, ...]] = {
    "clipping": ("clipped",),
    "schedule": ("scheduled",),
    "decay": ("decayed",),
    "optimizer": ("state", "weight"),
    "average": ("average",),
}
"""The tensors that each rule of an update computes, in the order in which the rules run."""


@dataclass(frozen=True)
class Part:
    """Some lines of NumPy, and the tensors that they compute in every backend."""

    title: str
    lines: Sequence[str]
    tensors: Mapping[str, Mapping[str, Array]]
    """By name, then by backend; a backend that yields no intermediate tensors is missing."""

    def only(self, tensor: str) -> "Part":
        """The same part, with one tensor only."""
        return Part(self.title, self.lines, {name: made for name, made in self.tensors.items() if name == tensor})


def parts(trace: TracedUpdate) -> list[Part]:
    """Everything that an update computes, in computing order."""
    return list(_parts(trace))


def tensor_names(trace: TracedUpdate) -> list[str]:
    """The names of all tensors of an update."""
    return list(dict.fromkeys(name for part in parts(trace) for name in part.tensors))


def render_trace(
    title: str,
    trace: TracedUpdate,
    tensor: str | None = None,
    *,
    colour: bool = False,
    width: int = PIPE_WIDTH,
    language: Language = "en",
) -> str:
    """The update line by line; with `tensor`, only the lines that compute it."""
    from rich.text import Text

    said = words_in(language)
    console = text_console(colour, width)
    console.print(Text(f"{said(title)} ({_listed(list(trace.by_backend), said)})", style="bold"))
    shown = parts(trace) if tensor is None else [part.only(tensor) for part in parts(trace) if tensor in part.tensors]
    for part in shown:
        console.print()
        console.print(Text(said(part.title), style="bold"))
        for line in comments_in(part.lines, said):
            console.print(PROMPT, highlighted(line), sep="", soft_wrap=True)
        for name, made in part.tensors.items():
            for text in _tensor_lines(name, made, width, said):
                console.print(Text(text), soft_wrap=True)
    for backend, update in trace.by_backend.items():
        if not update.is_traced:
            console.print(Text("\n" + said(f"{backend} shows no tensors between its weights and its loss")))
    return captured(console)


def _parts(trace: TracedUpdate) -> Iterator[Part]:
    program, nodes = trace.program, trace.program.nodes()
    rows = code_map(program)
    calls, other = rows[: len(program.calls)], rows[len(program.calls) :]
    loop = {row.name: row for row in other if row.kind == "loop"}
    number = next(iter(trace.by_backend.values())).number
    counted_as_0 = {gradient_name(weight) for weight in program.not_yet_trained(number)}
    yield _given(trace)
    for call, row in zip(program.calls, calls, strict=True):
        made = [node for node in nodes if node.kind in ("value", "loss") and node.of in call.outputs]
        yield _part(row.title, row.cells[0], made, trace)
    for name in (ACCUMULATION_PART, CLEAR_PART):
        if name in loop and loop[name].cells[0]:
            yield Part(loop[name].title, loop[name].cells[0], {})
    started = [node for node in nodes if node.kind == "gradient" and node.of == program.loss]
    yield _part(loop[BACKWARD_PART].title, loop[BACKWARD_PART].cells[0], started, trace)
    for call, row in reversed([*zip(program.calls, calls, strict=True)]):
        completed = [
            node
            for node in nodes
            if node.kind == "gradient" and node.call == call.outputs[0] and str(node) not in counted_as_0
        ]
        backward = _part(f"{row.title}, backward", row.cells[1], completed, trace)
        if backward.lines or backward.tensors:
            yield backward
    if THAW_PART in loop and (counted_as_0 or loop[THAW_PART].cells[0]):
        title = NOT_YET_TRAINED if counted_as_0 else loop[THAW_PART].title
        yield _part(title, loop[THAW_PART].cells[0], [node for node in nodes if str(node) in counted_as_0], trace)
    for rule, kinds in MADE_BY.items():
        for row in other:
            if row.kind == rule:
                made = [node for node in nodes if node.kind in kinds and node.op == row.name]
                yield _part(row.title, row.cells[0], made, trace)
    if CARRY_PART in loop:
        carried = [node for node in nodes if node.kind == "buffer" and node.of not in program.kept]
        yield _part("carry", loop[CARRY_PART].cells[0], carried, trace)


def _given(trace: TracedUpdate) -> Part:
    """What every backend starts the update from; after the first batch of a step the gradients up to now, too."""
    program = trace.program
    names = (*program.data, *program.buffers, *program.weights)
    given = {name: {backend: update.read(name) for backend, update in trace.by_backend.items()} for name in names}
    for backend, update in trace.by_backend.items():
        for name, array in update.accumulated.items():
            given.setdefault(gradient_name(name), {})[backend] = np.asarray(array)
    return Part("given", [], given)


def _part(title: str, lines: Sequence[str], made: Sequence[Node], trace: TracedUpdate) -> Part:
    """Some lines with the tensors that they compute, in every backend that yields them."""
    tensors: dict[str, dict[str, Array]] = {}
    for node in made:
        for backend, update in trace.by_backend.items():
            array = node.read(update.step)
            if array is not None:
                tensors.setdefault(str(node), {})[backend] = np.asarray(array)
    return Part(title, lines, tensors)


def _tensor_lines(name: str, made: Mapping[str, Array], width: int, said: Words) -> Iterator[str]:
    """A tensor, once for all backends that have the same bits; for the others, how far off it is."""
    same: dict[bytes, list[str]] = {}
    for backend, array in made.items():
        same.setdefault(bits(array), []).append(backend)
    (first, *_), *others = same.values()
    for backends in same.values():
        array = made[backends[0]]
        heading = f"{name} {array.shape}" if array.shape else name
        off = "" if backends[0] == first else f", {_off(array, made[first], first)}"
        yield said(f"{heading} in {_listed(backends, said)}{off}") if others else heading
        yield from _array_lines(array, width, said)


def _off(array: Array, want: Array, reference: str) -> str:
    """How far off an array is, such as `3 of 6 elements off from numpy's, by up to 1 ulp at [0, 1]`."""
    apart = distance(array, want)
    elements = f"{apart.elements:,} of {array.size:,} elements " if array.shape else ""
    if apart.ulps == 0:
        return f"{elements}zero with the other sign than {reference}'s"
    if not array.shape:
        return f"off from {reference}'s by {apart.ulps:.3g} ulp"
    index, one, other = ", ".join(map(str, apart.place)), str(array[apart.place]), str(want[apart.place])
    return f"{elements}off from {reference}'s, by up to {apart.ulps:.3g} ulp at [{index}], {one} for {other}"


def _array_lines(array: Array, width: int, said: Words) -> Iterator[str]:
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
        yield said(f"norm {np.sqrt(np.sum(size * size)):.9g}, largest {size.max():.9g}")


def _listed(names: Sequence[str], said: Words) -> str:
    return names[0] if len(names) == 1 else f"{said(', ').join(names[:-1])}{said(' and ')}{names[-1]}"
