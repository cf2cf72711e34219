"""What the run of a random program says: nothing, or that something is wrong, and with what."""

import re
from dataclasses import dataclass
from typing import Literal, get_args

from backends.vocabulary import HAND_WRITTEN
from harness.errors import InputError
from harness.results import Result
from harness.sentences import certificate_failed, headline

Kind = Literal[
    "wrong backend",
    "false accusation",
    "undecided accusation",
    "unexplained parting",
    "error of a backend",
    "crash of Lockstep",
]
KINDS: tuple[Kind, ...] = get_args(Kind)

OUT_OF_RANGE = "all elements of input should be between 0 and 1"
"""What PyTorch's binary_cross_entropy says of a probability that is NaN, which here it may be before it is by hand."""


@dataclass(frozen=True)
class Signature:
    """What findings of one cause have in common."""

    kind: Kind
    backend: str
    """Whose mistake it is, or who is accused; empty for a crash of Lockstep."""
    place: str
    """The op and phase, or what an error says without its numbers and shapes."""

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.kind, self.backend, self.place)))


@dataclass(frozen=True)
class Finding:
    """Something wrong."""

    signature: Signature
    sentence: str
    """What, where and by how much."""


def finding_in(outcome: Result | Exception) -> Finding | None:
    """What an outcome says is wrong; None if nothing."""
    if isinstance(outcome, Exception):
        return _of_error(outcome)
    if certificate_failed(outcome) and outcome.verdict == "disagree":
        return _of_certificate(outcome)
    if outcome.verdict == "disagree":
        first = outcome.culprits[0] if outcome.culprits else outcome.first
        backend, place = (first.backend, f"{first.op} {first.phase}") if first is not None else ("", "nowhere")
        return Finding(Signature("unexplained parting", backend, place), headline(outcome))
    return None


def is_refusal(error: Exception) -> bool:
    """Whether an op refused, in some update, what training has made of its inputs: by hand, or PyTorch's own."""
    text = str(error)
    return isinstance(error, InputError) and (
        text.startswith(f"backend {HAND_WRITTEN} raised ValueError at update")
        or (text.startswith("backend torch raised RuntimeError at update") and text.endswith(OUT_OF_RANGE))
    )


def _of_certificate(result: Result) -> Finding:
    """A failed certificate is a mistake of its backend, unless the arbiter says that the backend is right.

    At a kink, where any value between two slopes is right to the arbiter, an op's docstring says which one it takes.
    Where the arbiter can't tell, nothing is known beside the certificate.
    """
    culprit, ruling = result.culprits[0], result.rulings[0]
    place = f"{culprit.op} {culprit.phase}"
    if ruling is None or ruling.right in ("hand-written", "neither", "kink"):
        return Finding(Signature("wrong backend", culprit.backend, place), headline(result))
    kind: Kind = "false accusation" if ruling.right == "backend" else "undecided accusation"
    return Finding(Signature(kind, culprit.backend, place), f"{headline(result)}; {ruling.text}")


def _of_error(error: Exception) -> Finding:
    """An error of a backend is an InputError that names it; any other is a crash of ours."""
    text = str(error).splitlines()[0] if str(error) else ""
    named = re.match(r"backend ([^\s:]+?)(?:'s)?(?![^\s:]):? *", text)
    if isinstance(error, InputError) and named:
        return Finding(Signature("error of a backend", named[1], _without_numbers(text[named.end() :])), text)
    what = f"{type(error).__name__}: {text}"
    return Finding(Signature("crash of Lockstep", "", _without_numbers(what)), what)


def _without_numbers(text: str) -> str:
    """A message without its shapes, its numbers and the names of tensors, which end in one."""
    without_shapes = re.sub(r"\([\d, ]*\)", "0", text)
    return re.sub(r"\S*\d\S*(,? \S*\d\S*)*", "…", without_shapes)
