"""Tells runs apart by their content: the program, its data and settings, the backends, and how they are compared.

Two runs of the same content compute the same numbers, so the second one need not be made.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from backends.contract import Program
from backends.vocabulary import BUILT_IN
from harness.recording.arrays import draw_arrays
from harness.recording.loading import LoadedBackend
from harness.sweeping.sources import sources_of
from scenarios import Loaded, Scenario

LENGTH = 16
"""The hexadecimal digits of a hash: 64 bits, of which a billion runs share one with a chance of 3 %."""


def hash_of(content: Any) -> str:
    """The hash of numbers, texts, arrays, and tuples, lists, sets and mappings of them."""
    return hashlib.sha256(json.dumps(_plain(content), sort_keys=True).encode()).hexdigest()[:LENGTH]


def program_hash(program: Program) -> str:
    """What a program computes: its calls, shapes and rules, without the rules' settings and the lines of the file."""
    return hash_of(
        (
            [(call.op, call.inputs, call.settings, call.outputs) for call in program.calls],
            program.shapes,
            program.data,
            program.weights,
            program.carried,
            program.loss,
            [rule.op for rule in program.rules],
            [group.weights for group in program.groups],
        )
    )


def draws_hash(scenario: Scenario) -> str:
    """What a scenario draws, but for its seed and sizes: how, in which order, and the arrays that it loads."""
    orders = draw_arrays(scenario, scenario.dtype).orders if scenario.sampler is not None else ()
    return hash_of([*((name, _content(draw, scenario)) for name, draw in scenario.draws.items()), *orders])


def _content(draw: Any, scenario: Scenario) -> Any:
    if not isinstance(draw, Loaded):
        return repr(draw)
    loaded = draw.load()
    arrays = loaded if isinstance(loaded, list | tuple) else [loaded]
    return [draw.role, draw.per, draw.held_out(scenario.dtype), *map(np.asarray, arrays)]


def backend_hash(backend: LoadedBackend) -> str:
    """The sources of a user's backend; the name of one of the suite's own, whose framework's version says the rest.

    Its own file counts by what is in it, whatever it is called; those that it imports count with their names.
    """
    if backend.module.__name__ in BUILT_IN.values():
        return str(backend.module.__name__)
    sources = [(name, hashlib.sha256(source).hexdigest()) for name, source in sources_of(backend.module).items()]
    if not sources:
        return hash_of(repr(backend.module))
    (_, own), *imported = sources
    return hash_of((own, sorted(imported)))


def run_hash(
    scenario: Scenario,
    *,
    program: str,
    draws: str,
    dtype: str,
    backends: Sequence[tuple[str, str]],
    compared: Mapping[str, Any],
    versions: Mapping[str, str],
) -> str:
    """One run. `program` and `draws` are their hashes, `backends` names and hashes, `compared` all other options."""
    return hash_of(
        (
            (scenario.name, program, draws),
            (scenario.seed, scenario.epochs, scenario.batch_size, scenario.shuffle, dtype, scenario.dtype),
            *(["drop_last"] if scenario.drop_last else []),  # runs that were stored without it keep their hash
            (scenario.settings, scenario.accuracy, scenario.untested),
            list(backends),
            compared,
            versions,
        )
    )


def _plain(content: Any) -> Any:
    """The same in what JSON has, of which equal contents give equal texts."""
    match content:
        case None | bool() | int() | str():
            return content
        case float():
            return repr(content)
        case np.ndarray():
            of = np.ascontiguousarray(content)
            return [str(of.dtype), list(of.shape), hashlib.sha256(of.tobytes()).hexdigest()]
        case np.generic():
            return _plain(content.item())
        case Mapping():
            return {str(key): _plain(value) for key, value in content.items()}
        case set() | frozenset():
            return sorted(map(_plain, content))
    if isinstance(content, Sequence):
        return [_plain(each) for each in content]
    return repr(content)
