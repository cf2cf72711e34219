"""Names that old programs use and that today's Python and NumPy no longer have, given back to a whole process.

They are supplied only where they are missing, so nothing changes on an old stack. What changed its meaning instead,
such as ``copy=False``, can't be given back this way, and neither can methods of arrays, such as ``tostring``.
"""

import collections
import collections.abc
import fractions
import math
import sys
import time
import types
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from typing import Any

_PYTHON: tuple[tuple[types.ModuleType, dict[str, Any]], ...] = (
    (collections, {name: getattr(collections.abc, name) for name in collections.abc.__all__}),
    (fractions, {"gcd": math.gcd}),
    (time, {"clock": time.process_time}),
)


def supply_old_names() -> None:
    """Give the old names back to Python now, and to NumPy as soon as it is imported."""
    for module, names in _PYTHON:
        _supply(module, names)
    if "numpy" in sys.modules:
        _supply(sys.modules["numpy"], _names_of_numpy(sys.modules["numpy"]))
    else:
        sys.meta_path.insert(0, _NumPy())


class _NumPy(MetaPathFinder):
    """Finds NumPy, and gives it its old names once it is executed."""

    def find_spec(self, fullname: str, path: Any, target: types.ModuleType | None = None) -> ModuleSpec | None:
        if fullname != "numpy":
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def with_old_names(module: types.ModuleType) -> None:
            execute(module)
            _supply(module, _names_of_numpy(module))

        spec.loader.exec_module = with_old_names  # type: ignore[method-assign]
        return spec


def _supply(module: types.ModuleType, names: dict[str, Any]) -> None:
    for name, value in names.items():
        module.__dict__.setdefault(name, value)


def _names_of_numpy(np: Any) -> dict[str, Any]:
    """The names that NumPy lost from 1.20 to 2.4 and for which there is one value, the one that they had."""
    return {
        "int": int,
        "float": float,
        "complex": complex,
        "bool": bool,
        "object": object,
        "str": str,
        "unicode": str,
        "bool8": np.bool_,
        "float_": np.float64,
        "complex_": np.complex128,
        "cfloat": np.complex128,
        "singlecomplex": np.complex64,
        "longfloat": np.longdouble,
        "string_": np.bytes_,
        "unicode_": np.str_,
        "Inf": np.inf,
        "Infinity": np.inf,
        "infty": np.inf,
        "PINF": np.inf,
        "NINF": -np.inf,
        "NaN": np.nan,
        "NAN": np.nan,
        "PZERO": 0.0,
        "NZERO": -0.0,
        "alltrue": np.all,
        "sometrue": np.any,
        "product": np.prod,
        "cumproduct": np.cumprod,
        "round_": np.round,
        "row_stack": np.vstack,
        "trapz": getattr(np, "trapezoid", None),
        "in1d": lambda ar1, ar2, **settings: np.isin(np.ravel(ar1), ar2, **settings),
        "alen": len,
        "asscalar": lambda a: a.item(),
        "asfarray": lambda a, dtype=np.float64: np.asarray(
            a, dtype if np.issubdtype(dtype, np.inexact) else np.float64
        ),
        "msort": lambda a: np.sort(a, axis=0),
        "mat": np.asmatrix,
        "sctypes": {
            "int": [np.int8, np.int16, np.int32, np.int64],
            "uint": [np.uint8, np.uint16, np.uint32, np.uint64],
            "float": [np.float16, np.float32, np.float64, np.longdouble],
            "complex": [np.complex64, np.complex128, np.clongdouble],
            "others": [bool, object, bytes, str, np.void],
        },
    }
