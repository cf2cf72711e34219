"""Failed certificates as the result document has them: culprits, their arithmetic, who is right, and what is known."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace

import msgspec

from backends.contract import Node, Overwriting, Program
from backends.vocabulary import KEEP, TRAIN
from harness.certifying.accumulation import FORMULAS as ACCUMULATED
from harness.certifying.certificate import Certificate, Failure
from harness.certifying.certifier import formulas_of
from harness.certifying.failures.brackets import Bracket
from harness.certifying.uses import Use
from harness.explaining.arbiter import ruling_on_failure
from harness.explaining.explanation import explain_failure
from harness.explaining.update_before import cause_in_the_update_before
from harness.judging.own_source import own_source
from harness.judging.unused import built_in_that_has
from harness.results import ALTERNATIVES, Explanation, Mismatch, Phase, Ruling
from harness.running.experiment import Experiment

MOST_LISTED = 4
"""Of a list of tensors, further ones are only counted."""


def failures_of(certificates: Mapping[str, Certificate], experiment: Experiment) -> list[Failure]:
    """The first failure of each backend, op and phase, in the order of the training, slight ones last.

    What was computed from a tensor that an op wrote over is counted once, as that op's failure.
    """
    failures = [
        _marked(failure, certificate.slight)
        for certificate in certificates.values()
        for failure in certificate.failures.values()
    ]
    distinct: dict[object, Failure] = {}
    for failure in sorted(failures, key=lambda failure: (failure.mismatch.slight, failure.mismatch.update)):
        wrong = culprit(failure, experiment)
        of = failure.overwriting or failure.decay or (wrong.op, wrong.phase)
        distinct.setdefault((wrong.backend, of), failure)
    return list(distinct.values())


def _marked(failure: Failure, slight: Set[tuple[str, Phase]]) -> Failure:
    """The failure, which says whether it is one of the slight ones."""
    mismatch = failure.mismatch
    return replace(failure, mismatch=msgspec.structs.replace(mismatch, slight=(mismatch.op, mismatch.phase) in slight))


def culprit(failure: Failure, experiment: Experiment) -> Mismatch:
    """The op that is wrong: that failed, that wrote over what the tensor was computed from, or the decay.

    Where it may be one of several, all of them, with ALTERNATIVES between them.
    """
    mismatch, overwriting, program = failure.mismatch, failure.overwriting, experiment.program
    if overwriting is not None:
        return msgspec.structs.replace(mismatch, op=overwriting.op, phase=overwriting.phase, call=overwriting.call)
    if failure.decay and program.decay is not None:
        return msgspec.structs.replace(mismatch, op=program.decay.op, phase="update")
    if failure.bracket is not None:
        return msgspec.structs.replace(
            mismatch, between=failure.bracket.between, op=ALTERNATIVES.join(failure.bracket.ops)
        )
    if failure.node.kind == "gradient" and failure.uses:
        suspected = _suspected(failure.uses, mismatch.backend, experiment)
        ops, calls = (ALTERNATIVES.join(dict.fromkeys(names)) for names in zip(*suspected, strict=True))
        return msgspec.structs.replace(mismatch, op=ops, call=calls)
    return mismatch


def _suspected(uses: Sequence[Use], backend: str, experiment: Experiment) -> list[tuple[str, str]]:
    """The ops and calls whose part of a gradient may be wrong: what the backend took from a built-in one is not.

    All of them where everything was taken, since the mistake is in their sum, or nothing. What the batches before gave
    is no call, and stands beside those that are.
    """
    module = next(each.module for each in experiment.backends if each.name == backend)
    calls = [(use.op, use.call) for use in uses if use.call] or [(use.op, use.call) for use in uses]
    own = [(op, call) for op, call in calls if not built_in_that_has(op, getattr(module, op, None))]
    return own or calls


def with_own_source(mismatch: Mismatch, experiment: Experiment) -> Mismatch:
    """The same with the source of its op in the backend, where that is a user's."""
    module = next((backend.module for backend in experiment.backends if backend.name == mismatch.backend), None)
    return msgspec.structs.replace(mismatch, own_source=own_source(getattr(module, mismatch.op, None)))


def explanation(failure: Failure, experiment: Experiment) -> Explanation:
    """The arithmetic of the wrong element, and the likely cause."""
    found = explain_failure(
        failure.node,
        failure.mismatch,
        failure.uses,
        formulas_of(experiment.program, experiment.find_op),
        got=failure.got,
        allowed=failure.allowed,
        dtype=experiment.dtype,
        position=experiment.program.position_of(failure.node),
    )
    if failure.node.op == TRAIN:
        return msgspec.structs.replace(
            found, unknown=f"a step's loss must be its values[{failure.node.of!r}], bit for bit"
        )
    if failure.node.op == KEEP:
        return msgspec.structs.replace(
            found, diagnosis=f"{failure.node} was changed; {_why_it_stays(failure, experiment)}"
        )
    if failure.overwriting is not None:
        return msgspec.structs.replace(found, diagnosis=about_overwriting(failure.overwriting, experiment.program))
    if failure.decay:
        return msgspec.structs.replace(found, diagnosis=failure.decay)
    cause = cause_in_the_update_before(failure, experiment.dtype)
    return msgspec.structs.replace(found, diagnosis=cause) if cause else found


