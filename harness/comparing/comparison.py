"""Compares two live trainings: one update in float64, piece by piece, then many updates in both dtypes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from backends.capture.calls import Draws, Pass
from backends.capture.training import Batch, Training
from harness.capturing.guarded import GuardedTraining
from harness.comparing.certified import CertifiedSide, certified_side
from harness.comparing.crossing import crossed
from harness.comparing.document.aligning import side_by_side
from harness.comparing.document.outcome import Finding, Followed, Outcome, Side, Verdict
from harness.comparing.document.side_by_side import Losses
from harness.comparing.entries import entries_of, entries_of_rules, in_words
from harness.comparing.findings import findings
from harness.comparing.first_update import FirstUpdate
from harness.comparing.following import SEED, Trainings, follow, losses_of
from harness.comparing.gates import wrong_order_of_blocks
from harness.comparing.pairing.weights import Pairing, pair_models
from harness.comparing.settings import SettingDifference, call_differences, in_short, rule_differences, shown
from harness.errors import InputError
from harness.running.allowance import MANY_NUDGED_RUNS, NUDGED_RUNS

Progress = Callable[[str], None]
SHARP = "float64"


@dataclass(frozen=True)
class Comparison:
    """Two trainings that are to do the same, and the data to see it on.

    batches: one tuple of arrays per update, which the losses are called with; they are taken in turn.
    updates: how many updates to follow. Without optimizers, the loss and the gradients of the first one alone.
    weights: "copy": the right training starts from the left one's weights. "check": it starts from its own, which must
        be the same ones.
    """

    left: Training
    right: Training
    batches: Sequence[Batch]
    updates: int = 20
    weights: Literal["copy", "check"] = "copy"
    name: str = ""
    certify: bool = True
    """Whether the first update of either side is certified op by op as well."""

    def __post_init__(self) -> None:
        for side, training in (("left", self.left), ("right", self.right)):
            if not isinstance(training, Training):
                raise InputError(f"{side} must be a lockstep.Training, not {type(training).__name__}")
        if not isinstance(self.batches, Sequence) or not self.batches:
            raise InputError("batches must be a list of tuples, one per update, such as [(x, t), …], and not empty")
        for batch in self.batches:
            if not isinstance(batch, tuple | list):
                given = type(batch).__name__
                raise InputError(f"each of batches must be a tuple of what the loss takes, such as (x, t), not {given}")
        if not isinstance(self.updates, int) or isinstance(self.updates, bool) or self.updates < 1:
            raise InputError(f"updates must be a whole number of at least 1, not {self.updates!r}")
        if self.weights not in ("copy", "check"):
            raise InputError(f'weights must be "copy" or "check", not {self.weights!r}')

    def named(self, name: str) -> "Comparison":
        """The same under a name, unless it has one."""
        return self if self.name else replace(self, name=name)

    def run(self, progress: Progress = lambda _: None) -> Outcome:
        """Compare them. Raises InputError for a training that can't be driven, Crashed for one that raises an error."""
        with np.errstate(all="ignore"):  # overflows show in the tensors, so NumPy need not warn
            return self._run(progress)

    def _run(self, progress: Progress) -> Outcome:
        left, right = GuardedTraining.start("left", self.left), GuardedTraining.start("right", self.right)
        updates = self.updates if _are_trained(left, right) else 0
        progress("pairing weights")
        pairing = self._pair(left, right)
        progress("one update in float64")
        trainings = self._start(left, right, SHARP, pairing)
        update = FirstUpdate(trainings, self.batches[0], pairing, are_trained=bool(updates))
        by_code = [side for side in ("left", "right") if getattr(self, side).before_update is not None]
        rules = rule_differences(left.rule(), right.rule(), unread=("clip_by_norm",) if by_code else ())
        found = self._different_starts(left, right, pairing)
        found += findings(update, pairing, rules, entries_of_rules(left, right))
        certified = self._certify(left, right, update, progress)
        found += [finding for side in certified if side is not None for finding in side.findings()]
        is_wrong = bool(found)
        followed = [] if is_wrong else self._follow(left, right, pairing, updates, progress)
        losses, stopped = self._losses(left, right, pairing, updates, progress) if is_wrong else (None, [])
        found += _parted(followed, rules)
        differences = entries_of(left, right, (update.left, update.right))
        return Outcome(
            name=self.name,
            left=_side(self.left, left, update.left, certified[0]),
            right=_side(self.right, right, update.right, certified[1]),
            verdict=_verdict(found, followed),
            findings=found,
            weights=[*update.weights, *update.buffers],
            only_left=pairing.only_left,
            only_right=pairing.only_right,
            settings=[*call_differences(update.left, update.right), *rules],
            differences=differences,
            catalogue=in_words(differences),
            side_by_side=side_by_side(update, found),
            compared=update.compared,
            results=len(update.left.makers()) if update.right.calls else 0,
            updates=followed,
            losses=losses,
            notes=[
                *_notes("left", update.left),
                *_notes("right", update.right),
                *(crossed(update.weights) if self.weights == "copy" else ()),
                *(f"{each.side}: {each.hint}" for each in (left, right) if each.hint and found),
                *(f"{side}: before_update is code, and whether it clips is not read" for side in by_code if updates),
                *stopped,
            ],
        )

    def _pair(self, left: GuardedTraining, right: GuardedTraining) -> Pairing:
        """Pair the weights by a pass of each model, whose updates are thrown away."""
        batch = self.batches[0]
        sharp = [each.in_dtype(SHARP, batch) for each in (left, right)]
        passes = [each.in_dtype(SHARP, batch).advance(batch, Draws(SEED, 1)) for each in (left, right)]
        for live, captured in zip((left, right), passes, strict=True):
            if not any(number in captured.gradients for number in captured.weights.values()):
                hint = live.hint or "the loss must use the model that it is given, which is a copy of yours"
                raise InputError(f"{live.side}: no weight has a gradient; {hint}")
        return pair_models(sharp[0], sharp[1], (passes[0], passes[1]))

    def _start(
        self,
        left: GuardedTraining,
        right: GuardedTraining,
        dtype: str,
        pairing: Pairing,
        nudged_runs: int = NUDGED_RUNS,
    ) -> Trainings:
        pairs = [*pairing.weights, *pairing.buffers] if self.weights == "copy" else []
        return Trainings.start(left, right, dtype, self.batches[0], pairs, nudged_runs)

    def _different_starts(self, left: GuardedTraining, right: GuardedTraining, pairing: Pairing) -> list[Finding]:
        """The weights and buffers that should be the same from the start, and are not."""
        if self.weights == "copy":
            return []
        mine, theirs = (each.in_dtype(SHARP, self.batches[0]).arrays() for each in (left, right))
        kinds = {name: layer.kind for layer in right.layers() for name in layer.names}
        return [
            Finding(
                kind="weights",
                text=f"{pair.name} does not start as the same numbers on both sides"
                f"{wrong_order_of_blocks(pair.of(mine), theirs[pair.right], kinds.get(pair.right, ''))}",
            )
            for pair in (*pairing.weights, *pairing.buffers)
            if not np.array_equal(pair.of(mine), theirs[pair.right])
        ]

    def _certify(
        self, left: GuardedTraining, right: GuardedTraining, update: FirstUpdate, progress: Progress
    ) -> tuple[CertifiedSide | None, CertifiedSide | None]:
        if not self.certify:
            return None, None
        progress("certifying the first update")
        mine, theirs = update.buffers_after
        return certified_side(left, update.left, mine), certified_side(right, update.right, theirs)

    def _follow(
        self, left: GuardedTraining, right: GuardedTraining, pairing: Pairing, updates: int, progress: Progress
    ) -> list[Followed]:
        """Both trainings in float64 and in the dtype of the left model's weights."""
        if not updates:
            return []

        def followed(dtype: str, nudged_runs: int) -> Followed:
            trainings = self._start(left, right, dtype, pairing, nudged_runs)
            return follow(trainings, self.batches, updates, dtype, pairing.weights, progress)

        found = []
        for dtype in dict.fromkeys([SHARP, own_dtype(left)]):
            one = followed(dtype, NUDGED_RUNS)
            # Two nudged runs may both move a weight by less than rounding can, such as one whose gradient is only that.
            found.append(one if one.parted is None else followed(dtype, MANY_NUDGED_RUNS))
        return found

    def _losses(
        self, left: GuardedTraining, right: GuardedTraining, pairing: Pairing, updates: int, progress: Progress
    ) -> tuple[Losses | None, list[str]]:
        """The losses of both in the dtype of the left model's weights, and what stopped them."""
        if not updates:
            return None, []
        dtype = own_dtype(left)
        return losses_of(self._start(left, right, dtype, pairing, 0), self.batches, updates, dtype, progress)


