"""A user's files: how one is named in a command, and run as a module; what is wrong with it is said in a sentence."""

import importlib
import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from backends.capture.errors import TrainingError
from harness.errors import BackendMissing, Crashed, InputError, deed, did_you_mean, innermost_line
from harness.files import file_exists
from harness.guarding.guest import Guest
from harness.guarding.printing import off_stdout
from scenarios import ScenarioError

USERS_FILES: dict[str, str] = {}
"""Every file of a user that was loaded, and whose it is: `backend mine`."""
T = TypeVar("T")


def is_file(specification: str) -> bool:
    """Whether this is `./file.py` or `./file.py:name`, and no name of a built-in scenario."""
    return ".py:" in specification or specification.endswith(".py")


def file_and_name(specification: str) -> tuple[Path, str]:
    """The file and the name of `./file.py:name`; the name is empty in `./file.py`."""
    path, colon, name = specification.partition(".py:")
    return Path(f"{path}.py" if colon else specification), name


def chosen_of(in_file: Mapping[str, T], path: Path, name: str, what: str) -> list[T]:
    """The one of this name, or all if the name is empty. Raises InputError if there is none of this name."""
    if name and name not in in_file:
        raise InputError(f"{path} has no {what} {name!r}{did_you_mean(name, in_file)}")
    return [in_file[name]] if name else list(in_file.values())


@off_stdout()
def load_file(
    path: Path, what: str, guest: Guest, *, unimportable: type[InputError] | type[BackendMissing] = InputError
) -> ModuleType:
    """Run a user's file and return its module; `what` says in messages what it is. It may import Chainer as ever.

    Raises `unimportable` if a module that it imports is missing, and Crashed if it raises another error.
    """
    if not file_exists(path):
        raise InputError(f"{what} {path} does not exist")
    from backends.compatibility.chainer import install_stand_ins  # on first use: no other start has to wait for it

    install_stand_ins()
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.append(folder)  # last, so that a file beside it can be imported but shadows nothing
    module_name = f"{path.stem}_from_{abs(hash(path.resolve())):x}"
    specification = importlib.util.spec_from_file_location(module_name, path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    USERS_FILES[str(specification.origin)] = f"{what} {path}"
    sys.modules[module_name] = module  # dataclasses, for one, look up the module of a class here
    try:
        with guest.importing():
            specification.loader.exec_module(module)
    except SyntaxError as error:
        raise InputError(f"{what} {path}{_on_line(error.lineno)} does not parse: {error.msg}") from error
    except ImportError as error:
        line = _on_line(innermost_line(error, str(specification.origin)))
        raise unimportable(f"{what} {path}{line} can't be imported: {error}") from error
    except (ScenarioError, TrainingError, InputError) as error:
        line = _on_line(innermost_line(error, str(specification.origin)))
        raise InputError(f"{what} {path}{line.rstrip(',')}: {error}") from error
    except Exception as error:
        line = _on_line(innermost_line(error, str(specification.origin)))
        raise Crashed(f"{what} {path}{line} {deed(error, place='' if line else 'its import')}") from error
    return module


def _on_line(line: int | None) -> str:
    return "" if line is None else f", line {line},"
