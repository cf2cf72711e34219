"""One run as one JSON document, `lockstep.run/1`; every table and page is drawn from it."""

import math
from typing import Annotated, Literal

import msgspec

from backends.contract import Phase as Phase

SCHEMA = "lockstep.run/1"

Verdict = Literal["agree", "drift", "disagree", "inconclusive"]
Kind = Literal["loss", "gradient", "state", "weight"]
Number = float | Literal["nan", "inf", "-inf"]
"""JSON has no NaN and no infinity, so these are written as words; `float(...)` reads both."""


def number(value: float) -> Number:
    """Return a float as the document writes it."""
    value = float(value)
    if math.isfinite(value):
        return value
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"


ALTERNATIVES = " or "
"""Stands between the ops, and between the calls, of which one is wrong."""


class Mismatch(msgspec.Struct, frozen=True, kw_only=True):
    """The first tensor of a backend that exceeds its allowance; the index is that of the largest error in it."""

    backend: str
    epoch: int
    update: int
    """Counted over the whole run, from 1."""
    phase: Phase
    call: str | None
    """The first output of the call that made the tensor; None for the optimizer."""
    op: str
    tensor: str
    index: tuple[int, ...]
    got: Number
    want: Number
    error: Number
    allowed: Number
    ulps: Number
    """The error in units of the last place of the larger of the two values."""
    between: tuple[str, str] | None = None
    """Where the backend yielded only some of its tensors: the two between which it went wrong; then `op` lists ops."""
    slight: bool = False
    """Of a failed certificate: whether functions that are a few times less accurate would explain all its failures."""
    own_source: tuple[str, ...] = ()
    """Of a culprit in a user's backend: where its op stands, as `broken.py:5`, and its lines without the docstring."""

    @property
    def calls(self) -> list[str]:
        """The calls of which one is wrong, each by its first output; none for the optimizer."""
        return [] if self.call is None else self.call.split(ALTERNATIVES)


class Worst(msgspec.Struct, frozen=True, kw_only=True):
    """The largest deviation of one tensor of one backend over the run, relative to the tensor's largest element."""

    backend: str
    tensor: str
    kind: Kind
    epoch: int
    index: tuple[int, ...]
    error: Number
    allowed: Number
    size: Number
    """The largest element of the reference's tensor at that epoch; error / size is the relative deviation."""
    ulps: Number
    """The error in units of the last place of `size`."""


class Sharpness(msgspec.Struct, frozen=True, kw_only=True):
    """How small an error the checks of one op and phase of one backend detect, over the whole run."""

    backend: str
    op: str
    phase: Phase
    sharpness: float
    """The largest radius, relative to the tensor's largest element: an error of this size is certain to be detected."""
    used: float
    """The largest error of the checks that passed, in units of its own bound; above 1 it would have failed."""
    failed: int = 0
    """The number of checks that failed."""


class Formula(msgspec.Struct, frozen=True, kw_only=True):
    """Another correct formula of an op that a backend uses, and what accuracy it costs, measured over the run."""

    backend: str
    op: str
    phase: Phase
    formula: str
    times: float
    """The largest error in units of the hand-written formula's bound, which is above 1."""
    ulps: float
    """That error in units of the last place of the value."""


Right = Literal["hand-written", "backend", "neither", "both", "kink", "undecided"]


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """Who is right about one element of one gradient."""

    right: Right
    """"both" if the two can't be told apart; "undecided" if the forward or its derivative is not finite."""
    derivative: Number
    allowed: Number
    """The error of the derivative and the rounding of the run's dtype together."""
    interval: tuple[Number, Number] | None
    """At a kink, the one-sided derivatives: any value between them is a subgradient."""
    got: Number
    want: Number
    got_fits: bool
    want_fits: bool
    text: str


