"""`lockstep report`: a page per run or comparison, and one that lists them, of saved ones or of those that it makes."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.errors import InputError
from harness.files import check_writable, make_folder, write_file
from lockstep.options.language import LANGUAGE_OPTION
from lockstep.options.timeout import TIMEOUT_OPTION, limit_time
from reports.languages.language import Language

if TYPE_CHECKING:
    from reports.page.index import Content


@click.command("report")
@click.argument("names", metavar="SAVED.json|FILE.db[:ID]|SCENARIO|FILE.py...", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="DIR|FILE.html",
    type=click.Path(path_type=Path),
    help="The folder for the pages, which is created, or a file for a single page.",
)
@LANGUAGE_OPTION
@click.option(
    "--figures",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Write figures for a paper into this folder, too, as SVG and PNG; needs matplotlib.",
)
@click.option(
    "--backend",
    "backends",
    multiple=True,
    metavar="NAME[=FILE|=MODULE]",
    help="As in lockstep run; for a saved run, where to find a backend of your own.",
)
@click.option("--where", default="", metavar="SQL", help="Of a store: only runs of which this holds.")
@TIMEOUT_OPTION
def command(
    names: tuple[str, ...],
    output: Path,
    language: Language,
    figures: Path | None,
    backends: tuple[str, ...],
    where: str,
    timeout: float | None,
) -> None:
    """Draw runs as pages: verdict, curves, certificates, the code map with every number in it, and a playground.

    Each page is one self-contained file that works offline. A SCENARIO is run first, as by `lockstep run`. For what
    `lockstep run --json` saved, the page's matrices are recomputed.

    Comparisons of live models have pages, too: both programs side by side, weights and settings, and the losses of
    both. They are made as by `lockstep compare`, or drawn from what `lockstep compare --json` saved.

    With --figures, the losses, the deviations and the map of each are also figures for a paper, in English.

    Exit code: 0 pages are written, whatever the verdicts; 2 wrong usage or input; 3 a backend can't be imported; 5 a
    backend or a scenario crashed.
    """
    from harness.sweeping.store import is_store  # here, so that --help need not wait for it

    if where and not any(is_store(Path(name)) for name in names):
        raise click.UsageError("--where is for a store, as FILE.db")
    limit_time(timeout)
    one_file = output.suffix in (".html", ".htm")
    if one_file:
        check_writable(output)
    else:
        make_folder(output, "-o takes a folder, or for one scenario FILE.html")
        check_writable(output / "index.html")
    if figures is not None:
        from reports.figures.drawing import check_installed

        check_installed()
        make_folder(figures, "--figures takes a folder")
    from lockstep.pages.contents import contents_of  # here, so that --help need not wait for what runs and draws
    from lockstep.pages.writing import file_names, listed, rendered, write_pages

    contents: list[Content] = []
    try:
        for name in names:
            for content in contents_of(name, backends, where):
                if one_file and contents:
                    raise InputError(f"{output} is one file, and there is more than one page to draw; name a folder")
                contents.append(replace(content, command=f"lockstep report {' '.join(names)}"))
    except BaseException:  # pages of what is finished are kept if a later run fails or the user presses Ctrl-C
        if contents and not one_file:
            write_pages(contents, output, language)
            click.echo(f"lockstep: stopped early; pages are those of {listed(contents)}", err=True)
        raise
    if one_file:
        write_file(output, rendered(contents[0], language))
        click.echo(output)
    else:
        write_pages(contents, output, language)
    if figures is not None:
        from lockstep.pages.figures import write_figures

        stems = [Path(name).stem for name in file_names(contents)]
        write_figures(list(zip(stems, contents, strict=True)), figures)
