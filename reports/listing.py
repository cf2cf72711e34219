"""Lists scenarios, backends and ops, from definitions and source alone: no framework is imported."""

import importlib.util
from collections.abc import Mapping

from reports.drawing import Format, draw_table
from reports.source import is_op, read_backend
from scenarios import Scenario


def scenario_table(scenarios: Mapping[str, Scenario], table_format: Format) -> str:
    """One row per scenario."""
    rows = [
        {
            "scenario": scenario.name,
            "dtype": scenario.dtype,
            "epochs": str(scenario.epochs),
            "batch": str(scenario.batch_size or "all"),
            "optimizer": scenario.optimizer.name,
            "settings (--set)": ", ".join(f"{name}={value:g}" for name, value in scenario.settings.items()),
            "what it is": scenario.description,
        }
        for scenario in scenarios.values()
    ]
    return draw_table(rows, table_format, left_aligned=True)


def backend_table(modules: Mapping[str, str], table_format: Format) -> str:
    """One row per backend: its module and whether its framework is installed."""
    rows = [
        {
            "backend": name,
            "module": module,
            "framework": "installed" if importlib.util.find_spec(name) else "not installed",
        }
        for name, module in modules.items()
    ]
    return draw_table(rows, table_format, left_aligned=True)


def op_table(modules: Mapping[str, str], table_format: Format) -> str:
    """One row per op and optimizer: which backend has it, and the first line of its docstring."""
    sources = {name: read_backend(module) for name, module in modules.items()}
    by_hand = sources["numpy"]
    names = list(dict.fromkeys(name for source in sources.values() for name in source.names))
    rows = [
        {
            "op": name,
            "kind": "op" if name in by_hand.functions and is_op(by_hand.functions[name]) else "optimizer",
            **{backend: "yes" if name in source.functions else "no" for backend, source in sources.items()},
            "what it is": by_hand.summary(name),
        }
        for name in names
    ]
    return draw_table(rows, table_format, left_aligned=True)
