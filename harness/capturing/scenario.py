"""Makes a scenario of a live training."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from backends.capture.calls import Draws, Pass
from backends.capture.training import Batch, Training
from backends.contract import Array
from harness.capturing.certificates import certify_pass
from harness.capturing.guarded import GuardedTraining
from harness.capturing.rules import Rules, rules_of
from harness.capturing.source import function_of
from harness.capturing.translated import Leaf, Translated
from harness.capturing.translator import translate
from harness.errors import InputError
from harness.recording.loading import hand_written_ops
from scenarios import Clipping, Decay, Draw, Group, Optimizer, Scenario, Schedule, buffer, data, param
from scenarios.language.values import COUNT, DTYPES, NAME

SEED = 0
"""From which masks and noise are drawn."""
SHARP = "float64"


def scenario_from(
    training: Training,
    batches: Sequence[Batch],
    name: str,
    *,
    epochs: int = 1,
    optimizer: Optimizer | None = None,
    schedule: Schedule | None = None,
    clipping: Clipping | None = None,
    decay: Decay | None = None,
    groups: Sequence[Group] = (),
) -> Scenario:
    """A scenario of a live Chain or Module: its weights start where the model's are, its program is what it calls.

    batches: one tuple of arrays per update, which the loss is called with, in this order in every epoch. The model is
        copied, and trained on all of them once. Dropout masks and noise that it draws become data of each update.
    name: the scenario's name, and that of its function.
    optimizer, schedule, clipping, decay: rules in place of the training's own. Those are read off its optimizer and its
        hooks; `before_update` is code, so what it does has to be given here.
    groups: with `optimizer`, weights that have settings of their own. Those of the training's optimizer are read off.

    Raises InputError for a training that can't be driven, for a call that has no translation into ops, naming its file
    and line, and where the ops compute something else than the model did; Crashed, which is an InputError, for a model
    that raises an error.
    """
    NAME.checked(name, "scenario_from(...): name", InputError)
    COUNT.checked(epochs, "scenario_from(...): epochs", InputError)
    if not isinstance(training, Training):
        raise InputError(f"scenario_from(...): training must be a lockstep.Training, not {type(training).__name__}")
    if not batches:
        raise InputError("scenario_from(...): batches must hold at least one tuple of what the loss takes")
    live = GuardedTraining.start("scenario_from", training)
    if live.framework == "numpy":
        raise InputError("scenario_from(...): code without a model can't be captured; write its lines as a scenario")
    given = _given_rules(training, live, optimizer, clipping, decay, groups)
    find_op = hand_written_ops([])
    passes, after = _passes(live, batches)
    translated = translate(passes, live.framework, find_op, live.trained())
    if translated.refusals:
        listed = "\n".join(f"  {refusal}" for refusal in translated.refusals)
        raise InputError(f"scenario_from(...): these calls have no translation into ops:\n{listed}")
    _check(translated, passes[0], live.framework, after)
    rules = given or _rules(live, translated, clipping, decay)
    model = training.name or type(training.model).__name__
    note = f"\n\n    {rules.note}." if rules.note else ""
    docstring = f"{model}, captured with {live.framework}: one line per op, and the call of the model behind it.{note}"
    return Scenario(
        name=name,
        function=function_of(translated, name, docstring),
        draws={leaf_name: _draw(leaf) for leaf_name, leaf in translated.leaves.items()},
        seed=SEED,
        epochs=epochs,
        optimizer=rules.optimizer,
        schedule=schedule,
        clipping=rules.clipping,
        decay=rules.decay,
        groups=rules.groups,
        dtype=_dtype(live),
        untested="ok",  # a model starts a sequence from zeros, for instance, whatever its data are
    )


def _given_rules(
    training: Training,
    live: GuardedTraining,
    optimizer: Optimizer | None,
    clipping: Clipping | None,
    decay: Decay | None,
    groups: Sequence[Group],
) -> Rules | None:
    """The rules as they are given; None where those of the training are to be read."""
    if optimizer is not None:
        return Rules(optimizer, clipping, decay, groups)
    if groups:
        raise InputError("scenario_from(...): groups go with a rule that is given, as in optimizer=sgd(lr=0.1)")
    if live.rule() is None:
        raise InputError("scenario_from(...): the training has no optimizer; give one, as in optimizer=sgd(lr=0.1)")
    if training.before_update is not None and clipping is None:
        raise InputError(
            "scenario_from(...): before_update is code, which has no translation; give the rules in its place, "
            "as in optimizer=sgd(lr=0.1), clipping=clip_by_norm(max_norm=1.0)"
        )
    return None


def _rules(live: GuardedTraining, translated: Translated, clipping: Clipping | None, decay: Decay | None) -> Rules:
    """The training's own rules for the weights of the program; a clipping or a decay that is given goes first."""
    by_source = live.trained()
    of_weights = {
        name: rule for name in translated.of_role("weight") if (rule := by_source[translated.leaves[name].source])
    }
    if not of_weights:
        raise InputError("scenario_from(...): the loss depends on no weight that the optimizer trains")
    try:
        rules = rules_of(of_weights, live.framework, decay)
    except InputError as error:
        raise InputError(f"scenario_from(...): {error}") from error
    return replace(rules, clipping=clipping or rules.clipping)


