"""The table of `lockstep bench --peers`."""

from collections.abc import Sequence

from harness.studies.peers import Way
from reports.text.table import Format, Row, flat_table, render_table


def peers_table(ways: Sequence[Way], table_format: Format) -> str:
    """A row for each way to check; as csv and json with plain numbers."""
    if table_format in ("csv", "json"):
        return flat_table([_row(way) for way in ways], table_format)
    return render_table([_shown(way) for way in ways], table_format)


def _row(way: Way) -> Row:
    return {
        "way": way.name,
        "checks": way.what,
        "seconds": way.seconds,
        "times_training": way.times_training,
        "mistakes_found": way.found,
        "mistakes": way.tried,
    }


def _shown(way: Way) -> Row:
    return {
        "way": way.name,
        "checks": way.what,
        "seconds": f"{way.seconds:.3f}",
        "to training": f"{way.times_training:.1f}",
        "mistakes found": None if way.found is None else f"{way.found} of {way.tried}",
    }
