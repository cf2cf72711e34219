"""Saved runs to be damaged: one that agrees, and one with culprits and all that is said of them."""

import json
from functools import cache
from typing import Any

import msgspec

from harness.recording.loading import LoadedBackend, built_in_scenarios, load_backends
from harness.recording.versions import versions
from harness.results import SCHEMA, Document, Result, to_json
from harness.run import run_scenario
from tests.harness.broken import relu_without_mask, with_changes

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


def encoded(document: Any) -> bytes:
    """Data as a file would hold them."""
    return msgspec.json.encode(document)
