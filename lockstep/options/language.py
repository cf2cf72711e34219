"""The option of the language that a page is read in."""

import click

LANGUAGES = ("en", "ja")
"""As in `reports.page.text`, which --help need not wait for."""
LANGUAGE_OPTION = click.option(
    "--lang",
    "language",
    type=click.Choice(LANGUAGES),
    default="en",
    show_default=True,
    help="The language in which a page opens; every page can switch.",
)
