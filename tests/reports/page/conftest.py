"""A real browser, for the tests of pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.reports.page.kinds import write_every_kind
from tests.reports.page.pages import BROWSERS, WIDE, Watched, browser, found, watching


@pytest.fixture(scope="module")
def opened(pytestconfig: pytest.Config) -> Iterator[Browser]:
    with browser(found(BROWSERS, pytestconfig)) as started:
        yield started


@pytest.fixture
def tiny_page(opened: Browser, book: Path) -> Iterator[Watched]:
    with watching(opened, book / "two_layer_tiny.html", viewport=WIDE) as watched:
        yield watched


@pytest.fixture(scope="session")
def every_kind(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every kind of page, in English unless the reader chooses."""
    folder = tmp_path_factory.mktemp("kinds")
    write_every_kind(folder, "en")
    return folder


@pytest.fixture
def index(opened: Browser, every_kind: Path) -> Iterator[Watched]:
    with watching(opened, every_kind / "index.html", viewport=WIDE) as watched:
        yield watched
