"""What a page says of a result: its culprits, its checks and its losses, as texts."""

from collections.abc import Mapping, Sequence
from typing import Any

from harness.results import Explanation, Mismatch, Result
from harness.running.deviations import in_ulps
from harness.sentences import OUTCOMES, certificate_failed, element
from reports.languages.language import LANGUAGES, Language
from reports.page.run.culprits import Sort, pointed_at, sort_of
from reports.text.runs.explanations import explanation_lines

LISTED_EPOCHS = (1, 2, 3, 5, 10, 20, 50, 100, 200, 300, 500, 1000, 2000)
"""The epochs whose losses are listed, beside the last."""


def checks(result: Result) -> dict[str, str] | None:
    """The counts of the certificates as texts, or None for a run without certificates."""
    if not result.certified:
        return None
    total = {key: sum(counts[key] for counts in result.certified.values()) for key in ("checks", *OUTCOMES)}
    total["updates"] = min(counts["updates"] for counts in result.certified.values())
    return {key: f"{count:,}" for key, count in total.items()}


TEXTS: Mapping[Sort, str] = {"wrong": "culprit.certificate", "slight": "culprit.slight", "parts": "culprit.parted"}
HEADINGS = {
    "culprit.certificate": "culprit.heading",
    "culprit.slight": "culprit.exceeded",
    "culprit.parted": "culprit.parts",
    "culprit.suspect": "culprit.unusual",
}
"""By the key of the first culprit: that of what stands above them."""


def findings(result: Result) -> list[dict[str, Any]]:
    """Every culprit, then every suspect, for the template: the key of its text, what fills it in, what is known."""
    explained = bool(result.culprits) and certificate_failed(result)
    return [
        _finding(
            TEXTS[sort_of(each, result)],
            each,
            _lines(result.explanations[i]) if explained else None,
            ruling.text if explained and (ruling := result.rulings[i]) else "",
        )
        for i, each in enumerate(pointed_at(result))
    ] + [_finding("culprit.suspect", each, None, "") for each in result.suspects]


def _lines(explanation: Explanation) -> dict[Language, str]:
    """The arithmetic of a wrong element, by language."""
    return {
        language: "\n".join(explanation_lines(explanation, solution=True, language=language)) for language in LANGUAGES
    }


def failed_checks(result: Result) -> dict[str, int]:
    """How many checks failed in each backend that was certified."""
    return {name: counts["failed"] for name, counts in result.certified.items()}


def _finding(key: str, mismatch: Mismatch, lines: Mapping[Language, str] | None, ruling: str) -> dict[str, Any]:
    return {
        "key": key,
        "heading": HEADINGS[key],
        "given": {
            "backend": mismatch.backend,
            "element": element(mismatch),
            "epoch": mismatch.epoch,
            "op": mismatch.op,
        },
        "phase": f"phase.{mismatch.phase}",
        "call": mismatch.call,
        "got": f"{float(mismatch.got):.9g}",
        "want": f"{float(mismatch.want):.9g}",
        "error": f"{float(mismatch.error):.3g} ({float(mismatch.ulps):.3g} ulp)",
        "allowed": f"{float(mismatch.allowed):.3g}",
        "lines": lines,
        "ruling": ruling,
    }


def losses_at(result: Result) -> list[tuple[int, list[str]]]:
    """The losses of a few epochs, for paper and for browsers without scripts."""
    epochs = sorted({*(epoch for epoch in LISTED_EPOCHS if epoch <= result.epochs), result.epochs})
    return [(e, [f"{float(result.losses[name][e - 1]):#.9g}" for name in result.backends]) for e in epochs]


def ulps_moved(result: Result, again: Mapping[str, Sequence[float]]) -> float:
    """The largest difference in ulps between the result's losses and those of the page's own run."""
    pairs = [pair for name in result.backends for pair in zip(result.losses[name], again[name], strict=True)]
    apart = [
        in_ulps(abs(float(a) - b), float(a), result.dtype)
        for a, b in pairs
        if float(a) != b and not (float(a) != float(a) and b != b)
    ]
    return max(apart, default=0.0)
