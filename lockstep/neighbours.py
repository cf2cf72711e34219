"""Checks that Python finds Lockstep's own packages, not others of the same names.

The names are general (`reports`, `scenarios` …), and Python looks in the user's folder first.
"""

from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("scenarios", "backends", "harness", "reports")


def check_neighbours() -> None:
    """Raise ImportError, in one sentence with both paths, if another package hides one of Lockstep's."""
    own_folder = Path(__file__).resolve().parent.parent
    for name in PACKAGES:
        specification = find_spec(name)
        own = own_folder / name
        folders = [] if specification is None else [*(specification.submodule_search_locations or ())]
        places = [Path(folder).resolve() for folder in folders] or [Path(str(getattr(specification, "origin", None)))]
        if own not in places:
            raise ImportError(
                f"{places[0]} hides Lockstep's own package {name}, {own}: "
                "rename it, or keep what you run in a folder that does not hold it"
            )
