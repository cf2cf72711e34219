"""The vocabulary as a whole: every op has its words, and every op and rule is used by a scenario."""

import ast
import re
from pathlib import Path

import pytest

from backends.vocabulary import BUILT_IN, FAMILIES
from harness.recording.arrays import draw_arrays
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import hand_written_ops
from harness.recording.recorder import record_program
from reports.source.source import read_backend
from reports.text.listing import listed_ops

LISTED = listed_ops(BUILT_IN)
SOURCE = re.compile(r"\b(1[89]|20)\d\d\b|Deep Learning|Pattern Recognition|Convex Optimization|Chainer's|Elman")
"""A year of publication, a textbook, or the framework that the op is from."""


def used_by_scenarios() -> set[str]:
    names_used: set[str] = set()
    for scenario in built_in_scenarios().values():
        program = record_program(scenario, draw_arrays(scenario, scenario.dtype), hand_written_ops(()))
        names_used |= {call.op for call in program.calls} | {rule.op for rule in program.rules}
    return names_used


def test_every_op_and_rule_is_used_by_a_scenario() -> None:
    used = used_by_scenarios()
    unused = [op.name for op in LISTED if op.name not in used]
    assert not unused, f"no scenario uses {', '.join(unused)}"


def test_every_backend_has_every_op_and_rule() -> None:
    assert {op.backends for op in LISTED} == {("numpy", "chainer", "torch")}


@pytest.mark.parametrize("op", LISTED, ids=[op.name for op in LISTED])
def test_every_op_says_its_equation_its_shapes_and_where_it_is_from(op: object) -> None:
    name, kind, family = (getattr(op, what) for what in ("name", "kind", "family"))
    source = read_backend("backends.numpy_manual")
    words = ast.get_docstring(source.definition(name)) or ""
    assert re.search(r"[=←·]", words.split("\n")[0]) or kind != "op", "the first line has no equation"
    if kind == "op":
        assert "→" in words, "shapes in → shapes out are missing"
    assert SOURCE.search(words) or family in FAMILIES["arrays"], "no source is named"
    for backend in BUILT_IN.values():
        assert ast.get_docstring(read_backend(backend).definition(name)), f"{backend} has no docstring"


def test_every_scenario_says_what_it_is_and_what_it_teaches() -> None:
    for name, scenario in built_in_scenarios().items():
        paragraphs = (scenario.function.__doc__ or "").strip().split("\n\n")
        assert paragraphs[0].endswith("."), name
        assert len(paragraphs) > 1, f"{name} does not say what it teaches"


@pytest.mark.parametrize(
    ("document", "counts"),
    [
        ("docs/scenarios.md", "There are {} networks over {} ops"),
        ("docs/ja/scenarios.md", "{} 種類、演算は {} 種類"),
    ],
    ids=["English", "Japanese"],
)
def test_the_reference_of_scenarios_counts_right(document: str, counts: str) -> None:
    text = (Path(__file__).parents[2] / document).read_text(encoding="utf-8")
    ops = [op for op in LISTED if op.kind == "op"]
    assert counts.format(len(built_in_scenarios()), len(ops)) in text