def _are_trained(left: GuardedTraining, right: GuardedTraining) -> bool:
    """Whether weights after updates are compared: not without optimizers. Code with named arrays has its own.

    Raises InputError where one of two models has an optimizer, and the other none.
    """
    trains = {each.side: each.rule() is not None for each in (left, right) if each.framework != "numpy"}
    without = [side for side, has_optimizer in trains.items() if not has_optimizer]
    if without and any(trains.values()):
        raise InputError(f"{without[0]}: there is no optimizer; give one, or leave out the other side's, too")
    return not without


def own_dtype(training: GuardedTraining) -> str:
    """The dtype of a model's first weight; float64 for a model without weights."""
    return next((str(array.dtype) for array in training.weights().values()), SHARP)


def _parted(followed: Sequence[Followed], rules: Sequence[SettingDifference]) -> list[Finding]:
    """What is wrong in an update that was followed: in float64 any parting, in another dtype one at update 1.

    By update 1 no training has amplified a rounding of the model's own dtype. What differs between the optimizers, such
    as a momentum, may have its first effect on the second update.
    """
    why = f": the optimizer ({in_short(rules)}); " if rules else ": "
    return [
        Finding(
            kind="training",
            text=f"{each.dtype} parts at update {each.parted}{why}{each.tensor} is {float(each.off):.1e} apart, "
            f"allowed {float(each.allowed):.1e}",
        )
        for each in followed
        if each.parted == 1 or (each.dtype == SHARP and each.parted is not None)
    ]


def _verdict(found: Sequence[Finding], followed: Sequence[Followed]) -> Verdict:
    if found:
        return "disagree"
    return "drift" if any(each.parted is not None for each in followed) else "agree"


def _notes(side: str, captured: Pass) -> list[str]:
    """What a pass says of itself, and where it computes in another dtype than it was told to."""
    notes = [f"{side}: {note}" for note in dict.fromkeys(captured.notes)]
    dtypes = ((call, captured.arrays[call.outputs[0]].dtype) for call in captured.calls)
    first, dtype = next(((call, dtype) for call, dtype in dtypes if dtype.kind == "f" and dtype != SHARP), (None, None))
    if first is not None:
        notes.append(f"{side}: {first} computes in {dtype} where everything is {SHARP}; it seems to be written there")
    return notes


def _side(training: Training, live: GuardedTraining, captured: Pass, certified: CertifiedSide | None) -> Side:
    rule = live.rule()
    return Side(
        framework=live.framework,
        model=training.name or ("code" if training.model is None else type(training.model).__name__),
        optimizer="" if rule is None else rule.name,
        optimizer_settings={} if rule is None else {name: shown(value) for name, value in rule.settings.items()},
        calls=len(captured.calls),
        certificate=None if certified is None else certified.counts,
    )
