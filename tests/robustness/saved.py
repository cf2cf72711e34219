"""Saved runs and comparisons to be damaged: some that agree, and some with all that is said of mistakes."""

import json
from functools import cache
from typing import Any

import msgspec
import torch

from backends.capture.training import Training
from harness.comparing.comparison import Comparison
from harness.comparing.document.outcome import to_json as to_json_of_comparisons
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import LoadedBackend, load_backends
from harness.recording.versions import versions
from harness.results import SCHEMA, Document, Result, to_json
from harness.run import run_scenario
from tests.harness.broken import relu_without_mask, with_changes
from tests.harness.comparing.networks import article_network, mlp

BUILT_IN = ("numpy", "chainer", "torch")


@cache
def _document() -> bytes:
    backends = load_backends(BUILT_IN)
    tiny = built_in_scenarios()["two_layer_tiny"].vary(epochs=3)
    broken = LoadedBackend("mine", with_changes(relu=relu_without_mask))
    results: list[Result] = [run_scenario(tiny, backends), run_scenario(tiny, [backends[0], broken])]
    return to_json(Document(schema=SCHEMA, versions=versions(), results=results)).encode()


def whole() -> bytes:
    """The document as it is saved."""
    return _document()


def decoded() -> Any:
    """The document as data, to be changed at will."""
    return json.loads(_document())


@cache
def comparisons() -> bytes:
    """A document of three comparisons as it is saved: two with findings, and one with code that can't be watched."""
    chain, adam = mlp.in_chainer(mlp.chainer.optimizers.Adam(alpha=0.01)), torch.optim.Adam
    ports = {"eps": mlp.in_torch(mlp.TorchMLP(), adam), "detached": mlp.in_torch(mlp.DetachedMLP(), adam)}
    outcomes = [Comparison(chain, port, mlp.batches(), 3, name=name).run() for name, port in ports.items()]
    by_hand = Training(step=article_network.train, weights=article_network.weights())
    outcomes.append(Comparison(by_hand, article_network.in_chainer(), article_network.batches(), 3).run())
    return to_json_of_comparisons(outcomes).encode()


def encoded(document: Any) -> bytes:
    """Data as a file would hold them."""
    return msgspec.json.encode(document)