def _passes(live: GuardedTraining, batches: Sequence[Batch]) -> tuple[list[Pass], dict[str, Array]]:
    """What a copy of the model computes in float64, update by update; and its buffers after the first."""
    sharp = live.in_dtype(SHARP, batches[0])
    passes: list[Pass] = []
    after: dict[str, Array] = {}
    for update, batch in enumerate(batches, 1):
        passes.append(sharp.advance(batch, Draws(SEED, update)))
        if update == 1:
            after = sharp.buffers()
        _check_calls(passes[0], passes[-1], update)
    if not passes[0].calls:
        raise InputError("scenario_from(...): nothing was captured; a compiled model is not watched")
    return passes, after


def _check_calls(first: Pass, other: Pass, update: int) -> None:
    """Raise InputError unless two passes make the same calls."""
    for one, twin in zip(first.calls, other.calls, strict=False):
        if (one.function, one.inputs, one.outputs) != (twin.function, twin.inputs, twin.outputs):
            raise InputError(
                f"scenario_from(...): the model calls something else in update {update}: {twin}, in place of {one}; "
                "a scenario makes the same calls in every update"
            )
    if len(first.calls) != len(other.calls):
        raise InputError(
            f"scenario_from(...): the model makes {len(other.calls)} calls in update {update}, in place of "
            f"{len(first.calls)}; a scenario makes the same calls in every update"
        )


def _check(translated: Translated, captured: Pass, framework: str, after: dict[str, Array]) -> None:
    """Raise InputError where the ops compute something else than the model did."""
    checked = certify_pass(translated, captured, framework, hand_written_ops([]), after)
    for live, failure in checked.failures:
        mismatch = failure.mismatch
        raise InputError(
            f"scenario_from(...): {live} computes something else than {failure.node.op} does {failure.node.phase}: "
            f"{failure.node} is off by {float(mismatch.error):.1e}"
        )


def _draw(leaf: Leaf) -> Draw:
    def load() -> Array:
        return np.array(leaf.arrays[0])

    def load_each() -> list[Array]:
        return [np.array(array) for array in leaf.arrays]

    match leaf.role:
        case "data":
            return data(load_each, per="update")
        case "buffer":
            return buffer(load=load)
    return param(load=load, frozen=leaf.role == "frozen")


def _dtype(live: GuardedTraining) -> str:
    """The dtype of the model's weights; float32 for one that scenarios have not, such as bfloat16."""
    dtypes = [str(array.dtype) for array in live.weights().values()]
    return next((dtype for dtype in dtypes if dtype in DTYPES), DTYPES[0])
