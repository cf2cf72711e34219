"""What the suite says in English, in another language.

Translations stand beside what says the English, in files called after the language, under the English text. A key may
be a template, as `{name} is transposed`: what stands in braces is taken over as it is, and with `:words`, as in
`got is {phrase:words}`, translated in turn. Keys under `words` are such parts of a sentence; they are no sentences.
A sentence of which a part has no translation has none, so no text is in two languages.
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
WORDS = r"[\s\S]+?"
GIVEN = r"(?:\[[^\]]*\]|[^\[;])+?"
"""What may stand in a place: any words, which must have a translation, or a name, a number or a formula of one clause.

An index stands there whole, so that the comma in it is none of the sentence's.
"""
PLACEHOLDER = re.compile(r"\{(\w+)(:words)?\}")


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

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        seen: set[str] = set()
        parts = []
        for i, (literal, name) in enumerate(zip(self.literals, [*self._names, ""], strict=True)):
            parts.append(re.escape(literal))
            if i < len(self._names):
                anything = WORDS if name in self.in_words else GIVEN
                parts.append(f"(?P={name})" if name in seen else f"(?P<{name}>{anything})")
                seen.add(name)
        return re.compile("".join(parts))

    @cached_property
    def _names(self) -> list[str]:
        return PLACEHOLDER.split(self.english)[1::3]

    @cached_property
    def in_words(self) -> set[str]:
        """The places that are translated in turn."""
        return {name for name, words in PLACEHOLDER.findall(self.english) if words}

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
        return None if found is None else found.groupdict()


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
    """Those with places in them, the most specific first."""
    templates = [Template(english, said) for english, said in texts.items() if PLACEHOLDER.search(english)]
    return sorted(templates, key=lambda template: -sum(map(len, template.literals)))


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
