"""What the tests read in a document: commands, files, outputs, links, headings and code."""

import ast
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(\w*)\n(.*?)\n```$", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"^(?:\$ )?(?=(?:lockstep|python -m|pytest) \S)")
INLINE = re.compile(r"`((?:lockstep|python -m|pytest) \w[^`]*)`")
FILE = re.compile(r"# (\w+\.py)\n")
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Document:
    """One file of Markdown, by its path in the repository."""

    name: str

    @cached_property
    def text(self) -> str:
        return (ROOT / self.name).read_text(encoding="utf-8")

    @cached_property
    def prose(self) -> str:
        """The text without its blocks of code."""
        return BLOCK.sub("", self.text)

    def blocks(self, language: str = "") -> list[str]:
        return [body for written_in, body in BLOCK.findall(self.text) if written_in == language]

    def commands(self) -> list[list[str]]:
        """The words of every command, in blocks and in running text, where a line may break inside one."""
        lines = [line for block in self.blocks() for line in block.split("\n")]
        typed = [COMMAND.sub("", line) for line in lines if COMMAND.match(line)]
        quoted = INLINE.findall(self.prose)
        return [shlex.split(part, comments=True) for line in typed + quoted for part in line.split("&&")]

    def files(self) -> dict[str, str]:
        """The files that a reader is to write, by name."""
        named = [(FILE.match(body), body) for body in self.blocks("python")]
        return {name[1]: f"{body}\n" for name, body in named if name}

    def sessions(self) -> Iterator[tuple[str, list[str]]]:
        """Every command in a block, with the lines below it up to the next one."""
        for block in self.blocks():
            lines = block.split("\n")
            starts = [i for i, line in enumerate(lines) if COMMAND.match(line)]
            for start, end in pairwise([*starts, len(lines)]):
                yield lines[start], lines[start + 1 : end]

    def links(self) -> list[tuple[Path, str]]:
        """Where each link within the repository leads: a path, and the anchor behind it or nothing."""
        parts = [link.partition("#") for link in LINK.findall(self.prose) if "://" not in link]
        own = ROOT / self.name
        return [((own.parent / target).resolve() if target else own, anchor) for target, _, anchor in parts]

    def anchors(self) -> list[str]:
        """What links to the headings are called on GitHub."""
        anchors: list[str] = []
        for heading in HEADING.findall(self.prose):
            slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
            anchors.append(f"{slug}-{anchors.count(slug)}" if slug in anchors else slug)
        return anchors

    def code(self) -> list[object]:
        """All blocks: Python as its syntax tree, other lines without a command's comment, which may be translated."""
        return [
            ast.dump(ast.parse(body)) if language == "python" else [_without_comment(line) for line in body.split("\n")]
            for language, body in BLOCK.findall(self.text)
        ]

    def code_in_tables(self) -> list[str]:
        return [code for line in self.text.split("\n") if line.startswith("|") for code in re.findall("`[^`]+`", line)]


def _without_comment(line: str) -> str:
    return line.partition(" # ")[0].rstrip() if COMMAND.match(line) else line


NAMES = sorted(str(path.relative_to(ROOT)) for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
DOCUMENTS = {name: Document(name) for name in NAMES}
TRANSLATIONS = {
    english: japanese
    for english in NAMES
    for japanese in (english.replace("README.md", "README.ja.md"), english.replace("docs/", "docs/ja/"))
    if japanese != english and japanese in DOCUMENTS
}
"""The Japanese document of each English one that has one."""
ENGLISH = [document for name, document in DOCUMENTS.items() if name not in TRANSLATIONS.values()]
