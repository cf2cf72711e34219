"""`lockstep lab check` as a function: one op by itself, judged by bounds, without a file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.errors import InputError
from harness.studies.lab.document import LabDocument
from harness.studies.lab.functions import asking_with, submission_of
from harness.studies.lab.grading import grade
from harness.studies.lab.questions import questions_on
from harness.studies.lab.submission import checked_ops
from lockstep.api.shown import Shown
from reports.notebook.fragments import text_fragment
from reports.source.code_map import op_sources
from reports.text.lab import lab_text
from scenarios import DTYPES
from scenarios.language.values import DTYPE, shown

MOST_HINTS = 3
MORE = "hints=1, 2 or 3 says more; solution=True shows the hand-written op."


@dataclass(frozen=True, repr=False)
class ShownCheck(Shown):
    """What the check of an op came to."""

    document: LabDocument
    """Every point, and every mistake."""

    @property
    def passed(self) -> bool:
        """Whether every output and every gradient is right in every case."""
        return self.document.points == self.document.of

    def __str__(self) -> str:
        return lab_text(self.document, MORE)

    def _repr_html_(self) -> str:
        return text_fragment(str(self))


def check(
    function: Callable[..., Any],
    like: str | Callable[..., Any],
    inputs: Sequence[Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    *,
    dtype: str | None = None,
    hints: int = 0,
    solution: bool = False,
) -> ShownCheck:
    """Check an op written in NumPy, forward and backward, as `lockstep lab check` does.

    function: takes the op's inputs and returns `(y, backward)`; `backward` takes the gradient of each output and
        returns a tuple with that of each input.
    like: the op that it should be, by its name from `lockstep list ops`, or a reference that is written in the same
        way; then inputs are needed.
    inputs, settings: what both are called with; the cases of the lab if None. Inputs of floating-point numbers have a
        gradient; all are taken in the dtype of the check.
    dtype: "float32" or "float64"; both if None.
    hints: 0 to 3, added to each mistake.
    solution: show the hand-written op, too.

    Outputs and gradients are right if they are within the bound of rounding of the reference, whatever formula computes
    them. Raises InputError for an op that there is none of, for inputs that it refuses, and for a reference that uses a
    function of NumPy that has no bound.
    """
    if dtype is not None:
        dtype = DTYPE.checked(dtype, "dtype", InputError)
    if hints not in range(MOST_HINTS + 1):
        raise InputError(f"hints must be 0, 1, 2 or 3, not {shown(hints)}")
    if not callable(function):
        raise InputError(f"the function to check must be one, not {shown(function)}")
    op, reference = _asked(like, has_inputs=inputs is not None)
    if settings and inputs is None:
        raise InputError("settings need inputs: without them the op is called as the lab calls it")
    document = grade(
        submission_of(function, op),
        [op],
        dtypes=DTYPES if dtype is None else (dtype,),
        hints=hints,
        solution=_source if solution else None,
        ask=questions_on if inputs is None else asking_with(inputs, settings or {}, reference),
    )
    return ShownCheck(document)


def _asked(like: str | Callable[..., Any], *, has_inputs: bool) -> tuple[str, Callable[..., Any]]:
    """The name of the op and what computes it."""
    if isinstance(like, str):
        from backends import numpy_manual

        (op,) = checked_ops([like])
        return op, getattr(numpy_manual, op)
    if not callable(like):
        raise InputError(f"like must be the name of an op or a reference to call, not {shown(like)}")
    if not has_inputs:
        raise InputError("a reference of your own needs inputs to be compared on")
    name = getattr(like, "__name__", "")
    return (name if name.isidentifier() else "reference"), like


def _source(op: str) -> str:
    """The hand-written op as it stands in its file."""
    return op_sources(op)[0][1]
