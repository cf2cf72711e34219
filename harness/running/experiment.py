"""The input of a lockstep run: a scenario, drawn and recorded, and backends that have what it needs."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from inspect import signature
from math import prod
from typing import Any

import numpy as np

from backends.contract import Node, Program
from backends.rules import first_state, initial
from harness.errors import InputError, did_you_mean
from harness.guarding.garbage import collection_postponed
from harness.guarding.printing import off_stdout
from harness.guarding.shortages import shortages_named
from harness.numerics.accuracy import declared_accuracy
from harness.recording.arrays import Draws, draw_arrays
from harness.recording.loading import REFERENCE, LoadedBackend, check_ops, hand_written_ops, load_backend
from harness.recording.recorder import record_program
from harness.results import Normalised
from harness.running.allowance import Tolerances
from harness.running.kinks import Kink, kinks_of
from harness.running.normalisations import as_it_comes, used_normalisations
from scenarios import Rule, Scenario, ScenarioError, Schedule

ELEMENTS_PER_CALL = 3_000
"""How many elements more take as long as one call more, all backends and certificates together."""


@dataclass(frozen=True)
class Experiment:
    """Everything that a lockstep run needs: the program, its draws and the backends, the reference first."""

    scenario: Scenario
    program: Program
    draws: Draws
    backends: Sequence[LoadedBackend]
    dtype: str
    tolerances: Tolerances | None
    kinks: Sequence[Kink]
    """Where the gradient of a call jumps."""
    find_op: Callable[[str], Callable[..., Any]]
    """Finds a hand-written op by name."""
    certify: int | None
    """Certify every n-th update; None for none."""
    threads: int
    """How many threads each framework may use."""
    as_is: bool
    """Whether the backends' normalised functions are replaced by their frameworks' own."""
    normalised: Sequence[Normalised]
    """What the program uses of the backends' normalisations."""
    accepts_untested: bool = False
    """Whether runs agree although a unit or a gradient was never exercised."""
    rounding: Mapping[Node, float] = field(default_factory=dict)
    """What is allowed for a tensor in addition to what nudged runs show: what rounding in the ops does at update 1."""

    processes: int = 1
    """How many processes a run may use; what comes out is the same."""

    @property
    def epochs(self) -> int:
        """How many epochs to train for."""
        return self.scenario.epochs

    @property
    def seed(self) -> int:
        """The seed of the scenario's draws."""
        return self.scenario.seed

    @property
    def updates(self) -> int:
        """The number of updates in the whole run."""
        return self.epochs * len(self.draws.batch_rows)

    @property
    def expected_cost(self) -> float:
        """Roughly what the run costs beside others: it grows with the elements and the calls of each update."""
        elements = sum(prod(shape) for shape in self.program.shapes.values())
        return self.updates * (elements + ELEMENTS_PER_CALL * len(self.program.calls))

    def certified_up_to(self, epoch: int) -> "Experiment":
        """The same experiment with fewer epochs, in which every update is certified."""
        return replace(self, scenario=self.scenario.vary(epochs=epoch), certify=1)

    def in_dtype(self, dtype: str) -> "Experiment":
        """The same experiment in another dtype, with the measured allowance."""
        experiment = prepare(
            self.scenario,
            self.backends,
            dtype,
            certify=self.certify,
            threads=self.threads,
            accept_untested=self.accepts_untested,
        )
        # The backends are replaced already.
        return replace(experiment, as_is=self.as_is, normalised=self.normalised, processes=self.processes)


@off_stdout()
@collection_postponed()
def prepare(
    scenario: Scenario,
    backends: Sequence[LoadedBackend],
    dtype: str | None = None,
    *,
    tolerances: Tolerances | None = None,
    certify: int | None = None,
    threads: int = 1,
    accept_untested: bool = False,
    as_is: bool = False,
) -> Experiment:
    """Draw and record a scenario, and check that every backend has what it needs.

    `dtype` is the scenario's own if None. With `accept_untested`, or if the scenario says so, runs agree although a
    unit or a gradient was never exercised. With `as_is` each backend takes its framework's own functions in place of
    its normalised ones. Raises InputError if it can't be run.
    """
    if len(backends) < 2:
        raise InputError("fewer than two backends: there is nothing to compare")
    dtype = dtype or scenario.dtype
    find_op = hand_written_ops(backends)
    with shortages_named(f"scenario {scenario.name}"), np.errstate(all="ignore"):  # overflows show in the tensors
        try:
            draws = draw_arrays(scenario, dtype)
        except ScenarioError as error:
            raise InputError(str(error)) from error
        program = record_program(scenario, draws, find_op)
    needed = dict.fromkeys([*(call.op for call in program.calls), *(rule.op for rule in program.rules)])
    for backend in backends:
        check_ops(backend, needed, scenario.name)
        declared_accuracy(backend, dtype)  # raises where it is not valid
    check_rules(scenario, find_op)
    _check_accuracy(scenario, program, draws)
    return Experiment(
        scenario=scenario,
        program=program,
        draws=draws,
        backends=[as_it_comes(backend, program) for backend in backends] if as_is else backends,
        dtype=dtype,
        tolerances=tolerances,
        kinks=kinks_of(program, load_backend(REFERENCE).module.KINKS),
        find_op=find_op,
        certify=certify,
        threads=threads,
        accepts_untested=accept_untested or scenario.untested == "ok",
        as_is=as_is,
        normalised=used_normalisations(backends, program, as_is=as_is),
    )


def check_rules(scenario: Scenario, find_op: Callable[[str], Callable[..., Any]]) -> None:
    """Raise InputError if the settings of a scenario's rules are not those of the hand-written rules."""
    for rule in scenario.all_rules:
        set_by_harness = {"t", "lr"} if isinstance(rule, Schedule) else {"t", "first_lr"}
        parts = rule.parts if isinstance(rule, Schedule) else ()
        for each in parts or (rule,):
            _check_settings(scenario, each, find_op(each.name), set_by_harness)


def _check_settings(scenario: Scenario, rule: Rule, hand_written: Callable[..., Any], set_by_harness: Set[str]) -> None:
    """Raise InputError if a rule's settings are not those of the hand-written rule."""
    parameters = signature(hand_written).parameters.values()
    expected = {p.name for p in parameters if p.kind is p.KEYWORD_ONLY} - set_by_harness
    of_state = {initial(slot) for slot in first_state(hand_written, {})}
    if rule.settings.keys() - of_state != expected:
        takes, got = ", ".join(sorted(expected)), ", ".join(rule.settings)
        raise InputError(f"scenario {scenario.name}: {rule.name} takes {takes}, not {got}")


def _check_accuracy(scenario: Scenario, program: Program, draws: Draws) -> None:
    """Raise InputError if the held-out accuracy that a scenario asks for can't be computed after its run."""
    if scenario.accuracy is None:
        return
    scores, labels = scenario.accuracy
    for name, tensors in ((scores, program.values), (labels, program.data)):
        if name not in tensors:
            raise InputError(f"scenario {scenario.name}: accuracy names {name!r}{did_you_mean(name, tensors)}")
    without = [name for name in program.data if name not in draws.held_out]
    if draws.held_out and without:
        raise InputError(f"scenario {scenario.name}: {', '.join(without)} has no held-out part, while other data has")
