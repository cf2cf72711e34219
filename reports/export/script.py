"""Writes a scenario as a program of its own, which needs one framework and NumPy and prints the losses of the run.

Its lines are those of the code map: the backend's own source with the scenario's names put in.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from textwrap import indent, wrap
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import numpy as np

from backends.contract import Array, Program
from harness.errors import InputError
from harness.recording.arrays import Draws
from reports.export.draws import DrawNames, divided, drawn
from reports.export.frameworks import Framework, metadata
from reports.export.lines import (
    autograd_lines,
    called_by_hand,
    called_in_framework,
    hand_written_lines,
)
from reports.export.wrapping import wrapped
from reports.source.columns.hand_written import GRADIENTS
from reports.source.definitions import free_names_of, needed_by, without_module_names
from reports.source.inlining import Names, assigned_names
from reports.source.names import ProgramNames
from reports.source.source import BackendSource, read_backend
from reports.source.spans import WIDTH
from scenarios import Loaded, Scenario
from scenarios.language.draws import Draw, Normal

THREADS = 'os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")'
OWN = ("random", "archive", "epoch", "orders", "order", "first", "rows", "start", "batch", "share", "number", "total")
"""The names of a script's own variables, unless a tensor has the name."""

READ = ("Path", "float", "len", "print", "range")
"""Names that the lines around the backend's read, so that no tensor may have them."""

GRADIENTS_SOURCE = f'''\
def {GRADIENTS}(backward, *grad_outputs):
    """What a backward returns; a gradient that costs as much as the op itself waits behind a lambda."""
    return [grad() if callable(grad) else grad for grad in backward(*grad_outputs)]'''


@dataclass(frozen=True)
class _Names:
    """The names of a script's own variables, of the scenario's sizes, and of the arrays that batches are taken from."""

    random: str
    archive: str
    epoch: str
    orders: str
    order: str
    first: str
    rows: str
    start: str
    batch: str
    share: str
    number: str
    total: str
    sizes: Mapping[str, str]
    arrays: Mapping[str, str]

    @property
    def all(self) -> list[str]:
        """All of them."""
        return [*(getattr(self, name) for name in OWN), *self.sizes.values(), *self.arrays.values()]


