"""Either side of a comparison is certified by itself, so what both do wrong is found, too."""

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as nnF
from torch import Tensor, nn

from backends.capture.training import Training
from harness.comparing.comparison import Comparison
from lockstep import compare

BATCHES = [(np.random.RandomState(0).standard_normal((6, 3)).astype(np.float32), np.array([0, 1, 1, 0, 1, 0]))]


class Model(nn.Module):
    """Two layers, and what a test puts between them."""

    def __init__(self, between: Any) -> None:
        super().__init__()
        self.first = nn.Linear(3, 4)
        self.last = nn.Linear(4, 2)
        self.between = between

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.last(self.between(self.first(x)))
        return scores


def training(between: Any) -> Training:
    model = Model(between)
    return Training(model, lambda m, x, t: nnF.cross_entropy(m(x), t), torch.optim.SGD(model.parameters(), lr=0.1))


def scaled_on_the_way_back(h: Tensor, factor: float) -> Tensor:
    y = torch.tanh(h)
    y.register_hook(lambda gradient: factor * gradient)  # type: ignore[no-untyped-call]
    return y


def doubled_on_the_way_back(h: Tensor) -> Tensor:
    return scaled_on_the_way_back(h, 2)


def test_a_gradient_that_both_sides_double_is_found() -> None:
    outcome = compare(training(doubled_on_the_way_back), training(doubled_on_the_way_back), BATCHES, updates=2)
    assert outcome.verdict == "disagree"
    assert {finding.kind for finding in outcome.findings} == {"certificate"}
    left, right = outcome.findings
    assert left.text.startswith("left: the gradient of tanh (tests/harness/comparing/test_certificates.py:")
    assert right.text.startswith("right: the gradient of tanh (")
    assert f"({left.left_place})" in left.text
    assert f"({right.right_place})" in right.text
    assert left.right_place == right.left_place == ""
    assert not any(pair.is_gradient_wrong for pair in outcome.weights)


def test_a_failed_check_within_the_tolerance_is_counted_and_no_finding() -> None:
    """Of what both sides do alike: a gradient that is off by more than rounding, and less than 1e-9 of it."""
    left, right = (training(lambda h: scaled_on_the_way_back(h, 1 + 1e-11)) for _ in range(2))
    outcome = compare(left, right, BATCHES, updates=2)
    assert outcome.verdict == "agree", str(outcome)
    assert outcome.left.certificate is not None
    assert outcome.left.certificate.failed > 0


def test_without_certificates_it_is_not() -> None:
    sides = training(doubled_on_the_way_back), training(doubled_on_the_way_back)
    outcome = Comparison(*sides, BATCHES, updates=2, certify=False).run()
    assert outcome.verdict == "agree"
    assert "left: 4 calls compared, none certified" in str(outcome)


def test_calls_that_no_op_computes_are_compared_and_counted() -> None:
    left, right = (training(lambda h: torch.cumprod(torch.tanh(h), 1)) for _ in range(2))
    outcome = compare(left, right, BATCHES, updates=2)
    assert outcome.verdict == "agree"
    certificate = outcome.left.certificate
    assert certificate is not None
    assert (certificate.certified, certificate.failed, outcome.left.calls) == (4, 0, 5)
    (opaque,) = certificate.opaque
    assert opaque.startswith("cumprod (tests/harness/comparing/test_certificates.py:")
    assert certificate.unchecked > 0
    assert "left: 4 calls certified by" in str(outcome)
    assert "1 compared only, such as cumprod (" in str(outcome)


def spectrum(norm: str) -> Any:
    """The power of each frequency, computed with complex numbers."""

    def between(h: Tensor) -> Tensor:
        transformed = torch.fft.fft(h, norm=norm)
        power: Tensor = (transformed * transformed.conj()).real
        return power

    return between


def test_complex_numbers_are_compared_and_not_certified() -> None:
    outcome = compare(training(spectrum("ortho")), training(spectrum("ortho")), BATCHES, updates=2)
    assert outcome.verdict == "agree"
    assert "7 of 7 results have an equal on the other side" in str(outcome)
    assert "4 compared only, such as fft_fft of complex numbers (" in str(outcome)


def test_a_parting_in_complex_numbers_is_placed() -> None:
    outcome = compare(training(spectrum("ortho")), training(spectrum("backward")), BATCHES, updates=2)
    assert outcome.first is not None
    assert outcome.first.text.startswith("forward parts at fft_fft of complex numbers (")


KEPT = torch.tensor([1.0, 0.0, 0.0, 1.0])


@pytest.mark.parametrize("function", [torch.maximum, torch.minimum, torch.max, torch.min])
def test_the_half_that_each_gets_at_a_tie_is_right(function: Any) -> None:
    """The zeros of the two are ties."""

    def between(h: Tensor) -> Any:
        return function(torch.relu(h), torch.relu(-h) * KEPT)

    outcome = compare(training(between), training(between), BATCHES, updates=2)
    assert outcome.verdict == "agree", str(outcome)
    for side in (outcome.left, outcome.right):
        assert side.certificate is not None
        assert side.certificate.failed == 0
