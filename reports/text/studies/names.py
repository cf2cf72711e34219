"""The table from Chainer's names to PyTorch, and what proving it gave."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from reports.text.console import PIPE_WIDTH
from reports.text.table import Row, render_table, room_for, wrapped_rows

if TYPE_CHECKING:
    from backends.names.correspondence import Correspondence
    from harness.studies.names import Proof

NamesFormat = Literal["text", "github", "html", "csv", "json"]
PLURALS = {"function": "functions", "link": "links", "optimizer": "optimizers", "hook": "optimizer hooks"}
CAPTION = "From Chainer to PyTorch"
NARROWEST = 40
"""The least width of the expressions' column."""


def render_names(lines: Sequence[Correspondence], table_format: NamesFormat, width: int | None = None) -> str:
    """One row per line: Chainer's name, its status, PyTorch's expression, and what to know.

    A text table leaves out what to know, and wraps the expressions to `width` columns.
    """
    if table_format == "json":
        return json.dumps([_document(line) for line in lines], indent=1, ensure_ascii=False) + "\n"
    rows = [_row(line) for line in lines]
    if table_format == "text":
        rows = [{column: row[column] for column in ("Chainer", "status", "PyTorch")} for row in rows]
        rows = wrapped_rows(rows, "PyTorch", max(room_for("PyTorch", rows, width or PIPE_WIDTH), NARROWEST))
    return render_table(rows, table_format, caption=CAPTION, left_aligned=True)


def render_line(line: Correspondence) -> str:
    """One line with everything that it says, as text."""
    parts = {
        "Chainer": line.chainer,
        "PyTorch": line.torch,
        "not": line.naive,
        "weights": "; ".join(f"{name} = {value}" for name, value in (line.weights or {}).items()) or None,
        "note": line.how or None,
        "see": f"lockstep differences {line.difference}" if line.difference else None,
        "unproven": line.unproven,
        "proof": f"needs {line.requires}, with which Chainer computes it" if line.requires else None,
    }
    head = f"{line.name} ({line.kind}): {line.status}"
    return "\n".join([head, *(f"  {label:<8}  {text}" for label, text in parts.items() if text)]) + "\n"


def render_proofs(proofs: Sequence[Proof]) -> str:
    """How many lines of each kind are proven, which are not and why, and what failed."""
    rows: list[Row] = []
    for kind, plural in PLURALS.items():
        of_kind = [proof for proof in proofs if proof.kind == kind]
        if of_kind:
            proven = [proof for proof in of_kind if proof.unproven is None and proof.problem is None]
            statuses = Counter(proof.status for proof in proven)
            rows.append(
                {
                    "kind": plural,
                    "names": str(len(of_kind)),
                    **{status: str(statuses[status]) for status in ("identical", "differs", "no counterpart")},
                    "proven": str(len(proven)),
                    "unproven": str(sum(proof.unproven is not None for proof in of_kind)),
                    "failed": str(sum(proof.problem is not None for proof in of_kind)),
                }
            )
    notes = [f"unproven: {proof.name}: {proof.unproven}" for proof in proofs if proof.unproven is not None]
    notes += [f"failed: {proof.name}: {proof.problem}" for proof in proofs if proof.problem is not None]
    return render_table(rows, "text") + "".join(f"\n{note}" for note in notes) + ("\n" if notes else "")


def _row(line: Correspondence) -> Row:
    notes = [line.how, f"see {line.difference}" if line.difference else "", "unproven" if line.unproven else ""]
    return {
        "Chainer": line.name.removeprefix("chainer."),
        "status": line.status,
        "PyTorch": line.torch,
        "note": "; ".join(note for note in notes if note),
    }


def _document(line: Correspondence) -> dict[str, object]:
    return {
        "name": line.name,
        "kind": line.kind,
        "status": line.status,
        "chainer": line.chainer,
        "torch": line.torch,
        "naive": line.naive,
        "weights": dict(line.weights) if line.weights is not None else None,
        "note": line.how,
        "difference": line.difference,
        "requires": line.requires,
        "unproven": line.unproven,
    }