class Script:
    """A scenario as a program of its own, for one framework.

    `command` is the command that writes it, `archive` the name of the file beside it with the data that it loads.
    """

    def __init__(
        self,
        scenario: Scenario,
        program: Program,
        draws: Draws,
        dtype: str,
        framework: Framework,
        *,
        command: str,
        archive: str,
    ) -> None:
        self._scenario, self._program, self._draws, self._dtype = scenario, program, draws, dtype
        self._framework, self._command, self._archive = framework, command, archive
        source = read_backend(framework.module)
        by_hand = framework.by_hand
        _check(scenario, program, source)
        called = (called_by_hand if by_hand else called_in_framework)(program, source)
        functions = dict.fromkeys([*(call.op for call in program.calls), *(rule.op for rule in program.rules)])
        needed = needed_by(functions, framework.module, framework.imported)
        defined = {GRADIENTS, *framework.imported, *READ}
        defined |= {name for name in needed if name not in functions or name in called}
        defined |= {name for definition in needed.values() for name in definition.needs}
        self._own = self._own_names(defined)
        self._named = ProgramNames(program, [source], [*self._own.all, *defined], self._own.epoch)
        if by_hand:
            self._lines = hand_written_lines(program, source, self._named, called, share=self._own.share)
        else:
            chain_of_links = "chainer" in framework.imported
            self._lines = autograd_lines(
                program, source, self._named, called, share=self._own.share, chain_of_links=chain_of_links
            )

    @property
    def loads(self) -> dict[str, Array]:
        """The arrays that the program loads, by their names in the scenario, and the orders of a sampler."""
        given = {name: _joined(arrays) for name, arrays in self._draws.given.items()}
        arrays = {**self._draws.data, **self._draws.weights, **self._draws.buffers, **given}
        loaded = {name: arrays[name] for name, rule in self._scenario.draws.items() if isinstance(rule, Loaded)}
        return loaded | ({self._own.orders: np.stack(self._draws.orders)} if self._draws.orders else {})

    def archive(self) -> bytes:
        """The data that the program loads, as the content of an .npz file."""
        content = BytesIO()
        with ZipFile(content, "w", ZIP_DEFLATED) as archive:
            for name, array in self.loads.items():
                with archive.open(ZipInfo(f"{name}.npy"), "w") as file:  # dated 1980, so that the bytes are the same
                    np.lib.format.write_array(file, np.array(array, order="C"), allow_pickle=False)
        return content.getvalue()

    def text(self) -> str:
        """The whole program."""
        lines = "\n".join([*self._prepared(), "", *self._loop()])
        body = wrapped(without_module_names(lines, self._framework.module))
        assigned = assigned_names(ast.parse(body).body)
        undefined = sorted(free_names_of(body) - set(assigned))
        needed = needed_by(undefined, self._framework.module, self._framework.imported)
        imports = sorted({definition.text for definition in needed.values() if definition.is_import})
        texts = list(dict.fromkeys(definition.text for definition in needed.values() if not definition.is_import))
        if GRADIENTS in undefined:
            texts.append(GRADIENTS_SOURCE)
        return _spaced([metadata(self._framework) + "\n" + self._docstring(), self._head(imports), *texts, body])

    def _docstring(self) -> str:
        said = f"Written by `{self._command}`; prints the losses of `lockstep run`, bit for bit."
        title = wrap(self._scenario.description or f"{self._scenario.name}.", WIDTH - 3)
        text = "\n".join([*title, "", *wrap(said, WIDTH, break_on_hyphens=False), ""])
        return '"""' + text.replace("\\", r"\\").replace('"""', r"\"\"\"") + '"""'

    def _head(self, needed: Sequence[str]) -> str:
        """The imports. NumPy's threads are limited before NumPy is imported."""
        own = self._framework
        standard = ["import os", *own.standard, *(["from pathlib import Path"] if self.loads else [])]
        standard += [line for line in needed if line.split()[1].partition(".")[0] in sys.stdlib_module_names]
        others = [line for line in needed if line not in standard]
        numpy, threads = "import numpy as np", f"{THREADS}  # read when NumPy is imported"
        first = [threads, numpy, *map(wrapped, own.before_import)] if own.before_import else [threads]
        imports = [*own.imports, *others, *([] if own.before_import else [numpy])]
        blocks = [_import_order(standard), first, _import_order(imports), own.after_import]
        return "\n\n".join("\n".join(block) for block in blocks if block)

    def _prepared(self) -> list[str]:
        """The draws, and everything else before the first epoch."""
        lines = []
        if self._own.sizes:
            sizes = self._scenario.sizes or {}
            numbers = ", ".join(str(sizes[size]) for size in self._own.sizes)
            lines.append(f"{', '.join(self._own.sizes.values())} = {numbers}")
        loaded = {name: rule for name, rule in self._scenario.draws.items() if isinstance(rule, Loaded)}
        if self.loads:
            file = json.dumps(self._archive, ensure_ascii=False)
            lines.append(f"with np.load(Path(__file__).with_name({file})) as {self._own.archive}:")
            lines += [f"    {self._drawn(name, rule)}" for name, rule in loaded.items()]
            if self._draws.orders:
                lines.append(f'    {self._own.orders} = {self._own.archive}["{self._own.orders}"]')
        lines.append(f"{self._own.random} = np.random.RandomState({self._scenario.seed})")
        lines += [self._drawn(name, rule) for name, rule in self._scenario.draws.items() if name not in loaded]
        lines += [
            self._drawn(name, Normal((), "frozen", fill=value)) for name, value in self._program.constants.items()
        ]
        averaged = self._program.weights if self._program.average else ()
        start = self._framework.average.format
        lines += [f"{self._named.averages[name]} = {start(self._named.tensors[name])}" for name in averaged]
        return [*lines, *self._lines.once]

    def _drawn(self, name: str, rule: Draw) -> str:
        array = drawn(name, rule, self._scenario, self._dtype, self._draw_names)
        if name in self._draws.given and not _is_one_array(self._draws.given[name]):
            array = divided(self._draws.given[name], array)
        if name in self._own.arrays:
            return f"{self._own.arrays[name]} = {array}"
        own = self._framework
        made = {"data": own.data, "weight": own.weight, "frozen": own.buffer, "buffer": own.buffer}
        return f"{self._named.tensors[name]} = {made[rule.role].format(array)}"

    def _loop(self) -> list[str]:
        """The loop over epochs."""
        own, batch_rows = self._own, self._draws.batch_rows
        again = [f"    {self._drawn_again(name)}" for name in self._draws.per_epoch]
        lines = [*self._lines.before_epoch, ""] if self._lines.before_epoch else []
        lines += [f"if {own.epoch} > 1:  # drawn anew for every epoch", *again, ""] if again else []
        loss = self._named.tensors[self._program.loss]
        printed = f"print({own.epoch}, {self._framework.loss.format(loss)})"
        if self._draws.batch_size is None and not self._draws.given:
            lines += self._update([*self._drawn_per_update(f"{own.epoch} > 1")], [printed])
        elif len(batch_rows) == 1:
            lines += self._batches([printed])
        else:
            number, rows, of = self._framework.number.format(loss), f"len({own.batch})", f"len({own.order})"
            if self._draws.batch_size is None:
                rows = self._rows_of_given()
            if self._draws.batch_size is None or self._draws.drop_last:
                of = str(sum(batch_rows))
            lines += [f"{own.total} = 0.0", *self._batches([f"{own.total} += {rows} * {number}"])]
            lines.append(f"print({own.epoch}, np.{self._dtype}({own.total} / {of}))")
        lines += ["", *self._lines.after_epoch] if self._lines.after_epoch else []
        return [f"for {own.epoch} in range(1, {self._scenario.epochs + 1}):", *(indent(line, "    ") for line in lines)]

    def _update(self, before: Sequence[str], at_loss: Sequence[str]) -> list[str]:
        return [*before, *([""] if before else []), *self._lines.forward, *at_loss, "", *self._lines.after]

    def _drawn_per_update(self, is_later: str) -> list[str]:
        """The lines that draw what is drawn anew for every update after the first."""
        again = [f"    {self._drawn_again(name)}" for name in self._draws.per_update]
        return [f"if {is_later}:  # drawn anew for every update", *again] if again else []

    def _rows_of_given(self) -> str:
        """The number of examples in an update whose batch is given."""
        first, arrays = next(iter(self._draws.given.items()))
        return f"len({self._own.arrays[first]}[{self._own.number}])" if arrays[0].ndim else "1"

    def _given(self, number: str) -> list[str]:
        """The lines that take what is given for an update."""
        lines = []
        for name, arrays in self._draws.given.items():
            array = f"{self._own.arrays[name]}[{number}]"
            # An element of a vector is one of NumPy's numbers and no array.
            lines.append(self._data(name, array if arrays[0].ndim else f"np.asarray({array})"))
        return lines

    def _batches(self, at_loss: Sequence[str]) -> list[str]:
        """The loop over batches, which are shuffled anew for every epoch unless they keep their order."""
        own, size = self._own, self._draws.batch_size
        if size is None:
            later = self._drawn_per_update(f"{own.epoch} > 1 or {own.number} > 0")
            inside = self._update([*self._given(own.number), *later], at_loss)
            updates = len(self._draws.batch_rows)
            return [f"for {own.number} in range({updates}):", *(indent(line, "    ") for line in inside)]
        first = own.arrays[next(iter(self._draws.by_row))]
        order = f"{own.random}.permutation(len({first}))" if self._draws.shuffle else f"np.arange(len({first}))"
        if self._draws.orders:
            order = f"{own.orders}[{own.epoch} - 1]"
        length = f"len({own.order})" if not self._draws.drop_last else str(sum(self._draws.batch_rows))
        if self._program.epoch.accumulates:
            return [f"{own.order} = {order}", *self._steps(size, length, at_loss)]
        inside = [
            f"{own.batch} = {own.order}[{own.start} : {own.start} + {size}]",
            *(self._data(name, f"{own.arrays[name]}[{own.batch}]") for name in self._draws.by_row),
            *self._given(f"{own.start} // {size}"),
            *self._drawn_per_update(f"{own.epoch} > 1 or {own.start} > 0"),
            "",
            *self._update([], at_loss),
        ]
        return [
            f"{own.order} = {order}",
            f"for {own.start} in range(0, {length}, {size}):",
            *(indent(line, "    ") for line in inside),
        ]

    def _steps(self, size: int, length: str, at_loss: Sequence[str]) -> list[str]:
        """The loop over steps, each of which takes its gradients from several batches."""
        own, rows_of_step = self._own, size * self._program.epoch.batches_per_step
        stop = f"{own.first} + {rows_of_step}"
        batch = [
            f"{own.batch} = {own.rows}[{own.start} : {own.start} + {size}]",
            *(self._data(name, f"{own.arrays[name]}[{own.batch}]") for name in self._draws.by_row),
            *self._given(f"({own.first} + {own.start}) // {size}"),
            *self._drawn_per_update(f"{own.epoch} > 1 or {own.first} + {own.start} > 0"),
            "",
            *self._lines.forward,
            *at_loss,
            f"{own.share} = len({own.batch}) / len({own.rows})",
            "",
            *self._lines.after,
        ]
        step = [
            f"{own.rows} = {own.order}[{own.first} : {f'min({stop}, {length})' if self._draws.drop_last else stop}]",
            "",
            *self._lines.before_step,
            "",
            f"for {own.start} in range(0, len({own.rows}), {size}):",
            *(indent(line, "    ") for line in batch),
            "",
            *self._lines.after_batches,
        ]
        return [f"for {own.first} in range(0, {length}, {rows_of_step}):", *(indent(line, "    ") for line in step)]

    def _drawn_again(self, name: str) -> str:
        array = drawn(name, self._scenario.draws[name], self._scenario, self._dtype, self._draw_names)
        return f"{self._own.arrays[name]} = {array}" if name in self._own.arrays else self._data(name, array)

    def _data(self, name: str, array: str) -> str:
        return f"{self._named.tensors[name]} = {self._framework.data.format(array)}"

    @property
    def _draw_names(self) -> DrawNames:
        return DrawNames(self._own.random, self._own.archive, self._own.sizes)

    def _own_names(self, defined: Iterable[str]) -> _Names:
        names = Names([*self._program.shapes, *defined])
        sizes = {size: names.take(size) for size in self._scenario.sizes or {}}
        own = {name: names.take(name) for name in OWN}
        batched = [*(self._draws.by_row if self._draws.batch_size is not None else ()), *self._draws.given]
        arrays = {name: names.take(f"{name.replace('.', '_')}_all") for name in batched}
        return _Names(**own, sizes=sizes, arrays=arrays)


def _check(scenario: Scenario, program: Program, source: BackendSource) -> None:
    for name in [*(call.op for call in program.calls), *(rule.op for rule in program.rules)]:
        if name not in source.texts:
            raise InputError(f"the backend has no op {name} (needed by scenario {scenario.name})")


def _is_one_array(arrays: Sequence[Array]) -> bool:
    return len({array.shape for array in arrays}) == 1


def _joined(arrays: Sequence[Array]) -> Array:
    """The arrays of several updates as one: beside each other, or their rows one after the other if they differ."""
    return np.stack(arrays) if _is_one_array(arrays) else np.concatenate(arrays)


def _import_order(lines: Iterable[str]) -> list[str]:
    return sorted(lines, key=lambda line: (line.startswith("from"), line))


def _spaced(parts: Sequence[str]) -> str:
    """The parts of a file, with two empty lines around functions and classes and one between other parts."""
    text = parts[0]
    for before, part in pairwise(parts):
        lines = 2 if any(other.startswith(("def ", "class ", "@")) for other in (before, part)) else 1
        text += "\n" * (lines + 1) + part
    return text + "\n"
