"""Makes a user's model from a file: from a class, by a function, or as it stands there."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from backends.checkpoints.models import KINDS, LiveModel, is_model_class, live_model
from harness.errors import Crashed, Ended, InputError, deed, did_you_mean, line_in
from harness.guarding.guest import Guest
from harness.guarding.printing import off_stdout
from harness.recording.users_files import load_file

_Result = TypeVar("_Result")


class UsersModel:
    """A model of a user's, and where it is from."""

    def __init__(self, specification: str, file: Path, live: LiveModel, guest: Guest) -> None:
        self.specification = specification
        self.live = live
        self._file = file
        self._guest = guest

    def run(self, function: Callable[[], _Result], what: str) -> _Result:
        """Have the model do something. Raises Crashed where its code fails."""
        return _guarded(self._guest, function, f"{self.specification} {{}}", what, self._file)


def load_model(specification: str) -> UsersModel:
    """Load `FILE.py:NAME`, where NAME is a class without required arguments, a function or a model.

    NAME may be left out where the file defines one class of a model. Raises InputError, and Crashed where the file's
    own code fails.
    """
    path, colon, name = specification.partition(".py:")
    if not colon and not specification.endswith(".py"):
        raise InputError(f"{specification!r} is no model: write FILE.py:NAME, as mine.py:Net")
    file = Path(f"{path}.py") if colon else Path(specification)
    guest = Guest()
    module = load_file(file, "model file", guest)
    own = {key: value for key, value in vars(module).items() if not key.startswith("_")}
    models = [key for key, value in own.items() if is_model_class(value) and value.__module__ == module.__name__]
    if not name:
        if len(models) != 1:
            found = f"defines {', '.join(models)}" if models else "defines no class of a model"
            raise InputError(f"{file} {found}: name one as {file}:{models[0] if models else 'Net'}")
        (name,) = models
    if name not in own:
        raise InputError(f"{file} has no {name!r}{did_you_mean(name, models)}")
    made = own[name]
    if live_model(made) is None and callable(made):
        _check_arguments(made, name, file)
        made = _guarded(guest, made, f"model file {file}: {name} {{}}", "", file)
    live = live_model(made)
    if live is None:
        raise InputError(f"{name} of {file} gives {type(made).__name__}, which is no model: it has to be {KINDS}")
    return UsersModel(f"{file}:{name}", file, live, guest)


def _check_arguments(make: Callable[..., Any], name: str, file: Path) -> None:
    """Raise InputError if something can't be called without arguments."""
    try:
        parameters = inspect.signature(make).parameters.values()
    except (TypeError, ValueError):
        return
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    needed = [one.name for one in parameters if one.default is one.empty and one.kind not in kinds]
    if needed:
        raise InputError(
            f"{name} of {file} needs {', '.join(needed)}: write a function in {file} that returns the model, as "
            f"`def make(): return {name}(…)`, and name {file}:make"
        )


@off_stdout()
def _guarded(guest: Guest, function: Callable[[], _Result], said: str, what: str, file: Path) -> _Result:
    """Call a user's code. Raises Crashed if it fails, or would end the process."""
    try:
        with guest.stay():
            return function()
    except (Exception, Ended) as error:
        line = line_in(str(file), error) or line_in(str(file.resolve()), error)
        raise Crashed(said.format(deed(error, what, line))) from error
