"""The harness in one call, for a user's own tests."""

import warnings
from collections.abc import Iterable, Mapping
from types import ModuleType

from harness.recording.loading import REFERENCE
from harness.results import Result
from harness.sentences import message
from lockstep.api.running import run
from scenarios import Scenario


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
    result = run(
        scenario,
        backends,
        dtype,
        rtol,
        atol,
        reference=reference,
        certify=certify,
        threads=threads,
        accept_untested=accept_untested,
        timeout=timeout,
        as_is=as_is,
    ).result
    if result.verdict == "drift":
        warnings.warn(message(result), Drift, stacklevel=2)
    if result.verdict in ("disagree", "inconclusive"):
        raise AssertionError(message(result))
    return result
