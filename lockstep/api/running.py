"""`lockstep run` as a function: one scenario through several backends."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from harness.errors import InputError
from harness.guarding.stopping import time_limit
from harness.recording.catalogue import find_scenario
from harness.recording.loading import REFERENCE, LoadedBackend, backend_of, load_backend, load_backends
from harness.results import Result
from harness.run import run_experiment
from harness.running.allowance import Tolerances
from harness.running.experiment import prepare
from lockstep.api.shown import Shown
from lockstep.progress import epochs_shown
from reports.text.runs.certificates import certificate_findings
from reports.text.runs.tables import run_tables
from scenarios import Scenario
from scenarios.language.values import ABOVE_0, AT_LEAST_0, COUNT, DTYPE, shown


@dataclass(frozen=True, repr=False)
class ShownRun(Shown):
    """A run and its verdict."""

    result: Result
    """Everything that is known about the run."""

    @property
    def verdict(self) -> str:
        """`agree`, `drift`, `disagree` or `inconclusive`."""
        return self.result.verdict

    @property
    def losses(self) -> Mapping[str, list[float]]:
        """The loss of every epoch, by backend."""
        return {name: [float(loss) for loss in losses] for name, losses in self.result.losses.items()}

    @property
    def explanation(self) -> str:
        """What its certificates found, as `lockstep explain` prints it."""
        return certificate_findings(self.result)

    def __str__(self) -> str:
        return run_tables([self.result], "text")

    def _repr_html_(self) -> str:
        from reports.notebook.fragments import run_fragment  # here, so that a run need not wait for what draws HTML

        return run_fragment(self.result)


def run(
    scenario: Scenario | str,
    backends: Iterable[str] | Mapping[str, ModuleType] | None = None,
    dtype: str | None = None,
    rtol: float | None = None,
    atol: float | None = None,
    *,
    seed: int | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    settings: Mapping[str, float] | None = None,
    reference: str = REFERENCE,
    certify: int | None = 1,
    threads: int = 1,
    accept_untested: bool = False,
    timeout: float | None = None,
    as_is: bool = False,
) -> ShownRun:
    """Train a scenario through several backends side by side and compare them at every epoch, as `lockstep run`.

    scenario, backends, dtype, rtol, atol, reference, certify, threads, accept_untested, timeout and as_is are those of
        `lockstep.assert_agree`.
    seed, epochs, batch_size: the scenario's own if None.
    settings: other values of the scenario's settings and sizes by name, such as {"lr": 0.01}.

    Returns the run, whatever its verdict. Raises InputError for invalid input, Crashed, which is an InputError, for a
    backend or scenario that raises an error, would end the process or takes too long, and BackendMissing for a
    framework that can't be imported.
    """
    if dtype is not None:
        dtype = DTYPE.checked(dtype, "dtype", InputError)
    threads = COUNT.checked(threads, "threads", InputError)
    if certify is not None:
        certify = COUNT.checked(certify, "certify", InputError)
    allowance = tolerances(rtol, atol)
    if timeout is not None:
        timeout = ABOVE_0.checked(timeout, "timeout", InputError)
    varied = one_scenario(scenario).vary(seed=seed, epochs=epochs, batch_size=batch_size, settings=settings)
    with time_limit(timeout):
        experiment = prepare(
            varied,
            loaded_backends(backends, reference),
            dtype,
            tolerances=allowance,
            certify=certify if allowance is None else None,
            threads=threads,
            accept_untested=accept_untested,
            as_is=as_is,
        )
        with epochs_shown(f"{varied.name} {experiment.dtype}", experiment.epochs) as show:
            return ShownRun(run_experiment(experiment, show))


def tolerances(rtol: float | None, atol: float | None) -> Tolerances | None:
    """The user's tolerances, or None if the allowance is to be measured."""
    if rtol is None and atol is None:
        return None
    return Tolerances(
        rtol=0.0 if rtol is None else AT_LEAST_0.checked(rtol, "rtol", InputError),
        atol=0.0 if atol is None else AT_LEAST_0.checked(atol, "atol", InputError),
    )


def one_scenario(scenario: Scenario | str) -> Scenario:
    """A scenario as it is, or the one of this name."""
    if isinstance(scenario, Scenario):
        return scenario
    if not isinstance(scenario, str):
        what = "a Scenario as @scenario(...) makes it, a name or ./file.py:name"
        raise InputError(f"scenario must be {what}, not {shown(scenario)}")
    return find_scenario(scenario)


def loaded_backends(backends: Iterable[str] | Mapping[str, ModuleType] | None, reference: str) -> list[LoadedBackend]:
    """The reference and these backends, or all built-in ones."""
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
