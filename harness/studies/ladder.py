"""The ladder's rungs, read from their files, and whether each agrees with the NumPy program that it began as."""

import ast
import importlib
import io
import pkgutil
import re
import tokenize
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from harness.errors import BackendMissing, InputError, did_you_mean
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import REFERENCE, LoadedBackend, load_backend
from harness.results import Result, Worst
from harness.run import run_scenario
from scenarios import Scenario

PACKAGE = "backends.ladder"
ADAPTER = "backends.climbing.as_backend"
LADDERS = ("chainer", "torch")
FIRST = "numpy"
"""Both ladders begin with the same rung."""
SCENARIO = "two_layer_tiny"
"""The article's network in its own sizes, which every rung also draws when it runs as a script."""
CERTIFIED_EVERY = 10
"""Keeps a learner waiting for seconds only; the first three updates and the last are certified, too."""
NAME = re.compile(rf"({FIRST}|{'|'.join(LADDERS)})_(\d+)_\w+")


@dataclass(frozen=True)
class Rung:
    """One program of a ladder."""

    name: str
    """The name of its file, such as chainer_3_links."""
    ladder: str
    number: int
    replaces: str
    """What it replaces from the rung before."""
    now: str
    """What the framework now does for you."""
    code: str
    """Its source without the docstring, which holds the two above."""

    @property
    def lines(self) -> int:
        """How many lines of code there are, without blank lines, docstrings and comments."""
        return code_lines(self.code)


@dataclass(frozen=True)
class Climbed:
    """A rung and the run that compared it."""

    rung: Rung
    result: Result
    backend: str
    """The rung's name in that run."""


def ladders() -> dict[str, list[Rung]]:
    """The rungs of each ladder from NumPy on, by its name. Imports none of them."""
    package = find_spec(PACKAGE)
    assert package is not None
    rungs = [
        _read(Path(folder) / f"{module.name}.py", match[1], int(match[2]))
        for folder in package.submodule_search_locations or ()
        for module in pkgutil.iter_modules([folder])
        if (match := NAME.fullmatch(module.name))
    ]
    rungs.sort(key=lambda rung: rung.number)
    return {ladder: [rung for rung in rungs if rung.ladder in (FIRST, ladder)] for ladder in LADDERS}


def find_rung(ladder: str, number: int) -> Rung:
    """One rung by its number. Raises InputError if there is none."""
    rungs = find_ladder(ladder)
    if number not in range(len(rungs)):
        raise InputError(f"the {ladder} ladder has no rung {number}; its rungs are 0 to {len(rungs) - 1}")
    return rungs[number]


def find_ladder(name: str) -> list[Rung]:
    """The rungs of one ladder. Raises InputError if there is none of that name."""
    by_name = ladders()
    if name not in by_name:
        raise InputError(f"there is no ladder {name!r}{did_you_mean(name, by_name)}")
    return by_name[name]


def climb(
    rungs: Sequence[Rung], dtype: str, *, scenario: Scenario | None = None, certify: int = CERTIFIED_EVERY
) -> list[Climbed]:
    """Train the article's network by every rung, in lockstep with the first and with the suite's own NumPy.

    `scenario` may give the network other sizes or epochs. Raises BackendMissing if a framework can't be imported.
    """
    run = partial(run_scenario, scenario or built_in_scenarios()[SCENARIO], dtype=dtype, certify=certify)
    first, *others = [LoadedBackend(rung.name, rung_backend(rung)) for rung in rungs]
    suite = load_backend(REFERENCE)
    together = run([first, suite, *others])
    compared = [(rungs[0], suite), *zip(rungs[1:], others, strict=True)]
    if together.verdict == "agree":
        return [Climbed(rung, together, backend.name) for rung, backend in compared]
    # A verdict belongs to a whole run, so each rung gets a run of its own.
    return [Climbed(rung, run([first, backend]), backend.name) for rung, backend in compared]


def code_lines(source: str) -> int:
    """How many lines of a source are code, not blank and not part of a comment or a docstring."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    nothing = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)
    lines = {line for t in tokens if t.type not in nothing for line in range(t.start[0], t.end[0] + 1)}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            docstring = node.body[0]
            lines -= {*range(docstring.lineno, (docstring.end_lineno or docstring.lineno) + 1)}
    return len(lines)


def _read(path: Path, ladder: str, number: int) -> Rung:
    source = path.read_text(encoding="utf-8")
    module = ast.parse(source)
    replaces, _, now = (ast.get_docstring(module) or "").partition("\n\n")
    code = "\n".join(source.split("\n")[module.body[0].end_lineno :]).lstrip("\n")
    return Rung(path.stem, ladder, number, replaces, " ".join(now.split()), code)


def rung_backend(rung: Rung) -> Any:
    """A rung as the module of a backend. Raises BackendMissing if its framework can't be imported."""
    try:
        as_backend = importlib.import_module(ADAPTER)
        return as_backend.rung_as_backend(rung.ladder, importlib.import_module(f"{PACKAGE}.{rung.name}"))
    except ImportError as error:
        raise BackendMissing(
            f"rung {rung.name} can't be imported: {error}; `lockstep doctor` says what to do"
        ) from error


def agreed(climbed: Sequence[Climbed]) -> bool:
    """Whether every rung agrees."""
    return all(climb.result.verdict == "agree" for climb in climbed)


def largest_deviation(climbed: Climbed) -> Worst | None:
    """Where a loss or a weight of a rung is off by most ulps; None where nothing was compared."""
    of_rung = [worst for worst in climbed.result.worst if worst.backend == climbed.backend]
    compared = (worst for worst in of_rung if worst.kind in ("loss", "weight"))
    return max(compared, key=lambda worst: float(worst.ulps), default=None)


def checks_by_outcome(climbed: Climbed) -> Mapping[str, int]:
    """How the certificates of a rung ended."""
    return climbed.result.certified.get(climbed.backend, {})
