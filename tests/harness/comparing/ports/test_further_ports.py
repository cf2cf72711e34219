"""Faithful ports of four more of Chainer's examples: nothing is found."""

from collections.abc import Callable

import pytest

from lockstep import compare
from tests.harness.comparing.networks import further_networks as networks


@pytest.mark.parametrize(
    ("pair", "weights"),
    [(networks.dcgan, 18), (networks.seq2seq, 20), (networks.word2vec, 3), (networks.sentiment, 5)],
)
def test_a_faithful_port_agrees(pair: Callable[[], networks.Pair], weights: int) -> None:
    left, right, batches = pair()
    outcome = compare(left, right, batches, updates=3)
    assert outcome.verdict == "agree", str(outcome)
    assert outcome.agreeing_weights == outcome.trained_weights == weights
    assert outcome.only_left == outcome.only_right == outcome.notes == []
    assert outcome.settings == []
