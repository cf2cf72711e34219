"""The page that lists the others."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backends.contract import Program
from reports.languages.language import Language
from reports.page.comparison import ComparisonContent
from reports.page.page import PageContent
from reports.page.rendering import rendered, scripts
from reports.page.run.map import page_rows

Content = PageContent | ComparisonContent
OF_A_FRAMEWORK = re.compile(r"\b(?:np|F|torch|chainer)\.[\w.]+(?=\()")


@dataclass(frozen=True)
class Card:
    """One page in the list."""

    address: str
    title: str
    small: str
    verdict: str
    facts: tuple[tuple[str, Mapping[str, Any]], ...]
    """Texts by their keys, with the values that are put into them."""
    sides: str
    description: str
    is_clause: bool = False
    """Whether the description lacks its full stop."""
    words: str = ""
    """What it is found by beside what it says."""


def render_index(contents: Sequence[tuple[str, Content]], language: Language) -> str:
    """The page that lists the others, which are given with their addresses, as HTML."""
    return rendered(
        "index.html",
        language,
        runs=[_of_run(address, content) for address, content in contents if isinstance(content, PageContent)],
        comparisons=[
            _of_comparison(address, content) for address, content in contents if isinstance(content, ComparisonContent)
        ],
        title="Lockstep",
        content=contents[0][1],
        index=None,
        code_style="",
        scripts=scripts(["language", "search", "printing"]) + "\nstartLanguage();\nstartSearch();",
    )


def _of_run(address: str, content: PageContent) -> Card:
    result = content.result
    return Card(
        address=address,
        title=result.scenario,
        small=result.dtype,
        verdict=result.verdict,
        facts=(("meta.epochs", {"n": f"{result.epochs:,}"}), ("meta.seed", {"n": result.seed})),
        sides=", ".join(result.backends),
        description=content.description,
        words=" ".join(_functions(content.program)),
    )


def _functions(program: Program | None) -> list[str]:
    """The ops and rules of a program, and what their lines call, such as `F.relu`; each once."""
    if program is None:
        return []
    ops = [*(call.op for call in program.calls), *(rule.op for rule in program.rules)]
    lines = [line.text for row in page_rows(program) if row.kind != "loop" for _, cell in row.cells for line in cell]
    return list(dict.fromkeys([*ops, *(name for line in lines for name in OF_A_FRAMEWORK.findall(line))]))


def _of_comparison(address: str, content: ComparisonContent) -> Card:
    outcome = content.outcome
    first = outcome.first
    return Card(
        address=address,
        title=content.title,
        small="",
        verdict=outcome.verdict,
        facts=(),
        sides=" | ".join(f"{side.model} ({side.framework})" for side in (outcome.left, outcome.right)),
        description="" if first is None else first.text,
        is_clause=True,
    )
