"""Puts a result into words: one line for the verdict, then what, where and by how much."""

import ast
import importlib
import inspect
from collections.abc import Sequence
from textwrap import dedent

from backends.vocabulary import BUILT_IN, HAND_WRITTEN, KEEP, TRAIN
from harness.results import Formula, Mismatch, Normalised, Result

VERDICTS = ("agree", "drift", "disagree", "inconclusive")

OUTCOMES = ("failed", "suspect", "unchecked")


def headline(result: Result) -> str:
    """One line: scenario, dtype and verdict; for a failed check or a disagreement also where and how large it is."""
    run = f"{result.scenario} {result.dtype}{' as it comes' if result.as_is else ''}: {result.verdict}"
    if result.verdict in ("disagree", "inconclusive") and certificate_failed(result):
        culprit_of_all, ruling = result.culprits[0], result.rulings[0]
        blame = ""
        if ruling is not None and ruling.right == "backend":
            blame = f"the hand-written {culprit_of_all.op} is wrong, not "
        return f"{run}: {blame}{failure(culprit_of_all, result)}"
    if result.verdict == "disagree" and result.first is not None:
        return f"{run}: {first_mismatch(result.first, result.reference)}"
    backends = f"{', '.join(result.backends[:-1])} and {result.backends[-1]}"
    return f"{run} ({backends}, {counted(result.epochs, 'epoch')}, seed {result.seed})"


def summary(results: Sequence[Result]) -> str:
    """One line for many results: the number of each verdict, and the outcomes of all checks."""
    verdicts = [result.verdict for result in results]
    counts = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in VERDICTS if verdict in verdicts)
    total = _totals(results)
    outcomes = ", ".join(f"{total[key]:,} {key}" for key in OUTCOMES)
    return f"{len(results)} runs: {counts}; {total['checks']:,} checks, {outcomes}"


def details(result: Result, *, solution: bool = False) -> list[str]:
    """Further lines: what is normalised, other culprits, the op's source, why it is drift or inconclusive, checks.

    The source is that of the user's backend; the hand-written one is the `solution`.
    """
    failed = certificate_failed(result)
    lines = [normalisation(normalised) for normalised in result.normalised]
    if failed:
        lines += [f"also {failure(mismatch, result)}" for mismatch in result.culprits[1:]]
        lines += [ruling.text for ruling in result.rulings[:1] if ruling]
    else:
        lines += [f"runs part at {culprit(mismatch, result.reference)}" for mismatch in result.culprits]
    for mismatch in result.culprits[:1]:
        lines += [*own_lines(mismatch), *(_written_by_hand(mismatch) if solution else ())]
    lines += result.notes
    if result.first is not None and (failed or result.verdict == "drift"):
        lines.append(f"first over its allowance: {first_mismatch(result.first, result.reference)}")
    if result.certified:
        lines.append(certificates(result))
        if _totals([result])["unchecked"]:
            lines.append("unchecked: rounding alone may be as large as these values, so a check would say nothing")
    lines += [f"suspect: {failure(suspect, result)}" for suspect in result.suspects]
    lines += [_other_formula(formula) for formula in result.formulas]
    if result.accuracy:
        scores = ", ".join(f"{name} {accuracy:.2%}" for name, accuracy in result.accuracy.items())
        whose = " of the averaged weights" if result.averaged else ""
        lines.append(f"held-out accuracy{whose}: {scores}")
    if result.horizon is not None:
        lines.append(
            f"from epoch {result.horizon} on rounding alone may move a weight by 0.1 % of its tensor's largest element"
        )
    return lines


def normalisation(normalised: Normalised) -> str:
    """`chainer: adam with eps added after …, see …`; or that it ran as it comes."""
    as_it_comes = " as it comes, not" if normalised.as_it_comes else ""
    shown = " and ".join(f"`lockstep differences {name}`" for name in normalised.differences)
    see = f", see {shown}" if shown else ""
    return f"{normalised.backend}: {normalised.op}{as_it_comes} {normalised.how}{see}"


def certificate_failed(result: Result) -> bool:
    """Whether the culprits are ops whose certificate failed, not merely the place where runs part."""
    return any(counts["failed"] for counts in result.certified.values())


def certificates(result: Result) -> str:
    """One line: the number of checks of all backends, and their outcomes."""
    total = _totals([result])
    updates = min(counts["updates"] for counts in result.certified.values())
    where = counted(updates, "update") if updates == result.updates else f"{updates:,} of {result.updates:,} updates"
    outcomes = ", ".join(f"{total[key]:,} {key}" for key in OUTCOMES)
    return f"certified: {total['checks']:,} checks in {where}, {outcomes}"


def _totals(results: Sequence[Result]) -> dict[str, int]:
    """The numbers of checks and of each outcome, over all backends."""
    counts = [counts for result in results for counts in result.certified.values()]
    return {key: sum(each[key] for each in counts) for key in ("checks", *OUTCOMES)}


