"""A hunt runs one program of noise, and shrinks it if it fails in a new way, for as long as it may."""

import pytest
from hypothesis import strategies as st

from harness.fuzzing import hunt as hunting
from harness.fuzzing.finding import Finding, Signature
from harness.fuzzing.hunt import Hunt, noises
from harness.fuzzing.program import Source

WRONG = Signature("wrong backend", "mine", "relu backward")
LARGE = 100
NUMBERS = st.integers(0, 2**32 - 1).map(lambda number: Source(f"{{name}} {number}", calls=number))


class Backend:
    """Fails on programs of at least so many calls."""

    def __init__(self) -> None:
        self.tried: list[int] = []

    def run(self, source: Source) -> Finding | None:
        self.tried.append(source.calls)
        return Finding(WRONG, "it is wrong") if source.calls >= LARGE else None


def hunt(backend: Backend, *known: Signature) -> Hunt:
    hunt = Hunt(NUMBERS, lambda source: source, backend.run, known)
    assert hunt.follow(next(noises(seed=1, number=0)))
    return hunt


def test_what_fails_in_a_new_way_is_shrunk_to_the_smallest() -> None:
    backend = Backend()
    found = hunt(backend).smallest
    assert found is not None
    assert (found[0].signature, found[1].calls) == (WRONG, LARGE)


def test_what_is_known_is_run_once() -> None:
    backend = Backend()
    found = hunt(backend, WRONG)
    assert (found.smallest, found.attempts, len(backend.tried)) == (None, 0, 1)


def test_shrinking_ends_when_its_attempts_are_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hunting, "MOST_ATTEMPTS", 3)
    backend = Backend()
    found = hunt(backend)
    assert found.smallest is not None
    assert (found.attempts, len(backend.tried)) == (3, 4)


def test_shrinking_ends_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hunting, "MOST_SECONDS", -1.0)
    backend = Backend()
    found = hunt(backend)
    assert found.smallest is not None
    assert (found.attempts, len(backend.tried)) == (0, 1)


def test_each_number_has_noise_of_its_own_and_a_seed_makes_it_again() -> None:
    made = {next(noises(seed, number)) for seed in (1, 2) for number in (0, 1)}
    assert len(made) == 4
    assert list(noises(1, 0)) == list(noises(1, 0))
    assert len(set(noises(1, 0))) == hunting.MOST_TRIES


def test_noise_that_makes_no_program_is_told() -> None:
    nothing = Hunt(NUMBERS.filter(lambda source: False), lambda source: source, Backend().run, ())
    assert not nothing.follow(next(noises(1, 0)))
