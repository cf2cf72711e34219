"""The code map: one row per call of a program, in NumPy (forward and backward), Chainer and PyTorch.

Every line is the backends' own source with the scenario's names put in; nothing here is typed a second time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from backends.contract import Program
from reports.source import (
    BackendSource,
    HandWritten,
    framework_lines,
    framework_rule_lines,
    loop_lines,
    read_backend,
    rule_lines,
)

COLUMNS = ("NumPy forward", "NumPy backward", "Chainer", "PyTorch")
LOOP_PARTS = ("clear gradients", "backward", "step")


@dataclass(frozen=True)
class MapRow:
    """One row: what it is, and the lines of code in each of COLUMNS."""

    title: str
    cells: tuple[list[str], list[str], list[str], list[str]]


def code_map(program: Program) -> list[MapRow]:
    """The rows of a program: its calls in order, the optimizer, and the loop around them."""
    by_hand, chainer, torch = (_source(name) for name in ("numpy_manual", "chainer_autograd", "torch_autograd"))
    lines = HandWritten(by_hand.functions, program)
    rows = [
        MapRow(
            f"op.{call.op}",
            (
                forward,
                backward,
                framework_lines(chainer.functions[call.op], call),
                framework_lines(torch.functions[call.op], call),
            ),
        )
        for call, forward, backward in zip(program.calls, lines.forward, lines.backward, strict=True)
    ]
    rule = program.optimizer.op
    rows.append(
        MapRow(
            f"optimizer {rule}",
            (
                rule_lines(by_hand.functions[rule], program),
                [],
                framework_rule_lines(chainer.functions[rule], program),
                framework_rule_lines(torch.functions[rule], program),
            ),
        )
    )
    rows += [
        MapRow(
            f"loop: {part}",
            (
                loop_lines(by_hand, part, program),
                [],
                loop_lines(chainer, part, program),
                loop_lines(torch, part, program),
            ),
        )
        for part in LOOP_PARTS
    ]
    return rows


def op_sources(name: str) -> list[tuple[str, str]]:
    """One op or optimizer as it stands in each backend: (backend, source with docstring)."""
    modules = {"NumPy": "numpy_manual", "Chainer": "chainer_autograd", "PyTorch": "torch_autograd"}
    return [
        (title, _source(module).code(name)) for title, module in modules.items() if name in _source(module).functions
    ]


def known_ops() -> Sequence[str]:
    """Every op and optimizer of the hand-written backend."""
    return _source("numpy_manual").names


def _source(module: str) -> BackendSource:
    return read_backend(f"backends.{module}")
