"""`lockstep map` as a function: each line of a scenario, or an op, in NumPy, Chainer and PyTorch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from backends.contract import Program
from backends.documentation import without_derivation
from harness.errors import InputError, did_you_mean
from harness.recording.arrays import draw_arrays
from harness.recording.catalogue import find_scenarios
from harness.recording.loading import REFERENCE, check_ops, hand_written_ops, load_backend
from harness.recording.recorder import record_program
from harness.studies.name_lookup import find_lines, find_ops
from harness.studies.names import table
from lockstep.api.shown import Shown
from reports.languages.language import Language
from reports.languages.translation import words_in
from reports.notebook.fragments import map_fragment, text_fragment
from reports.source.code_map import MapRow, code_map, op_names, op_sources
from reports.text.code_map import MapFormat, render_map
from reports.text.console import PIPE_WIDTH
from reports.text.op import OpFormat, render_op
from scenarios import Scenario


@dataclass(frozen=True, repr=False)
class ShownMap(Shown):
    """The code maps of scenarios, and the sources of ops."""

    maps: Sequence[tuple[str, Sequence[MapRow]]]
    """The title and the rows of each scenario's map."""
    ops: Sequence[str] = ()
    """Ops whose source in each backend is shown below."""

    def render(
        self, map_format: MapFormat, *, colour: bool = False, width: int = PIPE_WIDTH, language: Language = "en"
    ) -> str:
        """What the command prints: maps, then ops with their sources, in this format; in LaTeX, maps alone."""
        said = words_in(language)
        maps = [
            render_map(said(title), rows, map_format, colour=colour, width=width, language=language)
            for title, rows in self.maps
        ]
        if map_format == "latex":
            return "\n".join(maps)
        return "\n".join([*maps, *self._sources(map_format, colour=colour, width=width, language=language)])

    def __str__(self) -> str:
        return self.render("text")

    def _repr_html_(self) -> str:
        maps = [map_fragment(self.maps)] if self.maps else []
        return "\n".join(
            [*maps, *map(text_fragment, self._sources("text", colour=True, width=PIPE_WIDTH, language="en"))]
        )

    def _sources(self, map_format: OpFormat, *, colour: bool, width: int, language: Language) -> list[str]:
        return [
            render_op(op, op_sources(op), map_format, colour=colour, width=width, language=language) for op in self.ops
        ]


def map_of(scenario: Scenario | str | None = None, *, op: str | None = None) -> ShownMap:
    """How each line of a scenario reads in NumPy (forward and backward), Chainer and PyTorch, as `lockstep map`.

    scenario: a Scenario, a built-in name, `./file.py:name`, or `./file.py` for every scenario in it.
    op: show only this op's calls, and its source and formula in each backend; also by a name of Chainer or PyTorch.

    Raises InputError if neither is given, or for a name that there is none of.
    """
    if scenario is None and op is None:
        raise InputError("name a scenario, or an op")
    ops = [] if op is None else _ops_called(op)
    maps = [] if scenario is None else [*_maps(scenario, ops[0] if len(ops) == 1 else op)]
    if op is not None and not ops:
        raise _no_op(op)
    return ShownMap(maps, ops)


def _ops_called(name: str) -> list[str]:
    """The ops that a name of Lockstep, Chainer or PyTorch stands for."""
    sources = {op: [without_derivation(source) for _, source in op_sources(op)] for op in op_names()}
    return find_ops(name, sources, table())


def _no_op(name: str) -> InputError:
    if find_lines(name, table()):
        return InputError(f"Lockstep has no op for {name}; `lockstep names {name}` says what to write in PyTorch")
    return InputError(f"there is no op {name!r}{did_you_mean(name, op_names(), 'lockstep list ops')}")


def _maps(scenario: Scenario | str, op: str | None) -> Iterator[tuple[str, list[MapRow]]]:
    """Yield title and rows of each scenario's map, only of one op's calls if it is named."""
    for each, program in _programs(scenario):
        rows = code_map(program)
        if op is not None:
            used = dict.fromkeys([*(call.op for call in program.calls), program.optimizer.op])
            if op not in used:
                is_op = op in op_names()
                hint = f"; lockstep map --op {op} shows it" if is_op else did_you_mean(op, used)
                raise InputError(f"scenario {each.name} uses no op {op!r}{hint}")
            rows = [row for row in rows if row.kind in ("op", "optimizer") and row.name == op]
        yield f"{each.name}: {each.description}", rows


def _programs(scenario: Scenario | str) -> Iterator[tuple[Scenario, Program]]:
    for each in [scenario] if isinstance(scenario, Scenario) else find_scenarios([scenario]):
        program = record_program(each, draw_arrays(each, each.dtype), hand_written_ops(()))
        check_ops(load_backend(REFERENCE), [program.optimizer.op], each.name)
        yield each, program
