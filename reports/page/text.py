"""The texts of the pages in each language, as elements whose words the page can switch."""

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from markupsafe import Markup, escape

from reports.languages.language import LANGUAGES, Language
from reports.languages.translation import translated

PLACE = re.compile(r"\{(\w+)\}")
"""A place in a text, as the page's own script fills it in."""
FULL_STOP: Mapping[Language, str] = {"en": ".", "ja": "。"}


@cache
def strings(language: Language) -> Mapping[str, str]:
    """Every text of a language by its key."""
    assets = files("reports.page").joinpath("assets")
    texts = (assets.joinpath(folder, f"strings_{language}.json") for folder in ("", "playground"))
    return {key: said for text in texts for key, said in json.loads(text.read_text(encoding="utf-8")).items()}


class Speech:
    """The texts in one language, for templates."""

    def __init__(self, language: Language) -> None:
        self._texts = strings(language)
        self._language = language

    def plain(self, key: str, **values: Any) -> str:
        """The text as it is, for attributes and titles."""
        return PLACE.sub(lambda place: str(values[place[1]]), self._texts[key])

    def __call__(self, key: str, keys: Mapping[str, str] | None = None, **values: Any) -> Markup:
        """The text as an element whose words the page can switch; what stands between backticks is code.

        `keys` are values that are texts themselves, such as a phase: their keys.
        """
        said = {name: self.plain(inner) for name, inner in (keys or {}).items()}
        inside = _with_code(self.plain(key, **values, **said))
        attributes = f' data-given="{escape(json.dumps(values, ensure_ascii=False))}"' if values else ""
        attributes += f' data-keys="{escape(json.dumps(keys))}"' if keys else ""
        return Markup(f'<span data-s="{key}"{attributes}>{inside}</span>')

    def label(self, key: str) -> Markup:
        """The attributes of an element that has its name only for screen readers."""
        return Markup(f'data-label="{key}" aria-label="{escape(self.plain(key))}"')

    def translated(self, english: str, *, is_clause: bool = False) -> Markup:
        """What the suite says in English, as an element whose words the page can switch, likewise with code.

        Where there is no translation, as of what users write, it stays in English and says so. A clause gets a full
        stop.
        """
        said = {language: translated(english, language) for language in LANGUAGES}
        return self.in_languages(
            {
                language: text + (FULL_STOP[language] if is_clause else "")
                for language, text in said.items()
                if text is not None
            }
        )

    def in_languages(self, texts: Mapping[Language, str]) -> Markup:
        """Texts by their language, English among them, as an element whose words the page can switch."""
        if texts.keys() == {"en"}:
            return Markup(f'<span lang="en">{_with_code(texts["en"])}</span>')
        attribute = escape(json.dumps(texts, ensure_ascii=False))
        return Markup(f'<span data-texts="{attribute}">{_with_code(texts[self._language])}</span>')


def _with_code(text: str) -> str:
    """The text as HTML, where what stands between backticks is code."""
    parts = text.split("`")
    return "".join(f"<code>{escape(part)}</code>" if i % 2 else str(escape(part)) for i, part in enumerate(parts))