def _why_it_stays(failure: Failure, experiment: Experiment) -> str:
    """Why a tensor has to be after an update what it was before."""
    program, update = experiment.program, failure.mismatch.update
    if failure.node.kind == "buffer":
        return "a frozen weight stays as it is"
    if failure.node.of in program.not_yet_trained(update):
        return f"{failure.node.of} is frozen until epoch {program.trained_later[failure.node.of]}"
    return "the optimizer changes weights only at the last batch of a step"


def ruling(failure: Failure, experiment: Experiment) -> Ruling | None:
    """What numerical differentiation says of a gradient's failure; None where it is not the gradient that is wrong."""
    if failure.mismatch.phase != "backward" or failure.mismatch.slight or failure.overwriting is not None:
        return None
    if not failure.uses or any(use.op in ACCUMULATED for use in failure.uses):
        return None  # it is 0 since the weight is frozen, or a part of it is no derivative of a call
    formulas = formulas_of(experiment.program, experiment.find_op)
    return ruling_on_failure(failure.node, failure.mismatch, failure.uses, formulas)


def notes_on(failures: Sequence[Failure], experiment: Experiment) -> list[str]:
    """What is known about the first failure beside its numbers."""
    notes = []
    for failure in failures[:1]:
        cause = cause_in_the_update_before(failure, experiment.dtype)
        if cause:
            notes.append(f"{failure.node}: {cause}")
        elif failure.bracket is not None:
            notes.append(_about_bracket(failure.bracket))
        if failure.overwriting is not None:
            of = "" if failure.overwriting.tensor == str(failure.node) else f", which {failure.node} is computed from"
            notes.append(about_overwriting(failure.overwriting, experiment.program) + of)
        in_rule = failure.mismatch.phase in ("update", "state")
        if in_rule and not any(other.mismatch.phase == "backward" for other in failures):
            wrong = culprit(failure, experiment)
            notes.append(f"no gradient of update {wrong.update} failed its check: the mistake is in {wrong.op}")
    return notes


def overwriting_notes(certificates: Mapping[str, Certificate]) -> list[str]:
    """Which ops wrote over what they were given, without harm."""
    notes = []
    for name, certificate in certificates.items():
        by_op: dict[tuple[str, str], list[Overwriting]] = {}
        for overwriting in certificate.overwritten.values():
            by_op.setdefault((overwriting.op, overwriting.phase), []).append(overwriting)
        for (op, phase), those in by_op.items():
            of = {"forward": op, "backward": f"the backward of {op}"}.get(phase, op)
            what = listed([overwriting.tensor for overwriting in those])
            notes.append(f"{name}: {of} wrote over {what}; every op is judged by what it was given")
    return notes


def cancellation_notes(certificates: Mapping[str, Certificate], program: Program) -> list[str]:
    """Which weights' gradients were nothing but rounding, so that their weights follow rounding alone."""
    counts: dict[str, int] = {}
    for certificate in certificates.values():
        for node, count in certificate.cancelled.items():
            if node.kind == "gradient" and node.of in program.weights:
                counts[str(node)] = max(count, counts.get(str(node), 0))
    if not counts:
        return []
    updates = max(certificate.updates for certificate in certificates.values())
    return [
        f"the terms of {listed(counts)} cancel, at up to {max(counts.values()):,} of {updates:,} certified updates: "
        "what is left, and moves the weight, is rounding"
    ]


def _about_bracket(bracket: Bracket) -> str:
    start, end = bracket.between
    found = [f"{listed(map(str, bracket.right))} {_is(bracket.right)} right"] if bracket.right else []
    found.append(f"{listed(map(str, bracket.wrong))} {_is(bracket.wrong)} wrong")
    calls = listed([f"{call.op} (call {call.outputs[0]})" for call in bracket.calls])
    return f"{', '.join(found)}: the mistake is between {start} and {end}, in {calls}"


def _is(nodes: Sequence[Node]) -> str:
    return "is" if len(nodes) == 1 else "are"


def about_overwriting(overwriting: Overwriting, program: Program) -> str:
    """`relu (call h_r) wrote over its input h`."""
    inputs = next((call.inputs for call in program.calls if call.outputs[0] == overwriting.call), ())
    its = "its input " if overwriting.tensor in inputs else ""
    of = f"the backward of {overwriting.op}" if overwriting.phase == "backward" else overwriting.op
    return f"{of} (call {overwriting.call}) wrote over {its}{overwriting.tensor}"


def listed(names: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b, c, d and 3 more`."""
    names = list(names)
    if len(names) > MOST_LISTED:
        return f"{', '.join(names[:MOST_LISTED])} and {len(names) - MOST_LISTED} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
