"""Options, header and shared fixtures of the suite: what to compare, with which versions, and the pages to open."""

import platform
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
import threadpoolctl
from playwright.sync_api import Browser

from harness.errors import BackendMissing
from harness.recording.loading import (
    BUILT_IN_BACKENDS,
    REFERENCE,
    LoadedBackend,
    built_in_scenarios,
    find_scenarios,
    load_backend,
)
from harness.run import versions
from lockstep.commands.report import command as report
from scenarios import DTYPES, Scenario
from tests.lockstep.commands.commands import Lockstep
from tests.reports.page.pages import BROWSERS, WIDE, Watched, browser, found


def pytest_addoption(parser: pytest.Parser) -> None:
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
        "--require-backends", action="store_true", help="fail, rather than skip, where a framework is not installed"
    )
    group.addoption(
        "--require-browser", action="store_true", help="fail, rather than skip, where no browser or no node is found"
    )


def pytest_report_header(config: pytest.Config) -> list[str]:
    found = versions()
    pools = threadpoolctl.threadpool_info()
    blas = ", ".join(f"{pool['internal_api']} {pool['version']}" for pool in pools if pool["user_api"] == "blas")
    frameworks = ", ".join(f"{name} {found[name]}" for name in BUILT_IN_BACKENDS)
    return [
        f"lockstep {version('lockstep')}: python {platform.python_version()}, {frameworks}, blas {blas or 'unknown'}"
    ]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrise `scenario`, `backend_specification` and `dtype` by the command line's choice."""
    if "scenario" in metafunc.fixturenames:
        chosen = find_scenarios(metafunc.config.getoption("--scenario") or built_in_scenarios())
        metafunc.parametrize("scenario", chosen, ids=[scenario.name for scenario in chosen])
    if "backend_specification" in metafunc.fixturenames:
        others = [name for name in BUILT_IN_BACKENDS if name != REFERENCE]
        specifications = metafunc.config.getoption("--backend") or others
        ids = [specification.partition("=")[0] for specification in specifications]
        metafunc.parametrize("backend_specification", specifications, ids=ids)
    if "dtype" in metafunc.fixturenames:
        metafunc.parametrize("dtype", DTYPES)


def loaded_or_skipped(specification: str, *, required: bool) -> LoadedBackend:
    """Load a backend; where its framework is missing, skip with the reason, or fail if backends are required."""
    try:
        return load_backend(specification)
    except BackendMissing as error:
        if required:
            pytest.fail(f"--require-backends: {error}")
        pytest.skip(str(error))


@pytest.fixture
def backend(backend_specification: str, pytestconfig: pytest.Config) -> LoadedBackend:
    return loaded_or_skipped(backend_specification, required=pytestconfig.getoption("--require-backends"))


@pytest.fixture
def reference() -> LoadedBackend:
    return load_backend(REFERENCE)


@pytest.fixture
def lockstep(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Lockstep:
    return Lockstep(capsys, monkeypatch)


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages of two scenarios, rendered once for everything that tests pages."""
    folder = tmp_path_factory.mktemp("book")
    report.main(["two_layer_tiny", "trained_by_adam", "-o", str(folder)], standalone_mode=False)
    return folder


@pytest.fixture(scope="module")
def opened(pytestconfig: pytest.Config) -> Iterator[Browser]:
    with browser(found(BROWSERS, pytestconfig)) as started:
        yield started


@pytest.fixture
def tiny_page(opened: Browser, book: Path) -> Iterator[Watched]:
    watched = Watched(opened, book / "two_layer_tiny.html", viewport=WIDE)
    yield watched
    assert watched.complaints == []
    watched.context.close()


@pytest.fixture
def tiny() -> Scenario:
    return built_in_scenarios()["two_layer_tiny"]
