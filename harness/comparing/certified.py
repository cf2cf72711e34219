"""Certifies either side of a comparison, op by op, and says what failed."""

from collections.abc import Iterator, Mapping

from backends.capture.calls import Pass
from backends.contract import Array
from harness.capturing.certificates import CertifiedPass, certify_pass
from harness.capturing.guarded import GuardedTraining
from harness.capturing.translated import Translated
from harness.capturing.translator import translate
from harness.certifying.certificate import Failure
from harness.comparing.distances import largest_finite
from harness.comparing.document.outcome import Certified, Finding
from harness.comparing.mates import TOLERANCE
from harness.recording.loading import hand_written_ops


class CertifiedSide:
    """One side's first update in float64, certified from what was captured of it."""

    def __init__(self, live: GuardedTraining, captured: Pass, after: Mapping[str, Array]) -> None:
        find_op = hand_written_ops([])
        self._side = live.side
        self._translated: Translated = translate([captured], live.framework, find_op, live.trained())
        self._checked: CertifiedPass = certify_pass(self._translated, captured, live.framework, find_op, after)

    @property
    def counts(self) -> Certified:
        """What was checked, and which calls have no translation."""
        certificate = self._checked.certificate
        return Certified(
            certified=self._checked.certified,
            opaque=[str(refusal) for refusal in self._translated.refusals],
            checks=certificate.checks,
            failed=certificate.failed,
            unchecked=certificate.unchecked,
        )

    def findings(self) -> Iterator[Finding]:
        """What is wrong by more than the tolerance of a comparison, whatever the other side has."""
        for live, failure in self._checked.failures:
            if is_off(failure):
                mismatch = failure.mismatch
                what = "the gradient of" if failure.node.kind == "gradient" else "the result of"
                yield Finding(
                    kind="certificate",
                    text=f"{self._side}: {what} {live} is wrong: {failure.node}{[*mismatch.index]} is "
                    f"{float(mismatch.got):.9g}, it should be {float(mismatch.want):.9g}",
                    left_place=live.place if self._side == "left" else "",
                    right_place=live.place if self._side == "right" else "",
                )


def certified_side(live: GuardedTraining, captured: Pass, after: Mapping[str, Array]) -> CertifiedSide | None:
    """None for code of which no call was captured."""
    return CertifiedSide(live, captured, after) if captured.calls else None


def is_off(failure: Failure) -> bool:
    """Whether a result is off by more than TOLERANCE of the largest number that it should have; NaN always is."""
    scale = largest_finite(failure.want) or 1.0
    return not float(failure.mismatch.error) <= TOLERANCE * scale
