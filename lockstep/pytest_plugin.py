"""pytest's options and fixtures for comparing scenarios and backends: `pytest_plugins = ["lockstep.pytest_plugin"]`.

A test that takes `scenario`, `backend` and `dtype` runs for every combination that the command line chooses:

    pytest tests --scenario ./mine.py --backend mine=./my_backend.py

A test that takes `any_backend` runs for the built-in backends and for those chosen beside them, one that takes
`hand_written` for the hand-written one and for those chosen whose gradients are written by hand.
"""

import platform
from collections.abc import Iterable
from importlib.metadata import version

import pytest
import threadpoolctl

from backends.vocabulary import BUILT_IN
from harness.errors import BackendMissing
from harness.recording.catalogue import built_in_scenarios, find_scenarios
from harness.recording.loading import REFERENCE, LoadedBackend, checked_names, is_hand_written, load_backend
from harness.recording.versions import versions
from scenarios import DTYPES


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that choose scenarios and backends."""
    group = parser.getgroup("lockstep")
    group.addoption(
        "--backend",
        action="append",
        metavar="NAME[=FILE|=MODULE]",
        help="compare this backend with the reference, and check its ops one by one; may be repeated (default: all)",
    )
    group.addoption(
        "--scenario",
        action="append",
        metavar="NAME|FILE[:NAME]",
        help="run this scenario; may be repeated (default: all)",
    )
    group.addoption(
        "--require-backends", action="store_true", help="fail, rather than skip, if a framework is not installed"
    )


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Show which versions are compared."""
    installed = versions()
    pools = threadpoolctl.threadpool_info()
    blas = ", ".join(f"{pool['internal_api']} {pool['version']}" for pool in pools if pool["user_api"] == "blas")
    frameworks = ", ".join(f"{name} {installed[name]}" for name in BUILT_IN)
    return [
        f"lockstep {version('lockstep')}: python {platform.python_version()}, {frameworks}, blas {blas or 'unknown'}"
    ]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrise `scenario`, `dtype` and the specifications of backends as the command line chooses."""
    chosen_backends = metafunc.config.getoption("--backend") or []
    checked_names(chosen_backends)
    if "scenario" in metafunc.fixturenames:
        chosen = find_scenarios(metafunc.config.getoption("--scenario") or built_in_scenarios())
        metafunc.parametrize("scenario", chosen, ids=[scenario.name for scenario in chosen])
    if "backend_specification" in metafunc.fixturenames:
        others = [name for name in BUILT_IN if name != REFERENCE]
        _parametrize_backends(metafunc, "backend_specification", chosen_backends or others)
    if "dtype" in metafunc.fixturenames:
        metafunc.parametrize("dtype", DTYPES)
    if "any_backend_specification" in metafunc.fixturenames:
        _parametrize_backends(metafunc, "any_backend_specification", _beside(BUILT_IN, chosen_backends))
    if "hand_written_specification" in metafunc.fixturenames and chosen_backends:
        written = [text for text in _beside([REFERENCE], chosen_backends) if "=" in text or text == REFERENCE]
        _parametrize_backends(metafunc, "hand_written_specification", written)


def _beside(built_in: Iterable[str], chosen: list[str]) -> list[str]:
    """The specifications of built-in backends and of the chosen ones, which replace a built-in one of their name."""
    return list({text.partition("=")[0]: text for text in (*built_in, *chosen)}.values())


def _parametrize_backends(metafunc: pytest.Metafunc, name: str, specifications: list[str]) -> None:
    metafunc.parametrize(name, specifications, ids=[text.partition("=")[0] for text in specifications])


def loaded_or_skipped(specification: str, *, required: bool) -> LoadedBackend:
    """Load a backend. If its framework is missing, skip with the reason, or fail if backends are required."""
    try:
        return load_backend(specification)
    except BackendMissing as error:
        if required:
            pytest.fail(f"--require-backends: {error}")
        pytest.skip(str(error))


@pytest.fixture
def backend(backend_specification: str, pytestconfig: pytest.Config) -> LoadedBackend:
    """Each backend that is compared with the reference."""
    return loaded_or_skipped(backend_specification, required=pytestconfig.getoption("--require-backends"))


@pytest.fixture
def any_backend(any_backend_specification: str, pytestconfig: pytest.Config) -> LoadedBackend:
    """Each built-in backend, and each that was chosen."""
    return loaded_or_skipped(any_backend_specification, required=pytestconfig.getoption("--require-backends"))


@pytest.fixture
def hand_written_specification() -> str:
    """The hand-written backend, as long as no other is chosen."""
    return REFERENCE


@pytest.fixture
def hand_written(hand_written_specification: str, pytestconfig: pytest.Config) -> LoadedBackend:
    """The hand-written backend, and each chosen one that trains by the gradients of its own ops."""
    backend = loaded_or_skipped(hand_written_specification, required=pytestconfig.getoption("--require-backends"))
    if not is_hand_written(backend):
        pytest.skip(f"backend {backend.name} has a train() of its own, so its ops return no backward to look at")
    return backend


@pytest.fixture
def reference() -> LoadedBackend:
    """The hand-written backend."""
    return load_backend(REFERENCE)
