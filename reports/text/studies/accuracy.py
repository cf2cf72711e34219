"""A table of how accurate functions are, and what their backend should declare."""

from collections.abc import Sequence

from harness.studies.accuracy import UNMEASURED, Measured, accuracy_line, can_measure
from reports.text.table import Format, Row, render_table
from scenarios import DTYPES

CAPTION = "The largest errors of elementary functions, in units of u"


def accuracy_table(measured: Sequence[Measured], table_format: Format, width: int | None = None) -> str:
    """One row per backend, function and dtype; numbers at full precision as csv and json."""
    if table_format in ("csv", "json"):
        return render_table([_full_row(one) for one in measured], table_format)
    return render_table([_row(one) for one in measured], table_format, caption=CAPTION, keys=3, width=width)


def accuracy_findings(measured: Sequence[Measured]) -> list[str]:
    """Which functions exceed their charge, the ACCURACY to paste, and what was not measured."""
    lines = []
    for backend in dict.fromkeys(one.backend for one in measured):
        own = [one for one in measured if one.backend == backend]
        lines += [_excess(one) for one in own if one.exceeds or one.is_close]
        if line := accuracy_line(own):
            lines.append(f"to declare it, write in the module of {backend}: {line}")
    lines.append(f"not measured, since no op returns them: {', '.join(UNMEASURED)}")
    lines += [
        f"{dtype} is not measured: this NumPy has no higher precision" for dtype in DTYPES if not can_measure(dtype)
    ]
    return lines


def _excess(one: Measured) -> str:
    if one.declared > one.charge:
        what = f"the {one.declared:g} that the backend declares"
    else:
        what = f"the {one.charge:g} that Lockstep charges"
    how = "more than" if one.exceeds else "close to"
    return f"{one.backend}'s {one.function} is off by {one.worst:.3g} u in {one.dtype}, {how} {what}"


def _row(one: Measured) -> Row:
    return {
        "backend": one.backend,
        "function": one.function,
        "dtype": one.dtype,
        "largest\nerror": f"{one.worst:.2f}",
        "at": f"{one.at:.9g}" if one.dtype == "float32" else f"{one.at:.17g}",
        "charged": f"{one.charge:g}",
        "declared": f"{one.declared:g}" if one.declared else None,
        "": "exceeded" if one.exceeds else "close" if one.is_close else "",
    }


def _full_row(one: Measured) -> Row:
    return {
        "backend": one.backend,
        "function": one.function,
        "op": one.op,
        "dtype": one.dtype,
        "inputs": one.inputs,
        "worst": one.worst,
        "at": one.at,
        "charge": one.charge,
        "declared": one.declared,
        "exceeds": one.exceeds,
    }
