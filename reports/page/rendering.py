"""What every page is rendered with: templates, languages, styles, scripts and data, all within one file."""

import gzip
import json
import re
from base64 import b64encode
from collections.abc import Iterable
from importlib.resources import files
from typing import Any, ClassVar

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from reports.languages.language import LANGUAGES, Language
from reports.page.text import Speech, strings

SUBSCRIPT = re.compile(r"(?<=Σ|x|n)_([a-z]+)(?= )")
"""The indices of a sum, a maximum or a minimum: those of `Σ_nd`."""
BREAKS = re.compile(r"<span class=\"(?:p|o)\">[(.]</span>")
"""A line of code may be broken after these."""


def rendered(template: str, language: Language, *, styles: Iterable[str] = ("page",), **values: Any) -> str:
    """A page as HTML that opens in a language and can be switched to the others.

    Its title is a value, `title`, or the text of the key `title_key`.
    """
    return _environment().get_template(template).render(
        say=Speech(language),
        language=language,
        languages=[(name, strings(name)["language"]) for name in LANGUAGES],
        strings=as_json({name: dict(strings(name)) for name in LANGUAGES}),
        unpacking=scripts(("unpacking",)),
        style=_joined(f"{name}.css" for name in styles),
        **{"title_key": None, **values},
    )  # fmt: skip


def scripts(names: Iterable[str]) -> Markup:
    """Scripts of the pages, in this order."""
    return _joined(f"{name}.js" for name in names)


def as_json(data: Any) -> Markup:
    """Data as JSON inside a script element, where `<` is escaped because `</` would end the element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c"))


def packed(data: Any) -> Markup:
    """Data as JSON, compressed by gzip, in base64: a third or a quarter of what it would take as text.

    The page unpacks it by the browser's own DecompressionStream, which works for files, too. Without a time in it, the
    same data has the same bytes on the same Python and zlib.
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(b64encode(gzip.compress(text.encode(), mtime=0)).decode())


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reports.page"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["sums"] = SUBSCRIPT.split
    return environment


def _joined(assets: Iterable[str]) -> Markup:
    folder = files("reports.page").joinpath("assets")
    return Markup("\n".join(folder.joinpath(name).read_text(encoding="utf-8") for name in assets))


def coloured(line: str) -> Markup:
    """A line of Python with its colours, which `code_style` has."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    text = highlight(line, PythonLexer(stripnl=False), HtmlFormatter(nowrap=True)).rstrip("\n")
    return Markup(BREAKS.sub(r"\g<0><wbr>", text))


def code_style() -> Markup:
    """The colours of code in both themes, without pygments' rules for whole pages."""
    from pygments.formatters import HtmlFormatter
    from pygments.style import Style
    from pygments.styles.default import DefaultStyle
    from pygments.token import Operator

    class Light(Style):
        """Pygments' own, but for a violet that is too pale on the paper of changed lines."""

        styles: ClassVar = {**DefaultStyle.styles, Operator.Word: "bold #7a1fa2"}

    def rules_of(style: str | type[Style], theme: str) -> str:
        prefix = f'[data-theme="{theme}"] .line'
        rules: str = HtmlFormatter(style=style).get_style_defs(prefix)  # type: ignore[no-untyped-call]
        return "\n".join(line for line in rules.split("\n") if line.startswith(f"{prefix} ."))

    chosen = [rules_of(Light, "light"), rules_of(Light, "auto"), rules_of("github-dark", "dark")]
    automatic = f"@media screen and (prefers-color-scheme: dark) {{\n{rules_of('github-dark', 'auto')}\n}}"
    return Markup("\n".join([*chosen, automatic]))
