"""The harness in one call, for a user's own tests."""

import warnings
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

from harness.errors import InputError
from harness.guarding.stopping import time_limit
from harness.recording.loading import REFERENCE, LoadedBackend, backend_of, find_scenario, load_backend, load_backends
from harness.results import Result
from harness.run import run_scenario
from harness.running.allowance import Tolerances
from harness.sentences import message
from scenarios import Scenario
from scenarios.language.values import ABOVE_0, AT_LEAST_0, COUNT, DTYPE, shown


class Drift(UserWarning):
    """Runs part by rounding that training amplified, not by a mistake."""


def assert_agree(
    scenario: Scenario | str,
    backends: Iterable[str] | Mapping[str, ModuleType] | None = None,
    dtype: str | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    *,
    reference: str = REFERENCE,
    certify: int | None = 1,
    threads: int = 1,
    accept_untested: bool = False,
    timeout: float | None = None,
    as_is: bool = False,
) -> Result:
    """Run a scenario in lockstep and raise AssertionError unless the backends agree.

    scenario: a Scenario, a built-in name, `./file.py:name`, or `./file.py` with one scenario.
    backends: one name or several, as `--backend` takes them, or modules by name; all built-in ones if None. The
        reference is added.
    dtype: "float32" or "float64"; the scenario's own if None.
    rtol, atol: replace the measured allowance by atol + rtol·|reference|, element by element; 0 unless given.
        Then nothing is certified, since such a tolerance also permits other formulas.
    certify: certify every n-th update, the first three and the last; None for none.
    accept_untested: pass although a unit or a gradient was never exercised; the Result's notes say which.
    timeout: the seconds that a backend may take for an update, or to be imported; any time if None. In the main thread
        only, and not on Windows.
    as_is: let each framework run with its own functions in place of those that Lockstep normalised.

    Returns the Result; drift passes with a Drift warning. Raises AssertionError for a disagreement or if nothing was
    tested, InputError for invalid input, Crashed, which is an InputError, for a backend or scenario that raises an
    error, would end the process or takes too long, and BackendMissing for a framework that can't be imported.
    """
    __tracebackhide__ = True
    if dtype is not None:
        dtype = DTYPE.checked(dtype, "dtype", InputError)
    threads = COUNT.checked(threads, "threads", InputError)
    if certify is not None:
        certify = COUNT.checked(certify, "certify", InputError)
    allowance = tolerances(rtol, atol)
    if timeout is not None:
        timeout = ABOVE_0.checked(timeout, "timeout", InputError)
    with time_limit(timeout):
        result = run_scenario(
            _one_scenario(scenario),
            _loaded(backends, reference),
            dtype=dtype,
            tolerances=allowance,
            certify=certify if allowance is None else None,
            threads=threads,
            accept_untested=accept_untested,
            as_is=as_is,
        )
    if result.verdict == "drift":
        warnings.warn(message(result), Drift, stacklevel=2)
    if result.verdict in ("disagree", "inconclusive"):
        raise AssertionError(message(result))
    return result


def tolerances(rtol: float | None, atol: float | None) -> Tolerances | None:
    """The user's tolerances, or None if the allowance is to be measured."""
    if rtol is None and atol is None:
        return None
    return Tolerances(
        rtol=0.0 if rtol is None else AT_LEAST_0.checked(rtol, "rtol", InputError),
        atol=0.0 if atol is None else AT_LEAST_0.checked(atol, "atol", InputError),
    )


def _one_scenario(scenario: Scenario | str) -> Scenario:
    if isinstance(scenario, Scenario):
        return scenario
    if not isinstance(scenario, str):
        what = "a Scenario as @scenario(...) makes it, a name or ./file.py:name"
        raise InputError(f"scenario must be {what}, not {shown(scenario)}")
    return find_scenario(scenario)


def _loaded(backends: Iterable[str] | Mapping[str, ModuleType] | None, reference: str) -> list[LoadedBackend]:
    if not isinstance(reference, str):
        raise InputError(f"reference must be the name of a backend, not {shown(reference)}")
    if not isinstance(backends, Mapping):
        return load_backends(_specifications(backends), reference)
    modules = {}
    for name, module in backends.items():
        if not isinstance(name, str) or isinstance(module, str):
            entry = f"{shown(name)}: {shown(module)}"
            raise InputError(
                f'backends must be a dict of modules by name or a list like ["mine=./mine.py"], not {{{entry}}}'
            )
        modules[name] = backend_of(name, module, shown(module))
    first = modules.pop(reference) if reference in modules else load_backend(reference)
    return [first, *modules.values()]


def _specifications(backends: Iterable[str] | None) -> list[str]:
    is_single = isinstance(backends, str) or not isinstance(backends, Iterable)
    specifications: list[Any] = [] if backends is None else [backends] if is_single else list(backends)
    for specification in specifications:
        if not isinstance(specification, str):
            raise InputError(f'backends: {shown(specification)} has no name; write {{"mine": module}}')
    return specifications
