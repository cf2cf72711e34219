"""What a page says of a result: its culprits, its table and its certificates, as texts."""

from collections.abc import Mapping, Sequence
from typing import Any

from harness.results import Mismatch, Result, Sharpness
from harness.running.deviations import in_ulps
from harness.sentences import OUTCOMES, certificate_failed, element
from reports.text.explanations import explanation_lines
from reports.text.run import plain_rows, short_count


def checks(result: Result) -> dict[str, str] | None:
    """How the certificates ended, as texts."""
    if not result.certified:
        return None
    total = {key: sum(counts[key] for counts in result.certified.values()) for key in ("checks", *OUTCOMES)}
    total["updates"] = min(counts["updates"] for counts in result.certified.values())
    return {key: f"{count:,}" for key, count in total.items()}


def culprits(result: Result) -> list[dict[str, Any]]:
    """Every culprit with its text's key, what is put into it, and what the harness wrote of it."""
    failed = certificate_failed(result)
    found = []
    for i, culprit in enumerate(result.culprits):
        lines = explanation_lines(result.explanations[i]) if failed else []
        ruling = result.rulings[i] if failed else None
        key = "culprit.certificate" if failed else "culprit.parted"
        found.append(_culprit(key, culprit, lines, ruling.text if ruling else ""))
    if result.verdict == "disagree" and not found and result.first is not None:
        found.append(_culprit("culprit.parted", result.first, [], ""))
    found += [_culprit("culprit.suspect", suspect, [], "") for suspect in result.suspects]
    return found


def _culprit(key: str, mismatch: Mismatch, lines: Sequence[str], ruling: str) -> dict[str, Any]:
    return {
        "key": key,
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
        "lines": "\n".join(lines),
        "ruling": ruling,
    }


def table_rows(result: Result) -> list[dict[str, str]]:
    """The table, a row per backend."""
    return [_shown_row(row) for row in plain_rows(result)]


def _shown_row(row: Mapping[str, Any]) -> dict[str, str]:
    shown = {"backend": row["backend"], "final": f"{row['final_loss']:#.9g}"}
    for name in ("loss", "weights"):
        deviation = row[f"{name}_deviation"]
        at = f" ({row['weights_tensor']})" if name == "weights" else ""
        shown |= {
            f"{name}_off": "" if deviation is None else f"{deviation:.1e}" if deviation else "0",
            f"{name}_ulps": "" if deviation is None else short_count(row[f"{name}_ulps"]),
            f"{name}_epoch": f"{row[f'{name}_epoch']}{at}" if deviation else "",
            f"{name}_allowed": "" if deviation is None else f"{row[f'{name}_allowed']:.1e}",
        }
    accuracy = row["held_out_accuracy"]
    return {**shown, "time": f"{row['ms_per_epoch']:.3f}", "accuracy": "" if accuracy is None else f"{accuracy:.2%}"}


def sharpness(measured: Sequence[Sharpness]) -> list[dict[str, str]]:
    """A row per op and phase, over all backends."""
    merged: dict[tuple[str, str], list[Sharpness]] = {}
    for sharp in measured:
        merged.setdefault((sharp.op, sharp.phase), []).append(sharp)
    rows = []
    for (op, phase), found in merged.items():
        closest = max(found, key=lambda sharp: sharp.used)
        sees = max(sharp.sharpness for sharp in found)
        rows.append(
            {
                "op": op,
                "phase": phase,
                "sees": f"{sees:.1e}" if sees else "",
                "used": f"{closest.used:.0%}",
                "backend": closest.backend if closest.used else "",
            }
        )
    return rows


def losses_at(result: Result) -> list[tuple[int, list[str]]]:
    """The losses of a few epochs, for readers without a script and on paper."""
    wanted = {1, 2, 3, 5, 10, 20, 50, 100, 200, 300, 500, 1000, 2000, result.epochs}
    epochs = sorted(epoch for epoch in wanted if epoch <= result.epochs)
    return [(e, [f"{float(result.losses[name][e - 1]):#.9g}" for name in result.backends]) for e in epochs]


def ulps_moved(result: Result, again: Mapping[str, Sequence[float]]) -> float:
    """By how many ulps the losses of the page's own run differ from the result's, at most."""
    pairs = [pair for name in result.backends for pair in zip(result.losses[name], again[name], strict=True)]
    apart = [
        in_ulps(abs(float(a) - b), float(a), result.dtype)
        for a, b in pairs
        if float(a) != b and not (float(a) != float(a) and b != b)
    ]
    return max(apart, default=0.0)
