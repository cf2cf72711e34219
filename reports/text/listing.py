"""Lists scenarios, backends and ops by family, from definitions and source alone: no framework is imported."""

import importlib.util
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backends.vocabulary import KINDS
from harness.recording.called_ops import called_ops
from reports.source.source import read_backend
from reports.text.table import Format, Row, render_table
from scenarios import Group, Scenario

MOST_NAMED = 2
"""The most scenarios that are named beside an op."""


@dataclass(frozen=True)
class ListedOp:
    """An op, or a rule around the ops, of the hand-written backend."""

    name: str
    family: str
    kind: str
    """op, optimizer, clipping, schedule or decay."""
    backends: tuple[str, ...]
    description: str
    """The first line of its docstring, which is mostly its equation."""
    scenarios: tuple[str, ...] = ()
    """Those that use it, by name."""


def family_of(scenario: Scenario) -> str:
    """The family of a built-in scenario: the file that defines it."""
    return scenario.function.__module__.rpartition(".")[2]


def listed_ops(modules: Mapping[str, str], scenarios: Iterable[Scenario] = ()) -> list[ListedOp]:
    """Every op and rule, in the order of the backends' files, with the scenarios among these that use it.

    `modules` maps the backends' names to their modules.
    """
    used = {scenario.name: called_ops(scenario) for scenario in scenarios}
    sources = {name: read_backend(module) for name, module in modules.items()}
    by_hand = sources["numpy"]
    ops = []
    for name in dict.fromkeys(name for source in sources.values() for name in source.names):
        having = tuple(backend for backend, source in sources.items() if name in source.texts)
        family = sources[having[0]].families[name]
        users = tuple(scenario for scenario, called in used.items() if name in called)
        ops.append(ListedOp(name, family, KINDS.get(name, "op"), having, by_hand.summary(name), users))
    return ops


def scenario_table(scenarios: Iterable[Scenario], table_format: Format, width: int | None = None) -> str:
    """One row per scenario, grouped by family."""
    rows: list[Row] = [
        {
            "family": family_of(scenario),
            "scenario": scenario.name,
            "what it is": scenario.description,
            "epochs": str(scenario.epochs),
            "batch": str(scenario.batch_size or "all"),
            "trained by": ", ".join(_rules(scenario)),
            "settings (--set)": ", ".join(f"{name}={value:g}" for name, value in scenario.settings.items()),
        }
        for scenario in sorted(scenarios, key=family_of)
    ]
    return _grouped(rows, table_format, width)


def op_table(ops: Sequence[ListedOp], backends: Iterable[str], table_format: Format, width: int | None = None) -> str:
    """One row per op, grouped by family: which backend has it, its equation, and which scenarios use it."""
    rows: list[Row] = [
        {
            "family": op.family,
            "op": op.name,
            **{backend: "yes" if backend in op.backends else "no" for backend in backends},
            "what it is": op.description,
            "used by": _some_of(op.scenarios),
        }
        for op in ops
    ]
    return _grouped(rows, table_format, width)


def backend_table(modules: Mapping[str, str], table_format: Format) -> str:
    """One row per backend: its module and whether its framework is installed."""
    rows = [
        {"backend": name, "module": module, "framework": "installed" if _is_installed(name) else "not installed"}
        for name, module in modules.items()
    ]
    return render_table(rows, table_format, left_aligned=True)


def listing_document(
    scenarios: Iterable[Scenario], ops: Iterable[ListedOp], modules: Mapping[str, str]
) -> dict[str, list[dict[str, Any]]]:
    """The three lists as plain data, for JSON."""
    return {
        "scenarios": [
            {
                "name": scenario.name,
                "family": family_of(scenario),
                "description": scenario.description,
                "dtype": scenario.dtype,
                "seed": scenario.seed,
                "epochs": scenario.epochs,
                "batch_size": scenario.batch_size,
                **{kind: rule.name for kind, rule in scenario.rules.items()},
                "settings": scenario.settings,
                "groups": [_group(group) for group in scenario.groups],
            }
            for scenario in scenarios
        ],
        "ops": [
            {
                "name": op.name,
                "family": op.family,
                "kind": op.kind,
                "backends": list(op.backends),
                "description": op.description,
                "scenarios": list(op.scenarios),
            }
            for op in ops
        ],
        "backends": [
            {"name": name, "module": module, "installed": _is_installed(name)} for name, module in modules.items()
        ],
    }


def _rules(scenario: Scenario) -> list[str]:
    """The rules by name, and after the scenario's optimizer those of groups: `adagrad for table`."""
    optimizer, *others = (rule.name for rule in scenario.rules.values())
    own = [(group.optimizer.name, group.written) for group in scenario.groups if group.optimizer is not None]
    return [optimizer, *(f"{name} for {' and '.join(weights)}" for name, weights in own), *others]


def _group(group: Group) -> dict[str, Any]:
    """A group as plain data: with its optimizer if it has one of its own, whose settings are then the group's."""
    weights, own = list(group.weights), group.optimizer
    if own is None:
        return {"weights": weights, "settings": dict(group.settings)}
    return {"weights": weights, "optimizer": own.name, "settings": {**own.settings, **group.settings}}


def _some_of(names: Sequence[str]) -> str:
    """The first names, and how many there are besides: `--json` has them all."""
    more = len(names) - MOST_NAMED
    return ", ".join(names) if more <= 0 else f"{', '.join(names[:MOST_NAMED])} and {more} more"


def _is_installed(framework: str) -> bool:
    return importlib.util.find_spec(framework) is not None


def _grouped(rows: list[Row], table_format: Format, width: int | None) -> str:
    """A table whose text names each family once, at its first row."""
    if table_format == "text":
        families = [row["family"] for row in rows]
        for row, before in zip(rows[1:], families, strict=False):
            if row["family"] == before:
                row["family"] = ""
    return render_table(rows, table_format, left_aligned=True, keys=2, width=width)
