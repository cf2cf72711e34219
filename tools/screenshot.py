"""Takes the README's picture of a page: `python -m tools.screenshot [FILE]`."""

import shutil
import sys
import tempfile
from pathlib import Path

from lockstep.commands.report import command as report
from tests.reports.page.pages import BROWSERS, Watched, browser

PICTURE = Path(__file__).parent.parent / "docs" / "page.png"
SIZE = {"width": 1280, "height": 860}


def main() -> None:
    """Draw a page, point at an element of a product, and write what the browser shows."""
    output = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE
    path = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if path is None:
        sys.exit(f"there is no {' or '.join(BROWSERS)} on this machine")
    with tempfile.TemporaryDirectory() as folder, browser(path) as opened:
        file = Path(folder) / "two_layer_tiny.html"
        report.main(["two_layer_tiny", "-o", str(file)], standalone_mode=False)
        page = Watched(opened, file, viewport=SIZE, color_scheme="light").page
        page.locator('#map figure[data-tensor="h"] td').nth(1).focus()
        page.locator("#map .row").first.evaluate("row => scrollBy(0, row.getBoundingClientRect().top - 140)")
        page.screenshot(path=output)
    print(output)


if __name__ == "__main__":
    main()
