"""The blocks of a page's code map: what one assignment of the scenario computes, and the parts of training."""

from collections.abc import Sequence
from dataclasses import dataclass

from backends.contract import Program
from reports.page.run.map import COLUMN_KEYS, PageRow

WIDTHS = dict(zip(COLUMN_KEYS, ((44, 52), (48, 56), (30, 40), (30, 40)), strict=True))
"""Characters: a column is as wide as its longest line, between these. NumPy's have matrices below their lines."""


@dataclass(frozen=True)
class Block:
    """Rows that are folded together."""

    identity: str
    """That of its element, such as `block-h`, which a link can name."""
    name: str
    """What the scenario calls the results, such as `h, c`; of a part of training the key of a text."""
    rows: tuple[PageRow, ...]
    is_training: bool = False


def blocks_of(program: Program, rows: Sequence[PageRow]) -> list[Block]:
    """The rows of a program's map in blocks, in their order.

    A call that is written inside of another stands in its block. The rules, and the loop around all calls, are the last
    two blocks.
    """
    blocks: list[Block] = []
    gathered: list[PageRow] = []
    for call, row in zip(program.calls, rows, strict=False):
        gathered.append(row)
        if not call.is_nested:
            blocks.append(Block(f"block-{call.outputs[0]}", ", ".join(call.outputs), tuple(gathered)))
            gathered = []
    if gathered:
        last = program.calls[-1].outputs
        blocks.append(Block(f"block-{last[0]}", ", ".join(last), tuple(gathered)))
    for kind in ("rule", "loop"):
        of_kind = tuple(row for row in rows if row.kind == kind)
        blocks.append(Block(f"training-{kind}", f"map.{kind}", of_kind, is_training=True))
    return blocks


def column_widths(rows: Sequence[PageRow]) -> str:
    """The columns that all rows share, as a grid's template: in proportion to their longest lines."""
    widths = []
    for key, (least, most) in WIDTHS.items():
        longest = max((len(line.text) for row in rows for line in dict(row.cells)[key]), default=0)
        widths.append(f"minmax(0, {min(max(longest, least), most)}fr)")
    return " ".join(widths)
