"""The option of the language of what learners read, in a terminal and in pages."""

import os

import click

from reports.languages.language import LANGUAGES, Language

VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""What POSIX says the language of messages by; the first that is set and not empty counts."""


def language_of_environment() -> Language:
    """The language that the environment asks for, such as ja for ja_JP.UTF-8; English where it asks for no other."""
    locale = next((value for name in VARIABLES if (value := os.environ.get(name))), "")
    asked = locale.partition(".")[0].partition("_")[0]
    return next((language for language in LANGUAGES if language == asked), "en")


LANGUAGE_OPTION = click.option(
    "--lang",
    "language",
    type=click.Choice(LANGUAGES),
    default=language_of_environment,
    show_default=f"{', '.join(VARIABLES[:-1])} or {VARIABLES[-1]}, else en",
    help="The language of text and of pages, which can switch. CSV, JSON, figures and source code stay in English.",
)
