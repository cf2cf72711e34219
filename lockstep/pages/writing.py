"""Writes pages into a folder, with one that lists them."""

import re
from collections.abc import Sequence
from pathlib import Path

import click

from harness.files import write_file
from reports.languages.language import Language
from reports.page.comparison import ComparisonContent, render_comparison
from reports.page.index import Content, render_index
from reports.page.page import PageContent, render_page

LONGEST_STEM = 50
"""Characters of a page's file name, without dtype and number; a file system takes 255 bytes."""


def write_pages(contents: Sequence[Content], folder: Path, language: Language) -> None:
    """Write a page for each and one that lists them, and print their paths."""
    pages = list(zip(file_names(contents), contents, strict=True))
    for name, content in pages:
        write_file(folder / name, rendered(content, language, index="index.html"))
        click.echo(folder / name)
    write_file(folder / "index.html", render_index(pages, language))
    click.echo(folder / "index.html")


def listed(contents: Sequence[Content]) -> str:
    """What pages are of, by name."""
    return ", ".join(_title(content) for content in contents)


def rendered(content: Content, language: Language, index: str | None = None) -> str:
    """The page as HTML."""
    if isinstance(content, ComparisonContent):
        return render_comparison(content, language, index=index)
    return render_page(content, language, index=index)


def file_names(contents: Sequence[Content]) -> list[str]:
    """A file for each page: the name of what it draws, with the dtype where a name comes twice, then with a number."""
    taken: list[str] = []
    stems = [_stem(content) for content in contents]
    for content, stem in zip(contents, stems, strict=True):
        if isinstance(content, PageContent) and stems.count(stem) > 1:
            stem = f"{stem}_{content.result.dtype}"
        name, number = f"{stem}.html", 2
        while name in taken or name == "index.html":
            name, number = f"{stem}_{number}.html", number + 1
        taken.append(name)
    return taken


def _stem(content: Content) -> str:
    """What a file can be called for the name of a run or comparison: letters, digits, _ and -, and not too many."""
    stem = re.sub(r"[^\w-]+", "_", _title(content)).strip("_")[:LONGEST_STEM]
    return stem or ("run" if isinstance(content, PageContent) else "comparison")


def _title(content: Content) -> str:
    return content.result.scenario if isinstance(content, PageContent) else content.outcome.name
