"""Faithful ports of a dozen published networks: nothing is found."""

from collections.abc import Callable

import pytest

from harness.capturing.guarded import own_random_numbers
from harness.comparing.document.outcome import Outcome
from lockstep import compare
from tests.harness.comparing.ports import images, sequences, values
from tests.harness.comparing.ports.pair import Pair

PORTS: dict[Callable[[], Pair], int] = {
    images.alexnet: 8,
    images.inception: 14,
    images.resnet: 26,
    images.separable: 8,
    images.wavenet: 22,
    images.autoencoder: 3,
    sequences.gru: 11,
    sequences.tagger: 11,
    sequences.transformer: 15,
    sequences.text_cnn: 9,
    sequences.memory_network: 6,
    values.q_network: 8,
    values.activations: 13,
}
"""How many weights are paired in each."""


SEEDS = 1
"""How many sets of other starting weights the slow test takes."""


@pytest.mark.parametrize("port", PORTS, ids=lambda port: port.__name__)
def test_a_faithful_port_agrees(port: Callable[[], Pair]) -> None:
    outcome = compared(port, seed=0)
    assert outcome.verdict == "agree", str(outcome)
    assert outcome.findings == []
    assert outcome.only_left == outcome.only_right == outcome.notes == []
    assert outcome.agreeing_weights == outcome.trained_weights == PORTS[port]


@pytest.mark.slow
@pytest.mark.parametrize("port", PORTS, ids=lambda port: port.__name__)
def test_nothing_is_found_from_other_starting_weights(port: Callable[[], Pair]) -> None:
    for seed in range(1, SEEDS + 1):
        outcome = compared(port, seed)
        assert outcome.findings == [], f"seed {seed}: {outcome}"


def test_the_sides_may_be_exchanged() -> None:
    with own_random_numbers(0):
        left, right, batches = sequences.transformer()
    outcome = compare(right, left, batches, updates=2)
    assert outcome.verdict == "agree", str(outcome)
    assert outcome.only_left == outcome.only_right == []


def compared(port: Callable[[], Pair], seed: int) -> Outcome:
    """The outcome of three updates from starting weights of their own."""
    with own_random_numbers(seed):
        left, right, batches = port()
    return compare(left, right, batches, updates=3)
