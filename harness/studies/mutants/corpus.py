"""Resolves what a mutant names: the scenario that it trains on, and the backend that it is a copy of."""

from types import ModuleType

from backends.mutants.mutant import Mutant
from backends.patching import PatchError
from harness.errors import InputError
from harness.recording.catalogue import built_in_scenarios, probes
from harness.recording.loading import load_backend
from scenarios import Scenario


def scenario_of(mutant: Mutant) -> Scenario:
    """What a mutant trains on: a scenario of the catalogue or a probe, with the mutant's epochs and settings."""
    training = mutant.training
    scenario = {**built_in_scenarios(), **probes()}[training.scenario]
    return scenario.vary(epochs=training.epochs, settings=training.settings)


def build(mutant: Mutant) -> ModuleType:
    """A mutant as the module of a backend.

    Raises InputError where a text that it changes is not there exactly once, BackendMissing where the backend that it
    is a copy of can't be imported.
    """
    try:
        return mutant.build(load_backend(mutant.backend).module)
    except PatchError as error:
        raise InputError(f"mutant {mutant.name}: {error}") from error
