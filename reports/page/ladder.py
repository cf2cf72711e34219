"""The ladder as a page: each rung beside the one before, with every matrix beside the line that computes it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from backends.climbing.lines import computed_by
from harness.studies.ladder import Climbed, Rung, checks_by_outcome, largest_deviation
from reports.languages.language import Language
from reports.page.rendering import code_style, coloured, packed, rendered, scripts
from reports.page.run.map import Why, page_rows
from reports.page.run.numbers import PageNumbers
from reports.text.studies.ladder import beside

SCRIPTS = (
    "numbers", "language", "elements", "matrices", "tensors", "pictures", "tensors_drawn", "epochs", "printing",
    "ladder",
)  # fmt: skip
"""The page's scripts, in the order in which they depend on each other."""
CARDS: Mapping[str, tuple[str, str]] = {
    "chainer_1_variable": ("Variable", "chainer.Variable"),
    "chainer_2_functions": ("Function", "chainer.functions"),
    "chainer_3_links": ("Link", "chainer.links"),
    "chainer_4_chain": ("Chain", "chainer.Chain"),
    "chainer_5_optimizer": ("Optimizer", "chainer.optimizers"),
    "chainer_6_updater": ("Updater", "chainer.training.StandardUpdater"),
    "chainer_7_trainer": ("Trainer", "chainer.training.Trainer"),
    "torch_1_tensors": ("Tensor", "torch.Tensor"),
    "torch_2_autograd": ("autograd", "torch.autograd"),
    "torch_3_functional": ("nn.functional", "torch.nn.functional"),
    "torch_4_module": ("Module", "torch.nn.Module"),
    "torch_5_optim": ("optim", "torch.optim"),
    "torch_6_data_loader": ("DataLoader", "torch.utils.data.DataLoader"),
}
"""What each rung is the first to use: its name, which is that of its text, `ladder.card.NAME`, and where it stands."""


@dataclass(frozen=True)
class LadderContent:
    """Everything that the page is rendered from."""

    ladders: Mapping[str, Sequence[Rung]]
    climbed: Mapping[str, Climbed]
    """By the name of the rung."""
    numbers: PageNumbers
    versions: Mapping[str, str]
    command: str

    @property
    def backends(self) -> list[str]:
        """The names of all rungs, each once."""
        return list(self.climbed)


@dataclass(frozen=True)
class Side:
    """A line of one of two programs, and the tensors that it computes."""

    rung: str
    code: str
    tensors: tuple[str, ...]
    why: Why | None
    """Of a gradient by hand: why it is what it is; once in a pair of lines that are the same."""


@dataclass(frozen=True)
class Pair:
    """Two lines side by side; None where there is none."""

    before: Side | None
    after: Side | None
    is_same: bool


@dataclass(frozen=True)
class Step:
    """A rung, beside the one before if there is one."""

    rung: Rung
    before: Rung | None
    ladder: str
    pairs: tuple[Pair, ...]
    card: tuple[str, str] | None
    measured: Mapping[str, Any]
    """What is put into the text of what was measured."""
    verdict: str

    @property
    def address(self) -> str:
        """Where it stands in the page."""
        return f"{self.ladder}-{self.rung.number}"


def render_ladder(content: LadderContent, language: Language) -> str:
    """The page as HTML."""
    result = next(iter(content.climbed.values())).result
    return rendered(
        "ladder.html",
        language,
        styles=("page", "comparison", "ladder"),
        title_key="ladder.heading",
        content=content,
        result=result,
        index=None,
        steps=list(_steps(content, _reasons(content))),
        coloured=coloured,
        code_style=code_style(),
        scripts=scripts(SCRIPTS),
        data=packed(
            {
                "reference": content.backends[0],
                "backends": content.backends,
                "epochs": content.numbers.epochs,
                "tensors": content.numbers.tensors,
                "numbers": content.numbers.numbers,
            }
        ),
    )


def _reasons(content: LadderContent) -> dict[str, Why]:
    """Why each gradient of the network is what it is, by its name."""
    whys = [row.why for row in page_rows(content.numbers.program) if row.why is not None]
    return {gradient: replace(why, gradients=((gradient, lines),)) for why in whys for gradient, lines in why.gradients}


def _steps(content: LadderContent, reasons: Mapping[str, Why]) -> Iterator[Step]:
    for ladder, rungs in content.ladders.items():
        for before, rung in zip([None, *rungs], rungs, strict=False):
            climbed = content.climbed[rung.name]
            yield Step(
                rung=rung,
                before=before,
                ladder=ladder,
                pairs=tuple(_pairs(before, rung, reasons)),
                card=CARDS.get(rung.name),
                measured=_measured(climbed),
                verdict=climbed.result.verdict,
            )


def _pairs(before: Rung | None, rung: Rung, reasons: Mapping[str, Why]) -> Iterator[Pair]:
    """The lines of two programs; of the first rung, which has none before it, its own."""
    if before is None:
        yield from (Pair(None, _side(rung, line, reasons), is_same=True) for line in rung.code.splitlines())
        return
    for line in beside(before.code.splitlines(), rung.code.splitlines()):
        yield Pair(
            None if line.before is None else _side(before, line.before, {} if line.same else reasons),
            None if line.after is None else _side(rung, line.after, reasons),
            line.same,
        )


def _side(rung: Rung, line: str, reasons: Mapping[str, Why]) -> Side:
    tensors = computed_by(line)
    return Side(rung.name, line, tensors, reasons.get(tensors[0]) if len(tensors) == 1 else None)


def _measured(climbed: Climbed) -> dict[str, Any]:
    worst = largest_deviation(climbed)
    return {
        "lines": climbed.rung.lines,
        "ulp": "0" if worst is None else f"{float(worst.ulps):.2g}",
        "tensor": "loss" if worst is None else worst.tensor,
        "epoch": 1 if worst is None else worst.epoch,
        "checks": f"{checks_by_outcome(climbed).get('checks', 0):,}",
    }
