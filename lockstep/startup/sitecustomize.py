"""What Python does at its start in a program that `lockstep chainer` runs, and in the processes which that starts.

Python imports the first module of this name that it finds. `lockstep chainer` puts this folder in front, so it is run
before the program, whose own modules, frames and arguments are then those of `python PROGRAM.py`.
"""

import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from pathlib import Path


def _prepare(root: Path) -> None:
    """Prepare for Chainer, and leave nothing behind that could hide a module of the program's."""
    sys.path.insert(0, str(root))
    try:
        from backends.compatibility.chainer import install_stand_ins
        from backends.compatibility.old_names import supply_old_names
    finally:
        sys.path.remove(str(root))
        for name in [name for name in sys.modules if name.split(".")[0] == "backends"]:
            del sys.modules[name]
    supply_old_names()
    install_stand_ins()


def _run_hidden(folder: Path) -> None:
    """Run the sitecustomize module that this one hides, if there is one."""
    sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != folder]
    spec = PathFinder.find_spec("sitecustomize", sys.path)
    if spec is not None and spec.loader is not None:
        sys.modules["sitecustomize"] = module = module_from_spec(spec)
        spec.loader.exec_module(module)


_folder = Path(__file__).resolve().parent
_prepare(_folder.parents[1])
_run_hidden(_folder)
