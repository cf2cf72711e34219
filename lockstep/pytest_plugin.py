"""pytest's options and fixtures for comparing scenarios and backends: `pytest_plugins = ["lockstep.pytest_plugin"]`.

A test that takes `scenario`, `backend` and `dtype` runs for every combination that the command line chooses:

    pytest tests --scenario ./mine.py --backend mine=./my_backend.py
"""

import platform
from importlib.metadata import version

import pytest
import threadpoolctl

from backends.vocabulary import BUILT_IN
from harness.errors import BackendMissing
from harness.recording.loading import REFERENCE, LoadedBackend, built_in_scenarios, find_scenarios, load_backend
from harness.run import versions
from scenarios import DTYPES


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that choose scenarios and backends."""
    group = parser.getgroup("lockstep")
    group.addoption(
        "--backend",
        action="append",
        metavar="NAME[=FILE|=MODULE]",
        help="compare this backend with the reference; may be repeated (default: all)",
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
    """Parametrise `scenario`, `backend_specification` and `dtype` as the command line chooses."""
    if "scenario" in metafunc.fixturenames:
        chosen = find_scenarios(metafunc.config.getoption("--scenario") or built_in_scenarios())
        metafunc.parametrize("scenario", chosen, ids=[scenario.name for scenario in chosen])
    if "backend_specification" in metafunc.fixturenames:
        others = [name for name in BUILT_IN if name != REFERENCE]
        specifications = metafunc.config.getoption("--backend") or others
        ids = [specification.partition("=")[0] for specification in specifications]
        metafunc.parametrize("backend_specification", specifications, ids=ids)
    if "dtype" in metafunc.fixturenames:
        metafunc.parametrize("dtype", DTYPES)


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
def reference() -> LoadedBackend:
    """The hand-written backend."""
    return load_backend(REFERENCE)