def failure(mismatch: Mismatch, result: Result) -> str:
    """A failed certificate: `mine: relu backward, call h_r, epoch 1, grad_h[0, 0], got 0.5, want 0 …`."""
    update = f", update {mismatch.update}" if result.updates > result.epochs else ""
    return (
        f"{mismatch.backend}: {_where(mismatch)}, epoch {mismatch.epoch}{update}, "
        f"{element(mismatch)}, got {_short(mismatch.got)}, want {_short(mismatch.want)}: {_by_how_much(mismatch)}"
    )


def _where(mismatch: Mismatch) -> str:
    """The op and its call; or the two tensors around the ops of which one is wrong."""
    if mismatch.op == TRAIN:
        return "the loss that it yields is not the one that it computed"
    if mismatch.op == KEEP:
        return "what is to stay as it is was changed"
    if mismatch.between is not None:
        start, end = mismatch.between
        return f"{mismatch.phase} between {start} and {end} ({mismatch.op})"
    call = f", call {mismatch.call}" if mismatch.call else ""
    return f"{mismatch.op} {mismatch.phase}{call}"


def _other_formula(formula: Formula) -> str:
    return (
        f"{formula.backend} computes {formula.op} {formula.phase} by {formula.formula}: "
        f"up to {formula.ulps:.2g} ulp off, {formula.times:.2g} times what the hand-written formula may be"
    )


def own_lines(culprit: Mismatch) -> list[str]:
    """The op as it stands in a user's backend, below its place."""
    place, *lines = culprit.own_source or ("",)
    return [place, *(f"  {line}".rstrip() for line in lines)] if place else []


def _written_by_hand(culprit: Mismatch) -> list[str]:
    """The op's hand-written source without its docstring; nothing where the op is not known."""
    function = getattr(importlib.import_module(BUILT_IN[HAND_WRITTEN]), culprit.op, None)
    if function is None or culprit.op in (TRAIN, KEEP):
        return []
    source = [f"  {line}".rstrip() for line in without_docstring(inspect.getsource(function))]
    return [f"the hand-written {culprit.op}:", *source]


def without_docstring(source: str) -> list[str]:
    """The lines of a function without its docstring."""
    lines = dedent(source).rstrip().split("\n")
    try:
        (definition,) = ast.parse("\n".join(lines)).body
    except (SyntaxError, ValueError):  # a lambda, or something within a longer statement
        return lines
    if isinstance(definition, ast.FunctionDef) and ast.get_docstring(definition) and len(definition.body) > 1:
        docstring, after = definition.body[:2]
        lines[docstring.lineno - 1 : after.lineno - 1] = []
    return lines


def message(result: Result) -> str:
    """The headline and the details as one text, as a failing assertion shows it."""
    return "\n".join([headline(result), *(f"  {line}" for line in details(result))])


def first_mismatch(mismatch: Mismatch, reference: str) -> str:
    """What, where and by how much: `torch's grad_w1[0, 3] at epoch 1 is 0.5, numpy has 0: …`."""
    return (
        f"{mismatch.backend}'s {element(mismatch)} at epoch {mismatch.epoch} is {_short(mismatch.got)}, "
        f"{reference} has {_short(mismatch.want)}: {_by_how_much(mismatch)}"
    )


def culprit(mismatch: Mismatch, reference: str) -> str:
    """The call where runs part: `relu backward, call h_r, epoch 1: grad_h[0, 0] …`."""
    call = f", call {mismatch.call}" if mismatch.call else ""
    phase = mismatch.phase if mismatch.phase != "loss" else "forward"
    return (
        f"{mismatch.op} {phase}{call}, epoch {mismatch.epoch}, update {mismatch.update}: "
        f"{element(mismatch)} is {_short(mismatch.got)} in {mismatch.backend}, {_short(mismatch.want)} in {reference}"
    )


def element(mismatch: Mismatch) -> str:
    """The tensor with the index: `grad_w1[0, 3]`; a single number has no index."""
    index = ", ".join(str(i) for i in mismatch.index)
    return f"{mismatch.tensor}[{index}]" if mismatch.index else mismatch.tensor


def counted(count: int, noun: str) -> str:
    """`1 epoch`, `300 epochs`."""
    return f"{count} {noun}" if count == 1 else f"{count:,} {noun}s"


def _by_how_much(mismatch: Mismatch) -> str:
    if mismatch.slight:
        allowed = float(mismatch.allowed)
        times = float(mismatch.error) / allowed if allowed else float("inf")
        return (
            f"off by {times:.3g} times the bound: a less accurate function (ACCURACY) or another formula (FORMULAS) "
            "would explain this; see docs/backends.md"
        )
    return f"off by {float(mismatch.error):.3g} ({float(mismatch.ulps):.3g} ulp), allowed {float(mismatch.allowed):.3g}"


def _short(value: float | str) -> str:
    return f"{float(value):.9g}"
