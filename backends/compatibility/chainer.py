"""Imports Chainer 7.8.1 next to Python, NumPy and setuptools releases that are newer than it.

Chainer's last release needs names that no longer exist:

- ``numpy.distutils.system_info`` (gone in Python 3.12) and ``pkg_resources`` (gone in setuptools 82), which it imports
  to check its environment and in ``chainer.testing``; the first, which takes long, has a stand-in on every Python,
  since Chainer reads it on macOS only;
- ``numpy.sctypes`` and ``numpy.float`` (gone in NumPy 2), which two of its modules read.

`install_stand_ins` supplies a stand-in for each missing name while Chainer is imported, again while a part of Chainer
is imported later, as `import chainer.testing` does, and while one of the two functions that read such a name runs. The
stand-ins are removed afterwards, so no other library sees them. Names that exist are left alone: with old releases this
is a plain import. `import_chainer` does this and imports Chainer.

What reads Caffe's models, ``chainer.links.caffe`` and ``chainer.exporters``, has messages that were generated for
protobuf before 3.20. They are made anew from their description, which is part of the generated code.
"""

import ast
import importlib
import importlib.util
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

_PACKAGES = ("chainer", "chainermn")
_CAFFE_MESSAGES = "chainer.links.caffe.protobuf3.caffe_pb2"
_READERS_OF_OLD_NAMES = (
    ("chainer.functions.array.as_strided", "AsStridedGrad", "forward"),
    ("chainer.functions.array.resize_images", None, "compute_indices_and_weights"),
)


def import_chainer() -> Any:
    """Import Chainer, whatever the age of the packages around it, and return the module.

    Raises ImportError if Chainer is not installed.
    """
    if "chainer" in sys.modules:
        return sys.modules["chainer"]
    if importlib.util.find_spec("chainer") is None:
        raise ImportError("Chainer is not installed")
    install_stand_ins()
    return importlib.import_module("chainer")


def install_stand_ins() -> None:
    """Have every later import of Chainer, or of a part of it, find what it needs. NumPy is imported only then."""
    if not any(isinstance(finder, _Parts) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Parts())


class _Parts(MetaPathFinder):
    """Finds Chainer and its parts, and has them executed beside the stand-ins."""

    def find_spec(self, fullname: str, path: Any, target: types.ModuleType | None = None) -> ModuleSpec | None:
        if fullname.split(".")[0] not in _PACKAGES:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def beside_stand_ins(module: types.ModuleType) -> None:
            if fullname == "chainer":
                _execute_chainer(module, execute)
                return
            with _stand_ins_for_missing_modules(), _old_names_in_numpy():
                if fullname != _CAFFE_MESSAGES or not _make_messages(module):
                    execute(module)

        spec.loader.exec_module = beside_stand_ins  # type: ignore[method-assign]
        return spec


def _execute_chainer(chainer: types.ModuleType, execute: Callable[[types.ModuleType], None]) -> None:
    import numpy as np

    with _stand_ins_for_missing_modules(), _old_names_in_numpy() as missing, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numpy.distutils, where it still exists, warns that it is deprecated
        execute(chainer)
        chainer.functions.erf(np.zeros(1))  # looks for SciPy now; the warning that SciPy is faster comes only once
    for module_name, class_name, function_name in _READERS_OF_OLD_NAMES if missing else ():
        module = sys.modules[module_name]
        owner = getattr(module, class_name) if class_name else module
        setattr(owner, function_name, _with_old_names(getattr(owner, function_name)))


def _make_messages(module: types.ModuleType) -> bool:
    """Make the classes of Caffe's messages from the description in the generated code; False if protobuf is old."""
    try:
        descriptor_pool = importlib.import_module("google.protobuf.descriptor_pool")
        builder = importlib.import_module("google.protobuf.internal.builder")
    except ImportError:
        return False
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    (description,) = (
        keyword.value.args[0].value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "serialized_pb" and isinstance(keyword.value, ast.Call)
        if isinstance(keyword.value.args[0], ast.Constant)
    )
    file = descriptor_pool.Default().AddSerializedFile(str(description).encode("latin1"))
    builder.BuildMessageAndEnumDescriptors(file, module.__dict__)
    builder.BuildTopDescriptorsAndMessages(file, module.__name__, module.__dict__)
    return True


def _with_old_names(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def call(*arguments: Any, **settings: Any) -> Any:
        with _old_names_in_numpy():
            return function(*arguments, **settings)

    return call


def lost_names(np: Any) -> dict[str, Any]:
    """The names that Chainer reads of NumPy and that NumPy 2 no longer has, as they were."""
    return {
        "sctypes": {"int": [np.int8, np.int16, np.int32, np.int64], "float": [np.float16, np.float32, np.float64]},
        "float": float,
    }


@contextmanager
def _old_names_in_numpy() -> Iterator[dict[str, Any]]:
    import numpy as np

    missing = {name: value for name, value in lost_names(np).items() if name not in np.__dict__}
    np.__dict__.update(missing)
    try:
        yield missing
    finally:
        for name in missing:
            del np.__dict__[name]


@contextmanager
def _stand_ins_for_missing_modules() -> Iterator[None]:
    import numpy as np

    stand_ins: dict[str, types.ModuleType] = {}
    if not _is_importable("pkg_resources"):
        stand_ins["pkg_resources"] = _without_any_distribution()
    if not _is_needed_as_it_is("numpy.distutils"):
        system_info = types.ModuleType("numpy.distutils.system_info")
        system_info.__dict__["get_info"] = lambda name: {}
        distutils = types.ModuleType("numpy.distutils")
        distutils.__dict__["system_info"] = system_info
        stand_ins |= {"numpy.distutils": distutils, "numpy.distutils.system_info": system_info}
        np.__dict__["distutils"] = distutils
    before = {name: sys.modules[name] for name in stand_ins if name in sys.modules}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name in stand_ins:
            del sys.modules[name]
        sys.modules.update(before)
        if "numpy.distutils" in stand_ins:
            del np.__dict__["distutils"]


def _is_needed_as_it_is(name: str) -> bool:
    """Whether a module is in use already, or is there and Chainer looks for Apple's BLAS in it."""
    return name in sys.modules or (sys.platform == "darwin" and _is_importable(name))


def _is_importable(name: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            importlib.import_module(name)
        except ImportError:
            return False
    return True


def _without_any_distribution() -> types.ModuleType:
    """A pkg_resources that finds no distribution: Chainer then skips its check of optional dependencies.

    Only its WorkingSet, by which tests require versions, looks at what is installed.
    """

    class ResolutionError(Exception):
        pass

    class DistributionNotFound(ResolutionError):
        pass

    class VersionConflict(ResolutionError):
        pass

    def require(requirement: str) -> None:
        raise DistributionNotFound(requirement)

    class WorkingSet:
        def require(self, *requirements: str) -> None:
            from packaging.requirements import Requirement

            for text in requirements:
                requirement = Requirement(text)
                try:
                    installed = version(requirement.name)
                except PackageNotFoundError:
                    raise DistributionNotFound(text) from None
                if installed not in requirement.specifier:
                    raise VersionConflict(text)

    pkg_resources = types.ModuleType("pkg_resources")
    pkg_resources.__dict__.update(
        require=require,
        ResolutionError=ResolutionError,
        DistributionNotFound=DistributionNotFound,
        VersionConflict=VersionConflict,
        WorkingSet=WorkingSet,
    )
    return pkg_resources
