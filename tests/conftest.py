"""Fixtures that tests of several rooms share."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.recording.catalogue import built_in_scenarios
from lockstep.commands.report import command as report
from lockstep.options.language import VARIABLES
from scenarios import Scenario
from tests.lockstep.commands.commands import Lockstep

pytest_plugins = ["lockstep.pytest_plugin"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("lockstep").addoption(
        "--require-browser", action="store_true", help="fail, rather than skip, where no browser or no node is found"
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Workers pay for the whole suite: each imports the frameworks anew. A part of it runs in this process."""
    return None if config.args in ([], ["tests"], config.getini("testpaths")) else 0


@pytest.fixture(scope="session", autouse=True)
def in_english() -> Iterator[None]:
    """Have commands speak English, whatever language the terminal has that the tests are started from."""
    with pytest.MonkeyPatch.context() as environment:
        for name in VARIABLES:
            environment.delenv(name, raising=False)
        yield


@pytest.fixture
def lockstep(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Lockstep:
    return Lockstep(capsys, monkeypatch)


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Have this process take Ctrl-C as one in a terminal does; one in the background ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def tiny() -> Scenario:
    return built_in_scenarios()["two_layer_tiny"]


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages of two scenarios, rendered once for everything that tests pages."""
    folder = tmp_path_factory.mktemp("book")
    report.main(["two_layer_tiny", "trained_by_adam", "-o", str(folder)], standalone_mode=False)
    return folder
