"""What runs the pages' scripts: node, and a real browser."""

import gzip
import json
import re
import shutil
import subprocess
from base64 import b64decode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from reports.page.run import playground

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE, PHONE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}, {"width": 360, "height": 740}
ARITHMETIC = (*(name for name in playground.ARITHMETIC if not name.endswith("worker")), "numbers", "expressions")
"""The scripts that need no page."""


def found(names: tuple[str, ...], config: pytest.Config) -> str:
    """The path of the first of these programs that there is; else skip, or fail if browsers are required."""
    paths = [path for name in names if (path := shutil.which(name))]
    if not paths:
        reason = f"there is no {' or '.join(names)} on this machine"
        if config.getoption("--require-browser"):
            pytest.fail(f"--require-browser: {reason}")
        pytest.skip(reason)
    return paths[0]


def script(name: str) -> str:
    """One of the page's scripts."""
    return files("reports.page").joinpath("assets", f"{name}.js").read_text(encoding="utf-8")


def data_of(page: str, name: str = "page-data") -> Any:
    """The data that a page's script draws from."""
    block = re.search(rf'<script type="application/(json|gzip)" id="{name}">(.*?)</script>', page, re.DOTALL)
    assert block is not None
    return json.loads(block[2] if block[1] == "json" else gzip.decompress(b64decode(block[2])))


class Node:
    """Evaluates an expression of JavaScript with the page's arithmetic at hand."""

    def __init__(self, config: pytest.Config) -> None:
        self._node = found(("node",), config)
        self._scripts = [script(name) for name in ARITHMETIC]

    def __call__(self, expression: str, further: Sequence[str] = (), **given: Any) -> Any:
        """The value of an expression; what is given stands in it by name, and typed arrays come back as lists.

        `further` are more of the page's scripts, which may use what is given.
        """
        variables = [f"const {name} = {json.dumps(value)};" for name, value in given.items()]
        plain = "(_, v) => ArrayBuffer.isView(v) ? Array.from(v) : v"
        answer = f"process.stdout.write(JSON.stringify({expression}, {plain}));"
        program = "\n".join(['"use strict";', *self._scripts, *variables, *map(script, further), answer])
        done = subprocess.run([self._node, "-"], input=program, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@contextmanager
def browser(path: str) -> Iterator[Browser]:
    """A browser without a window, from the program at this path."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield started
        started.close()


class Watched:
    """A page that is open, and what it complained of or asked the network for."""

    def __init__(self, opened: Browser, path: Path, address: str = "", **options: Any) -> None:
        self.context = opened.new_context(reduced_motion="reduce", **options)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(f"{path.resolve().as_uri()}{address}")
        self.page.wait_for_selector(
            "html[data-started], html:not(:has(#page-data))"
        )  # what unpacks data takes a moment

    def settle(self) -> None:
        """Wait until every tensor of the map shows the epoch and the backend that are chosen."""
        expect(self.page.locator("#map [aria-busy]")).to_have_count(0)

    def expect_language(self, language: str) -> None:
        """The page speaks a language, once it has started, and its switch says so."""
        expect(self.page.locator("html")).to_have_attribute("lang", language)
        expect(self.page.locator('input[name="language"]:checked')).to_have_value(language)

    def choose_language(self, language: str) -> None:
        """Have the page speak a language."""
        self.page.locator(f'input[name="language"][value="{language}"]').check(force=True)
        self.expect_language(language)

    def wait_for_the_playground(self) -> None:
        """Wait until the page's playground has trained for the first time."""
        expect(self.page.locator("#play-took")).not_to_be_empty()

    def width(self) -> int:
        """How wide the page's content is, which is wider than the screen where one has to scroll sideways."""
        return int(self.page.evaluate("document.documentElement.scrollWidth"))

    def barriers(self, within: str = "html") -> list[str]:
        """What axe-core finds that keeps people from using the page, or a part of it, as it now is."""
        found = Axe().run(self.page, context=within).response["violations"]
        return [f"{each['id']}: {each['help']}, {node['html']}" for each in found for node in each["nodes"]]


@contextmanager
def watching(opened: Browser, path: Path, address: str = "", **options: Any) -> Iterator[Watched]:
    """A page that is open meanwhile, and that has complained of nothing at the end."""
    watched = Watched(opened, path, address, **options)
    try:
        yield watched
        assert watched.complaints == []
    finally:
        watched.context.close()
