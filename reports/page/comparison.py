"""A comparison of two live trainings as a page: one self-contained HTML file, which works offline."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.comparing.document.outcome import Followed, Outcome, WeightPair
from harness.comparing.document.side_by_side import Losses
from harness.comparing.settings import shown
from reports.languages.language import Language
from reports.page.call_rows import ShownRow, call_rows, largest, shape, share
from reports.page.folding import Part
from reports.page.rendering import code_style, coloured, packed, rendered, scripts

SCRIPTS = ("numbers", "language", "elements", "charts", "redrawing", "folds", "printing", "comparison")
"""The page's scripts, in the order in which they depend on each other."""


@dataclass(frozen=True)
class ComparisonContent:
    """Everything that a page is rendered from."""

    outcome: Outcome
    versions: Mapping[str, str]
    command: str

    @property
    def title(self) -> str:
        """The comparison's name; of one without a name, both models'."""
        return self.outcome.name or f"{self.outcome.left.model} | {self.outcome.right.model}"


def render_comparison(content: ComparisonContent, language: Language, *, index: str | None = None) -> str:
    """The page as HTML; `index` is the address of the page that lists all pages."""
    outcome = content.outcome
    rows = call_rows(outcome)
    series = series_of(outcome)
    return rendered(
        "comparison.html",
        language,
        styles=("page", "comparison"),
        title=content.title,
        content=content,
        outcome=outcome,
        index=index,
        heads=[f"{side.model} ({side.framework})" for side in (outcome.left, outcome.right)],
        updates=max((len(each.left) for each in series), default=0),
        followed=[_followed(each) for each in outcome.updates],
        updated=sum(not (pair.is_buffer or pair.is_wrong) for pair in outcome.weights),
        parting=_first_parting(rows),
        parts_of_map=rows,
        marked=sum(row.is_marked for part in rows for row in part.rows),
        largest=largest,
        weights=[_weight(pair, outcome.updates, position) for pair, position in _positions(outcome.weights, False)],
        buffers=[_weight(pair, [], position) for pair, position in _positions(outcome.weights, True)],
        optimizer=_optimizer_rows(outcome),
        settings=_settings(outcome),
        losses=[(each, _loss_rows(each)) for each in series],
        coloured=coloured,
        code_style=code_style(),
        scripts=scripts(SCRIPTS),
        data=packed(
            {
                "sides": [f"{side.model} ({side.framework})" for side in (outcome.left, outcome.right)],
                "losses": [{"dtype": each.dtype, "left": each.left, "right": each.right} for each in series],
            }
        ),
    )


def series_of(outcome: Outcome) -> list[Losses]:
    """The losses by dtype: of the updates that were followed, or as they go on where the first one is wrong."""
    followed = [Losses(dtype=each.dtype, left=each.left_losses, right=each.right_losses) for each in outcome.updates]
    return followed or ([outcome.losses] if outcome.losses is not None and outcome.losses.left else [])


def _followed(followed: Followed) -> tuple[str, dict[str, Any]]:
    """A text's key, and what is put into it: how far both trained alike in a dtype."""
    if followed.parted is None:
        given = {"dtype": followed.dtype, "n": len(followed.left_losses), "off": share(followed.off)}
        return "comparison.followed", given
    return "comparison.parted", {
        "dtype": followed.dtype,
        "n": followed.parted,
        "tensor": followed.tensor,
        "off": share(followed.off),
        "allowed": share(followed.allowed),
    }


def _first_parting(parts: Sequence[Part[ShownRow]]) -> int | None:
    """The number of the first row where the two sides part."""
    return next((row.number for part in parts for row in part.rows if row.is_parting), None)


def _positions(pairs: Sequence[WeightPair], is_buffer: bool) -> Iterator[tuple[WeightPair, int]]:
    """The weights, or the buffers, each with its position among them."""
    chosen = (pair for pair in pairs if pair.is_buffer == is_buffer)
    return ((pair, position) for position, pair in enumerate(chosen))


def _weight(pair: WeightPair, updates: Sequence[Followed], position: int) -> dict[str, Any]:
    """A row of the table of weights."""
    return {
        "left": pair.left,
        "right": pair.right,
        "layout": pair.layout,
        "shape": shape(pair.shape),
        "start": share(pair.start),
        "is_start_wrong": float(pair.start) != 0,
        "gradient": share(pair.gradient),
        "is_gradient_wrong": pair.is_gradient_wrong,
        "after": share(pair.after),
        "is_wrong": pair.is_wrong,
        "followed": [share(each.weights[position]) for each in updates],
    }


def _optimizer_rows(outcome: Outcome) -> list[tuple[str, str, str, bool]]:
    """The settings of both optimizers, each with both values and whether they differ."""
    left, right = outcome.left.optimizer_settings, outcome.right.optimizer_settings
    differing = {each.setting: each for each in outcome.settings if each.kind == "optimizer"}
    names = dict.fromkeys([*(name for name in differing if name != "rule"), *left, *right])
    rows = []
    for name in names:
        one = differing.get(name)
        values = [
            side.get(name, "" if one is None else shown(value))
            for side, value in ((left, one and one.left), (right, one and one.right))
        ]
        rows.append((name, values[0], values[1], one is not None))
    return rows


def _settings(outcome: Outcome) -> list[dict[str, Any]]:
    """The settings that differ between calls: each with its two values once, and how many calls they are of."""
    groups: dict[str, list[Any]] = {}
    for each in outcome.settings:
        if each.kind != "optimizer":
            groups.setdefault(each.what, []).append(each)
    return [
        {
            "kind": group[0].kind,
            "setting": group[0].setting,
            "left": shown(group[0].left),
            "right": shown(group[0].right),
            "left_place": group[0].left_place,
            "right_place": group[0].right_place,
            "more": len(group) - 1,
        }
        for group in groups.values()
    ]


def _loss_rows(losses: Losses) -> list[tuple[int, str, str, str]]:
    """The losses of each update and how far they are apart, relative to the left one."""
    rows = []
    for update, (left, right) in enumerate(zip(losses.left, losses.right, strict=True), 1):
        mine, theirs = float(left), float(right)
        off = abs(mine - theirs)
        rows.append((update, f"{mine:#.9g}", f"{theirs:#.9g}", share(off / abs(mine) if mine else off)))
    return rows
