"""What the suite says in English, in another language.

Translations stand beside what says the English, in files called after the language, under the English text. A key may
be a template, as `{name} is transposed`: what stands in braces is taken over as it is, and with `:words`, as in
`got is {phrase:words}`, translated in turn; with `:name` no space stands there. Keys under `words` are such parts of a
sentence; they are no sentences. A sentence of which a part has no translation has none, so no text is in two languages.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files

from reports.languages.language import Language

PLACES = (
    "scenarios",
    "backends",
    "backends.numpy_manual",
    "backends.differences",
    "backends.ladder",
    "harness.explaining",
    "harness.judging",
    "harness.comparing",
    "harness.studies",
    "reports.text",
)
"""The packages that have translations."""
NAMES: Mapping[Language, str] = {"ja": "japanese.json"}
ONE_NAME = r"[^\s;]+"
WORDS = r"[\s\S]+?"
GIVEN = r"(?:\[[^\]]*\]|[^\[;])+?"
"""What may stand in a place: any words, which must have a translation, or a name, a number or a formula of one clause.

With `:name` it is one without a space in it. An index stands there whole: its comma is none of the sentence's.
"""
PATTERNS = {"": GIVEN, ":name": ONE_NAME, ":words": WORDS}
PLACEHOLDER = re.compile(r"\{(\w+)(:words|:name)?\}")
CODE = re.compile(r"`[^`]*`")
PROSE = re.compile(r"(?<![\w.`])[a-z]{2,} [a-z]{2,}(?![\w.`])")
"""Two words of English, which are no name and no formula: a text that has them in a place is another text."""


def translated(text: str, language: Language) -> str | None:
    """A whole sentence, or all that a description says, in a language; None where there is no translation."""
    return text if language == "en" else _catalogue(language).sentence(text)


def translated_words(text: str, language: Language) -> str | None:
    """Words that are a part of something, such as the head of a column, in a language; None likewise."""
    return text if language == "en" else _catalogue(language).words(text)


Words = Callable[[str], str]


def words_in(language: Language) -> Words:
    """What translates words into a language, and leaves those in English that have no translation."""
    return lambda text: translated_words(text, language) or text


@dataclass(frozen=True)
class Template:
    """An English text with places for what differs from time to time, and its translation."""

    english: str
    translation: str

    @cached_property
    def literals(self) -> list[str]:
        """What stands between the places."""
        return PLACEHOLDER.split(self.english)[::3]

    @property
    def has_clauses(self) -> bool:
        """Whether it joins clauses, each of which is a text of its own."""
        return any(";" in literal for literal in self.literals)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        seen: set[str] = set()
        parts = []
        for i, (literal, name) in enumerate(zip(self.literals, [*self._names, ""], strict=True)):
            parts.append(re.escape(literal))
            if i < len(self._names):
                anything = PATTERNS[self._kinds[name]]
                parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>{anything})")
                seen.add(name)
        return re.compile("".join(parts))

    @cached_property
    def _names(self) -> list[str]:
        return PLACEHOLDER.split(self.english)[1::3]

    @cached_property
    def _kinds(self) -> dict[str, str]:
        return dict(PLACEHOLDER.findall(self.english))

    @cached_property
    def in_words(self) -> set[str]:
        """The places that are translated in turn."""
        return {name for name, kind in self._kinds.items() if kind == ":words"}

    def filled(self, values: Mapping[str, str | None]) -> str:
        """The translation, with values in its places."""
        return PLACEHOLDER.sub(lambda place: str(values[place[1]]), self.translation)

    def values_in(self, text: str) -> dict[str, str] | None:
        """What stands in the places of a text; None where it is another text."""
        at = 0
        for literal in self.literals:  # a quick look first, as nearly every template is of another text
            at = text.find(literal, at)
            if at < 0:
                return None
            at += len(literal)
        found = self._pattern.fullmatch(text)
        if found is None:
            return None
        values = found.groupdict()
        given = (CODE.sub("", value) for name, value in values.items() if name not in self.in_words)
        return None if any(map(PROSE.search, given)) else values


class Catalogue:
    """All translations into one language."""

    def __init__(self, sentences: Mapping[str, str], words: Mapping[str, str]) -> None:
        self.sentences = sentences
        self.parts = words
        self._of_sentences = _templates(sentences)
        self._of_words = _templates({**sentences, **words})

    def sentence(self, text: str) -> str | None:
        """A whole text."""
        return self.sentences.get(text) or self._by_template(text, self._of_sentences)

    def words(self, text: str) -> str | None:
        """A part of one, or a whole one."""
        return self.parts.get(text) or self.sentences.get(text) or self._by_template(text, self._of_words)

    def _by_template(self, text: str, templates: list[Template]) -> str | None:
        for template in templates:
            values = template.values_in(text)
            if values is None:
                continue
            said = {name: self.words(value) if name in template.in_words else value for name, value in values.items()}
            if None not in said.values():
                return template.filled(said)
        return None


def _templates(texts: Mapping[str, str]) -> list[Template]:
    """Those with places in them: first those of several clauses, then the most specific."""
    templates = [Template(english, said) for english, said in texts.items() if PLACEHOLDER.search(english)]
    return sorted(templates, key=lambda template: (not template.has_clauses, -sum(map(len, template.literals))))


@cache
def _catalogue(language: Language) -> Catalogue:
    read = list(read_translations(language))
    return Catalogue(
        {key: said for _, each in read for key, said in each["sentences"].items()},
        {key: said for _, each in read for key, said in each["words"].items()},
    )


def read_translations(language: Language) -> Iterator[tuple[str, dict[str, dict[str, str]]]]:
    """Each place's translations into a language: its `sentences` and its `words`."""
    for place in PLACES:
        file = files(place).joinpath(NAMES[language])
        yield place, json.loads(file.read_text(encoding="utf-8"))
