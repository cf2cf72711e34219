"""Finds what a user's file defines at the level of its module, by name."""

from types import ModuleType
from typing import TypeVar

from harness.errors import InputError
from harness.guarding.guest import Guest
from harness.recording.catalogue import check_defined_once, scenarios_in
from harness.recording.users_files import chosen_of, file_and_name, is_file, load_file
from scenarios import Scenario

T = TypeVar("T")


def find_objects(specification: str, kind: type[T], what: str, example: str) -> dict[str, T]:
    """The module-level objects of a kind in `./file.py`, by name, or the one of `./file.py:name`.

    `what` is what a message calls one, `example` how one is made. Raises InputError if there is none or the file can't
    be loaded, and Crashed if its code raises an error.
    """
    if not is_file(specification):
        raise InputError(f"{specification} is no Python file; write FILE.py or FILE.py:NAME")
    file, name = file_and_name(specification)
    in_file = _objects_in(load_file(file, f"{what}'s file", Guest()), kind)
    if not in_file:
        raise InputError(f"{file} defines no {what}; write one as {example}")
    return dict(chosen_of({key: (key, value) for key, value in in_file.items()}, file, name, what))


def find_scenarios_and_objects(specification: str, kind: type[T], what: str) -> dict[str, Scenario | T]:
    """The scenarios of `./file.py` and its objects of another kind, by name, or the one of `./file.py:name`.

    `what` is what a message calls one of the other kind. Raises as `find_objects` does.
    """
    file, name = file_and_name(specification)
    module = load_file(file, f"scenario or {what} file", Guest())
    scenarios = scenarios_in(module)
    check_defined_once(scenarios, file)
    in_file: dict[str, Scenario | T] = {**scenarios, **_objects_in(module, kind)}
    if not in_file:
        raise InputError(f"{file} defines no scenario and no {what}")
    return dict(chosen_of({key: (key, value) for key, value in in_file.items()}, file, name, f"scenario or {what}"))


def _objects_in(module: ModuleType, kind: type[T]) -> dict[str, T]:
    return {key: value for key, value in vars(module).items() if isinstance(value, kind)}
