"""Says what the certificates of a run found: each failure written out, and how much every op's checks can see."""

from harness.results import Result, Sharpness
from harness.sentences import certificate_failed, certificates, failure, headline
from reports.text.explanations import explanation_lines
from reports.text.table import draw_table


def certificate_report(result: Result, width: int | None = None) -> str:
    """What certificates found, under the verdict and how many checks there were."""
    lines = [headline(result)]
    if result.certified:
        lines.append(f"  {certificates(result)}")
    return "\n".join(lines) + f"\n\n{certificate_findings(result, width)}"


def certificate_findings(result: Result, width: int | None = None) -> str:
    """The failures with their arithmetic, then a table of the ops; for a run without certificates, that it has none."""
    if not result.certified:
        return "no op was certified in this run\n"
    parts = []
    failures = result.culprits if certificate_failed(result) else []
    for culprit, ruling, explanation in zip(failures, result.rulings, result.explanations, strict=True):
        lines = [failure(culprit, result), *([f"  {ruling.text}"] if ruling else [])]
        parts.append("\n".join([*lines, *(f"  {line}".rstrip() for line in explanation_lines(explanation))]))
    return "\n\n".join([*parts, sharpness_table(result, width)])


def sharpness_table(result: Result, width: int | None = None) -> str:
    """Per op and phase, over all backends: from which error on its checks are sure to fail, and the largest error.

    The former is relative to the largest element of the tensor, the latter in units of what was allowed there.
    """
    merged: dict[tuple[str, str], list[Sharpness]] = {}
    for sharp in result.sharpness:
        merged.setdefault((sharp.op, sharp.phase), []).append(sharp)
    rows = []
    for (op, phase), measured in merged.items():
        closest = max(measured, key=lambda sharp: sharp.used)
        from_size = max(sharp.sharpness for sharp in measured)
        rows.append(
            {
                "op": op,
                "phase": phase,
                "sees errors\nfrom, relative": f"{from_size:.1e}" if from_size else "any",
                "largest error\nof its bound": f"{closest.used:.0%}",
                "largest error\nin": closest.backend if closest.used else None,
            }
        )
    return draw_table(rows, "text", width=width)
