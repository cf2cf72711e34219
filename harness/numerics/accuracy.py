"""How accurate a backend's functions are by its own account: the ACCURACY of its module."""

import math
from collections.abc import Mapping
from typing import Any

from harness.errors import InputError, did_you_mean
from harness.numerics.rounding import CHARGES
from harness.recording.loading import LoadedBackend
from scenarios import DTYPES

MOST = 1024.0
"""The largest accuracy that can be declared, in units of u; in float32 that is an error of 6e-5 of the value."""


def declared_accuracy(backend: LoadedBackend, dtype: str) -> dict[str, float]:
    """The largest errors of a backend's functions in a dtype, in units of u, as far as its ACCURACY names them.

    Raises InputError if ACCURACY is no dict, or names an unknown function or dtype, or is no number from 0 to MOST.
    """
    declared = getattr(backend.module, "ACCURACY", {})
    where = f"backend {backend.name}: ACCURACY"
    if not isinstance(declared, Mapping):
        raise InputError(f'{where} is a {type(declared).__name__}; it must be a dict, as {{"tanh": 6}}')
    accuracy = {}
    for name, value in declared.items():
        if name not in CHARGES:
            raise InputError(f"{where} names {name!r}{did_you_mean(str(name), CHARGES)}")
        by_dtype: Mapping[Any, Any] = value if isinstance(value, Mapping) else dict.fromkeys(DTYPES, value)
        for of_dtype, units in by_dtype.items():
            if of_dtype not in DTYPES:
                raise InputError(f"{where}[{name!r}] names {of_dtype!r}{did_you_mean(str(of_dtype), DTYPES)}")
            _check_units(units, f"{where}[{name!r}]")
        if dtype in by_dtype:
            accuracy[name] = float(by_dtype[dtype])
    return accuracy


def _check_units(units: Any, where: str) -> None:
    """Raise InputError if this is no error in units of u that certificates can be made with."""
    if isinstance(units, bool) or not isinstance(units, int | float):
        shown = type(units).__name__
        raise InputError(f'{where} is a {shown}; it must be a number of units of u, or a dict as {{"float32": 6}}')
    if not (math.isfinite(units) and units >= 0):
        raise InputError(f"{where} is {units}; it must be a finite number of units of u, 0 or above")
    if units > MOST:
        raise InputError(
            f"{where} is {units:g}; at most {MOST:g} units of u can be declared, as beyond that "
            "certificates would pass mistakes that training shows"
        )


def about_accuracy(backend: LoadedBackend, dtype: str) -> str:
    """Which functions a backend declares less accurate than Lockstep takes them to be; empty if none."""
    wider = [(name, units) for name, units in declared_accuracy(backend, dtype).items() if units > CHARGES[name]]
    if not wider:
        return ""
    (first, units), *rest = wider
    others = [f", its {name} to {units:g} ({CHARGES[name]:g})" for name, units in rest]
    start = f"{backend.name} declares its {first} accurate to {units:g} units (Lockstep charges {CHARGES[first]:g})"
    return start + "".join(others)
