"""The rows of a run's table, one per backend: as numbers, and as texts for tables and pages."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from harness.results import Result, Worst

DEVIATION_COLUMNS = ("off by", "ulp", "epoch", "allowed")
DeviationTexts = tuple[str | None, str | None, str | None, str | None]


class Deviation(NamedTuple):
    """The largest deviation of a tensor from the reference's, and what is allowed: relative to its largest element."""

    relative: float
    ulps: float
    epoch: int
    allowed: float
    tensor: str


class RunRow(NamedTuple):
    """A backend's numbers, unrounded; the reference has no deviations."""

    scenario: str
    dtype: str
    as_is: bool
    """Whether the frameworks' own functions ran in place of the normalised ones."""
    verdict: str
    backend: str
    normalised: str | None
    """The ops and rules that this backend computes otherwise than its framework, one after the other; None for none."""
    final_loss: float
    loss: Deviation | None
    weights: Deviation | None
    """That of the weight that deviates most."""
    ms_per_epoch: float
    time_ratio: float
    """The time over the reference's."""
    held_out_accuracy: float | None


class ShownRow(NamedTuple):
    """A backend's numbers as texts, None where there is no number; deviations are in the order of DEVIATION_COLUMNS."""

    backend: str
    final_loss: str
    loss: DeviationTexts
    weights: DeviationTexts
    ms_per_epoch: str
    time_ratio: str
    held_out_accuracy: str | None


def run_rows(result: Result) -> list[RunRow]:
    """One row per backend."""
    reference_time = milliseconds(result, result.reference)
    rows = []
    for backend in result.backends:
        time = milliseconds(result, backend)
        rows.append(
            RunRow(
                scenario=result.scenario,
                dtype=result.dtype,
                as_is=result.as_is,
                verdict=result.verdict,
                backend=backend,
                normalised=", ".join(_normalised(result, backend)) or None,
                final_loss=final_loss(result, backend),
                loss=_deviation(result, backend, "loss"),
                weights=_deviation(result, backend, "weight"),
                ms_per_epoch=time,
                time_ratio=time / reference_time if reference_time else math.nan,
                held_out_accuracy=result.accuracy.get(backend),
            )
        )
    return rows


def _normalised(result: Result, backend: str) -> list[str]:
    return [used.op for used in result.normalised if used.backend == backend and not used.as_it_comes]


def shown(row: RunRow) -> ShownRow:
    """The row as texts."""
    accuracy = row.held_out_accuracy
    return ShownRow(
        backend=row.backend,
        final_loss=_loss(row.final_loss),
        loss=_texts(row.loss, ""),
        weights=_texts(row.weights, f" ({row.weights.tensor})" if row.weights else ""),
        ms_per_epoch=f"{row.ms_per_epoch:.3f}",
        time_ratio=f"{row.time_ratio:.2f}",
        held_out_accuracy=None if accuracy is None else f"{accuracy:.2%}",
    )


def _loss(loss: float) -> str:
    """Nine digits, with zeros at the end, so that the points of a column stand below one another."""
    return f"{loss:#.9g}" if loss and math.isfinite(loss) else f"{loss:g}"


def final_loss(result: Result, backend: str) -> float:
    """The loss of the last epoch, before its updates."""
    return float(result.losses[backend][-1])


def milliseconds(result: Result, backend: str) -> float:
    """Training time per epoch, comparison excluded."""
    return result.seconds[backend] / result.epochs * 1e3


def _deviation(result: Result, backend: str, kind: str) -> Deviation | None:
    """The largest relative deviation of this kind; a NaN counts as the largest."""
    deviations = [_relative(worst) for worst in result.worst if worst.backend == backend and worst.kind == kind]
    return max(deviations, key=lambda own: math.inf if math.isnan(own.relative) else own.relative, default=None)


def _relative(worst: Worst) -> Deviation:
    size = float(worst.size)
    error, allowed = (
        value / size if size else 0.0 if value == 0 else math.inf
        for value in (float(worst.error), float(worst.allowed))
    )
    return Deviation(error, float(worst.ulps), worst.epoch, allowed, worst.tensor)


def _texts(deviation: Deviation | None, tensor: str) -> DeviationTexts:
    if deviation is None:
        return None, None, None, None
    epoch = f"{deviation.epoch}{tensor}" if deviation.relative else None
    return f"{deviation.relative:.1e}", _short_count(deviation.ulps), epoch, f"{deviation.allowed:.1e}"


def _short_count(ulps: float) -> str:
    """A count of ulps in few digits."""
    if ulps < 10_000:
        return f"{ulps:.0f}" if ulps >= 10 or ulps == int(ulps) else f"{ulps:.1g}"
    return f"{ulps:.1e}"
