"""Reads saved runs: JSON documents of the schema `lockstep.run/1`, whose numbers must fit together."""

import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from harness.documents import document_of, is_printable, read_json
from harness.results import SCHEMA, Document, Flip, Mismatch, Result, Worst
from scenarios import DTYPES

COUNTS = ("checks", "failed", "suspect", "unchecked", "updates")
"""What a certificate counts."""
MOST_SEED = 2**32 - 1
"""NumPy's RandomState takes no larger one."""
MOST_THREADS, MOST_EXAMPLES = 2**16, 2**40
"""More than there are."""


def read_document(path: Path) -> Document:
    """Read a saved run. Raises InputError if it can't be read, is no lockstep.run/1, or does not fit together."""
    return run_document(read_json(path), path)


def run_document(decoded: Any, path: Path) -> Document:
    """The saved run that the JSON of a file holds. Raises InputError as read_document does."""
    return document_of(decoded, path, Document, SCHEMA, "run", _problems)


def _problems(document: Document) -> Iterator[str]:
    if not document.results:
        yield "`$.results` is empty"
    for number, result in enumerate(document.results):
        for place, problem in _problems_of(result):
            yield f"`$.results[{number}]{place}` {problem}"


def _problems_of(result: Result) -> Iterator[tuple[str, str]]:
    """The place within the result, and what is wrong there."""
    for place, name in _names(result):
        if not is_printable(name):
            yield place, f"is {name!r}, which is no name"
    if len(result.backends) < 2 or len(set(result.backends)) < len(result.backends):
        yield ".backends", "does not name two backends or more, each once"
    if result.reference not in result.backends:
        yield ".reference", f"is {result.reference!r}, which is none of the backends"
    dtypes = [("", result.dtype), *((f".explanations[{i}]", each.dtype) for i, each in enumerate(result.explanations))]
    for place, dtype in dtypes:
        if dtype not in DTYPES:
            yield f"{place}.dtype", f"is {dtype!r}, which is none of {', '.join(DTYPES)}"
    for field, value, least, most in (
        ("seed", result.seed, 0, MOST_SEED),
        ("threads", result.threads, 1, MOST_THREADS),
        ("batch_size", 1 if result.batch_size is None else result.batch_size, 1, MOST_EXAMPLES),
    ):
        if not least <= value <= most:
            yield f".{field}", f"is not from {least} to {most}"
    if result.updates % result.epochs:
        yield ".updates", f"is {result.updates}, which {result.epochs} epochs do not divide"
    yield from _per_backend(result)
    yield from _certificates(result)
    for place, seen in _places_in_time(result):
        yield from ((f"{place}{field}", problem) for field, problem in _misplaced(seen, result))
    if result.horizon is not None and not 1 <= result.horizon <= result.epochs:
        yield ".horizon", f"is none of the {result.epochs} epochs"


def _names(result: Result) -> Iterator[tuple[str, str]]:
    yield ".scenario", result.scenario
    yield ".optimizer", result.optimizer
    yield from ((f".backends[{number}]", name) for number, name in enumerate(result.backends))
    yield from ((".settings", name) for name in result.settings)
    yield from ((".groups", name) for group in result.groups for name in group)
    for place, seen in _places_in_time(result):
        yield f"{place}.tensor", seen.tensor
        if not isinstance(seen, Worst):
            yield f"{place}.op", seen.op
    for number, each in enumerate(result.sharpness):
        yield f".sharpness[{number}].op", each.op
    for number, normalised in enumerate(result.normalised):
        yield f".normalised[{number}].op", normalised.op


def _per_backend(result: Result) -> Iterator[tuple[str, str]]:
    """What is kept for each backend, and how much of it."""
    for field, kept in (("losses", result.losses), ("seconds", result.seconds)):
        yield from _keys(field, kept, result.backends, needed=True)
    yield from _keys("accuracy", result.accuracy, result.backends, needed=False)
    largest = float(np.finfo(result.dtype).max) if result.dtype in DTYPES else math.inf
    for backend, losses in result.losses.items():
        if len(losses) != result.epochs:
            yield f".losses.{backend}", f"has {len(losses)} numbers for {result.epochs} epochs"
        if any(math.isfinite(loss) and abs(loss) > largest for loss in map(float, losses)):
            yield f".losses.{backend}", f"has a number that is too large for {result.dtype}"
    for backend, seconds in result.seconds.items():
        if seconds < 0:
            yield f".seconds.{backend}", f"is {seconds}, and no time is negative"
    for backend, accuracy in result.accuracy.items():
        if not 0 <= accuracy <= 1:
            yield f".accuracy.{backend}", f"is {accuracy}, which is not from 0 to 1"


def _keys(field: str, kept: Iterable[str], backends: list[str], *, needed: bool) -> Iterator[tuple[str, str]]:
    for name in kept:
        if name not in backends:
            yield f".{field}", f"has {name!r}, which is none of the backends"
    if needed:
        yield from ((f".{field}", f"has nothing of {name}") for name in backends if name not in kept)


def _certificates(result: Result) -> Iterator[tuple[str, str]]:
    yield from _keys("certified", result.certified, result.backends, needed=False)
    for backend, counts in result.certified.items():
        place = f".certified.{backend}"
        if set(counts) != set(COUNTS):
            yield place, f"does not have the counts {', '.join(COUNTS)}"
        elif min(counts.values()) < 0:
            yield place, "has a negative count"
        elif counts["failed"] + counts["suspect"] + counts["unchecked"] > counts["checks"]:
            yield place, f"counts more results than its {counts['checks']} checks"
        elif counts["updates"] > result.updates:
            yield place, f"has {counts['updates']} certified updates of {result.updates}"
    failed = any(counts.get("failed") for counts in result.certified.values())
    explained = len(result.culprits) if failed else 0
    if (failed and not result.culprits) or not explained == len(result.rulings) == len(result.explanations):
        yield ".culprits", "does not have a ruling and an explanation for each whose certificate failed"


Seen = Mismatch | Worst | Flip
"""Something of one backend, at one epoch of a run."""


def _places_in_time(result: Result) -> Iterator[tuple[str, Seen]]:
    lists: dict[str, Iterable[Seen]] = {
        "worst": result.worst,
        "suspects": result.suspects,
        "culprits": result.culprits,
    }
    for field, entries in lists.items():
        yield from ((f".{field}[{number}]", seen) for number, seen in enumerate(entries))
    if result.first is not None:
        yield ".first", result.first
    if result.flip is not None:
        yield ".flip", result.flip


def _misplaced(seen: Seen, result: Result) -> Iterator[tuple[str, str]]:
    if seen.backend not in result.backends:
        yield ".backend", f"is {seen.backend!r}, which is none of the backends"
    if not 1 <= seen.epoch <= result.epochs:
        yield ".epoch", f"is {seen.epoch}, which is none of the {result.epochs} epochs"
    if not isinstance(seen, Worst) and not 1 <= seen.update <= result.updates:
        yield ".update", f"is {seen.update}, which is none of the {result.updates} updates"
    for field in ("error", "allowed", "size", "ulps"):
        if float(getattr(seen, field, 0)) < 0:
            yield f".{field}", "is negative"
    if any(position < 0 for position in seen.index):
        yield ".index", "has a negative position"