class ArithmeticStep(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the arithmetic: `what = formula = numbers = value`, or a sum with its terms."""

    what: str
    formula: str
    numbers: str
    value: Number
    terms: list[str] = []
    """Of a sum or a maximum, each written out; only the largest if there are many."""
    more: int = 0
    """How many terms were left out."""
    rest: Number | None = None
    """What the terms left out sum to."""


class Leaf(msgspec.Struct, frozen=True, kw_only=True):
    """An element of a recorded array or a setting, as it went into the op."""

    name: str
    value: Number


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """One wrong element, down to the numbers."""

    op: str
    phase: Phase
    tensor: str
    index: tuple[int, ...]
    dtype: str
    source: list[str]
    """The hand-written lines that compute it."""
    names: dict[str, str]
    """The names of tensors in those lines, where they differ from the scenario's."""
    leaves: list[Leaf]
    """The inputs at that element; of a long sum, those of its largest terms."""
    steps: list[ArithmeticStep]
    """The arithmetic, from the inside out; the last step is the element itself."""
    steps_left_out: int
    want: Number
    got: Number
    difference: Number
    """got − want."""
    diagnosis: str
    unknown: str
    """Why there are no inputs and no arithmetic; empty if there are."""


class Flip(msgspec.Struct, frozen=True, kw_only=True):
    """A unit whose input lies on one side of a kink in the reference and on the other in a backend."""

    backend: str
    epoch: int
    update: int
    call: str
    op: str
    tensor: str
    index: tuple[int, ...]
    reference_value: Number
    backend_value: Number


class Normalised(msgspec.Struct, frozen=True, kw_only=True):
    """An op or a rule of a run that a backend computes otherwise than its framework does under that name."""

    backend: str
    op: str
    how: str
    """Words that follow the op: "with a slope of 1/5"."""
    differences: list[str]
    """The names that `lockstep differences` shows it under."""
    as_it_comes: bool
    """Whether this run took the framework's own function all the same."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One scenario in one dtype, through all backends."""

    scenario: str
    dtype: str
    seed: int
    epochs: Annotated[int, msgspec.Meta(ge=1)]
    batch_size: int | None
    optimizer: str
    settings: dict[str, float]
    """Of the optimizer and what stands around it; of a parameter group as `b1.lr`, by its first weight."""
    groups: list[list[str]] = []
    """The weights of each parameter group."""
    reference: str
    backends: list[str]
    verdict: Verdict
    as_is: bool = False
    """Whether each framework ran with its own functions in place of the normalised ones."""
    normalised: list[Normalised] = []
    """What the ops and rules of this run owe to Lockstep rather than to their frameworks."""
    threads: int
    losses: dict[str, list[Number]]
    """Per backend, one per epoch: the mean over the epoch's examples, before each update."""
    seconds: dict[str, float]
    """Per backend, for the whole training, comparison excluded."""
    accuracy: dict[str, float]
    """Per backend that traces, on held-out data; empty if the scenario has none."""
    averaged: bool = False
    """Whether an average of the weights is kept, of which `accuracy` is then."""
    worst: list[Worst]
    first: Mismatch | None
    horizon: int | None
    """The first epoch at which rounding alone may move a weight by 1e-3 of its tensor's largest element."""
    flip: Flip | None
    updates: Annotated[int, msgspec.Meta(ge=1)]
    """In the whole run; every backend's ops and optimizer may be certified in each."""
    certified: dict[str, dict[str, int]]
    """Per backend that was certified: the numbers of checks, failed, suspect, unchecked, and certified updates."""
    sharpness: list[Sharpness]
    formulas: list[Formula]
    suspects: list[Mismatch]
    """Within the rigorous bound, but beyond the probabilistic bound 8√n·u of a long sum."""
    culprits: list[Mismatch]
    """Where certificates first failed; if none failed, where runs part."""
    explanations: list[Explanation]
    """Of each culprit whose certificate failed, in the same order: the arithmetic of the wrong element."""
    rulings: list[Ruling | None]
    """Of numerical differentiation, on each culprit whose certificate failed in a backward pass; None for others."""
    notes: list[str]

    @property
    def updates_per_epoch(self) -> int:
        """How many updates every epoch has."""
        return self.updates // self.epochs


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A whole run."""

    schema: str
    versions: dict[str, str]
    results: list[Result]


def to_json(document: Document) -> str:
    """Return the document as JSON, indented, with a final newline."""
    return msgspec.json.format(msgspec.json.encode(document), indent=1).decode() + "\n"
