"""A random program and, where it fails in a new way, smaller ones that fail alike: Hypothesis shrinks it."""

import random
import time
import warnings
from collections.abc import Callable, Collection, Iterator

from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st
from hypothesis.database import InMemoryExampleDatabase
from hypothesis.errors import Flaky, HypothesisDeprecationWarning

from harness.fuzzing.finding import Finding, Signature
from harness.fuzzing.program import Source

BYTES = 8192
"""Of noise, more than any program needs."""
MOST_TRIES = 20
"""To make one program; some of what is chosen at random makes none."""
MOST_ATTEMPTS = 400
"""To shrink one finding."""
MOST_SECONDS = 60.0
"""To shrink the first finding; a second one has half of it, and so on, as many may have one cause."""


def noises(seed: int, number: int) -> Iterator[bytes]:
    """Random bytes for the program of a number in a run, and others for when these make none."""
    for attempt in range(MOST_TRIES):
        yield random.Random(f"{seed} {number} {attempt}").randbytes(BYTES)


class _Fails(Exception):
    """A program shows a finding that is to be shrunk."""


class _Over(BaseException):
    """It has been shrunk for long enough. Hypothesis, which takes no Exception for an end, stops at once."""


class Hunt:
    """Makes one program of noise, and shrinks it if it fails in a way that is not known.

    Hypothesis would rather generate by itself, but begins with simple programs and varies those that it has seen, so
    that rare ops stay rare. What it is given as bytes is made into choices that are all equally likely.
    """

    def __init__(
        self,
        strategy: st.SearchStrategy[Source],
        fit: Callable[[Source], Source],
        run: Callable[[Source], Finding | None],
        known: Collection[Signature],
    ) -> None:
        self._fit = fit
        self._run = run
        self._known = known
        self._seen: dict[str, Finding | None] = {}
        self._target: Signature | None = None
        self._until = 0.0
        self.attempts = 0
        """How many smaller programs were run."""
        self.smallest: tuple[Finding, Source] | None = None
        """What is new, and the smallest program that shows it."""

        @settings(
            database=InMemoryExampleDatabase(),
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.reuse, Phase.shrink),
            verbosity=Verbosity.quiet,
            print_blob=False,
            report_multiple_bugs=False,
        )
        @given(strategy)
        def no_program_fails(source: Source) -> None:
            self._check(self._fit(source))

        self._test = no_program_fails

    def follow(self, noise: bytes) -> bool:
        """Run the program that random bytes make, and shrink it if need be. Returns False if they make none."""
        with warnings.catch_warnings():
            # Other threads of a worker use the `random` module, which Hypothesis takes for the strategy's doing.
            warnings.simplefilter("ignore", HypothesisDeprecationWarning)
            try:
                return self._test.hypothesis.fuzz_one_input(noise) is not None  # type: ignore[attr-defined]
            except _Fails:
                self._shrink()
                return True

    def _shrink(self) -> None:
        try:
            self._test()
        except (_Fails, _Over, Flaky):  # a backend may fail at random
            assert self.smallest is not None

    def _check(self, source: Source) -> None:
        """Raise _Fails if a program shows the finding that is hunted, or the first new one."""
        if source.name not in self._seen:
            if self._target is not None:
                if self._is_over():
                    raise _Over
                self.attempts += 1
            self._seen[source.name] = self._run(source)
        finding = self._seen[source.name]
        if finding is None:
            return
        if self._target is None and finding.signature not in self._known:
            self._target, self._until = finding.signature, time.monotonic() + MOST_SECONDS / (1 + len(self._known))
        if finding.signature == self._target:
            if self.smallest is None or source.size < self.smallest[1].size:
                self.smallest = finding, source
            raise _Fails

    def _is_over(self) -> bool:
        return self.attempts >= MOST_ATTEMPTS or time.monotonic() > self._until
