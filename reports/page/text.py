"""The texts of the pages in each language, and how a template puts them in so that the page can switch."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

from markupsafe import Markup, escape

Language = Literal["en", "ja"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@cache
def strings(language: Language) -> Mapping[str, str]:
    """Every text of a language by its key."""
    text = files("reports.page").joinpath("assets", f"strings_{language}.json").read_text(encoding="utf-8")
    return json.loads(text)  # type: ignore[no-any-return]


class Speech:
    """Says texts in one language."""

    def __init__(self, language: Language) -> None:
        self._texts = strings(language)

    def plain(self, key: str, **given: Any) -> str:
        """The text as it is, for attributes and titles."""
        text = self._texts[key]
        for name, value in given.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text

    def __call__(self, key: str, keys: Mapping[str, str] | None = None, **given: Any) -> Markup:
        """The text as an element whose words the page's switch can change; what is between backticks is code.

        `keys` are what is given by its own key, as a phase is.
        """
        said = {name: self.plain(inner) for name, inner in (keys or {}).items()}
        parts = self.plain(key, **given, **said).split("`")
        inside = "".join(f"<code>{escape(part)}</code>" if i % 2 else str(escape(part)) for i, part in enumerate(parts))
        attributes = f' data-given="{escape(json.dumps(given, ensure_ascii=False))}"' if given else ""
        attributes += f' data-keys="{escape(json.dumps(keys))}"' if keys else ""
        return Markup(f'<span data-s="{key}"{attributes}>{inside}</span>')

    def label(self, key: str) -> Markup:
        """The attributes of an element whose name a screen reader says."""
        return Markup(f'data-label="{key}" aria-label="{escape(self.plain(key))}"')
