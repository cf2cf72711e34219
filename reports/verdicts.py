"""Says a result in words: one line for what came out, then what, where and by how much."""

from lockstep.results import Mismatch, Result


def headline(result: Result) -> str:
    """One line: scenario, dtype and verdict, and for a disagreement where it is and how large."""
    run = f"{result.scenario} {result.dtype}: {result.verdict}"
    if result.verdict == "disagree" and result.first is not None:
        return f"{run}: {first_mismatch(result.first, result.reference)}"
    backends = f"{', '.join(result.backends[:-1])} and {result.backends[-1]}"
    return f"{run} ({backends}, {counted(result.epochs, 'epoch')}, seed {result.seed})"


def details(result: Result) -> list[str]:
    """Further lines: the call where runs part, why it is drift or inconclusive, held-out accuracy, the horizon."""
    lines = [f"runs part at {culprit(mismatch, result.reference)}" for mismatch in result.culprits]
    lines += result.notes
    if result.verdict == "drift" and result.first is not None:
        lines.append(f"first over its allowance: {first_mismatch(result.first, result.reference)}")
    if result.accuracy:
        scores = ", ".join(f"{name} {accuracy:.2%}" for name, accuracy in result.accuracy.items())
        lines.append(f"held-out accuracy: {scores}")
    if result.horizon is not None:
        lines.append(
            f"from epoch {result.horizon} on rounding alone may move a weight by 0.1 % of its tensor's largest element"
        )
    return lines


def message(result: Result) -> str:
    """The headline and the details as one text, as a failing assertion shows it."""
    return "\n".join([headline(result), *(f"  {line}" for line in details(result))])


def first_mismatch(mismatch: Mismatch, reference: str) -> str:
    """What, where and by how much, as `torch's grad_w1[0, 3] at epoch 1 is 0.5, numpy has 0: …`."""
    return (
        f"{mismatch.backend}'s {element(mismatch)} at epoch {mismatch.epoch} is {_short(mismatch.got)}, "
        f"{reference} has {_short(mismatch.want)}: {_by_how_much(mismatch)}"
    )


def culprit(mismatch: Mismatch, reference: str) -> str:
    """The call where runs part, as `relu backward, call h_r, epoch 1: grad_h[0, 0] …`."""
    call = f", call {mismatch.call}" if mismatch.call else ""
    phase = mismatch.phase if mismatch.phase != "loss" else "forward"
    return (
        f"{mismatch.op} {phase}{call}, epoch {mismatch.epoch}, update {mismatch.update}: "
        f"{element(mismatch)} is {_short(mismatch.got)} in {mismatch.backend}, {_short(mismatch.want)} in {reference}"
    )


def element(mismatch: Mismatch) -> str:
    """The tensor with the index, as `grad_w1[0, 3]`; a single number has no index."""
    index = ", ".join(str(i) for i in mismatch.index)
    return f"{mismatch.tensor}[{index}]" if mismatch.index else mismatch.tensor


def counted(count: int, noun: str) -> str:
    """`1 epoch`, `300 epochs`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _by_how_much(mismatch: Mismatch) -> str:
    return f"off by {float(mismatch.error):.3g} ({float(mismatch.ulps):.3g} ulp), allowed {float(mismatch.allowed):.3g}"


def _short(value: float | str) -> str:
    return f"{float(value):.9g}"
