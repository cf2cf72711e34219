"""The harness in one call, for a user's own tests."""

import warnings
from collections.abc import Iterable, Mapping
from types import ModuleType

from lockstep.compare import Tolerances
from lockstep.errors import InputError
from lockstep.loading import REFERENCE, LoadedBackend, find_scenarios, load_backend, load_backends
from lockstep.results import Result
from lockstep.verdict import run_scenario
from reports.verdicts import message
from scenarios import DTYPES, Scenario


class Drift(UserWarning):
    """Trajectories part in float32 by amplified rounding; float64 agrees."""


def assert_agree(
    scenario: Scenario | str,
    backends: Iterable[str] | Mapping[str, ModuleType] | None = None,
    dtype: str | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    *,
    reference: str = REFERENCE,
    threads: int = 1,
) -> Result:
    """Run a scenario in lockstep and raise AssertionError unless the backends agree.

    scenario: a Scenario, a built-in name, `./file.py:name`, or `./file.py` with one scenario.
    backends: names as `--backend` takes them, or modules by name; all built-in ones if None. The reference is added.
    dtype: "float32" or "float64"; the scenario's own if None.
    rtol, atol: replace the measured allowance by atol + rtol·|reference|, element by element; 0 where not given.

    Returns the Result; drift passes with a Drift warning. Raises AssertionError for a disagreement or where nothing was
    tested, InputError for what can't be run, BackendMissing for a framework that can't be imported.
    """
    if dtype is not None and dtype not in DTYPES:
        raise InputError(f"dtype must be {' or '.join(DTYPES)}, not {dtype!r}")
    result = run_scenario(
        _one_scenario(scenario),
        _loaded(backends, reference),
        dtype=dtype,
        tolerances=tolerances(rtol, atol),
        threads=threads,
    )
    if result.verdict == "drift":
        warnings.warn(message(result), Drift, stacklevel=2)
    if result.verdict in ("disagree", "inconclusive"):
        raise AssertionError(message(result))
    return result


def tolerances(rtol: float | None, atol: float | None) -> Tolerances | None:
    """The user's tolerances, or None where the allowance is to be measured."""
    if rtol is None and atol is None:
        return None
    for name, value in (("rtol", rtol), ("atol", atol)):
        if value is not None and not 0 <= value < float("inf"):
            raise InputError(f"{name} must be a number of at least 0, not {value}")
    return Tolerances(rtol=rtol or 0.0, atol=atol or 0.0)


def _one_scenario(scenario: Scenario | str) -> Scenario:
    if isinstance(scenario, Scenario):
        return scenario
    found = find_scenarios([scenario])
    if len(found) != 1:
        raise InputError(f"{scenario} holds {', '.join(s.name for s in found)}; name one as {scenario}:{found[0].name}")
    return found[0]


def _loaded(backends: Iterable[str] | Mapping[str, ModuleType] | None, reference: str) -> list[LoadedBackend]:
    if not isinstance(backends, Mapping):
        return load_backends(backends or (), reference)
    modules = [LoadedBackend(name, module) for name, module in backends.items() if name != reference]
    if reference in backends:
        return [LoadedBackend(reference, backends[reference]), *modules]
    return [load_backend(reference), *modules]
