"""The switches of the process that a backend's code can change for everyone: Python's, NumPy's and each framework's.

The harness reads them around whatever a backend does, and puts them back. A framework is only looked up among the
modules that are imported already, so reading its switches imports nothing.
"""

import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from operator import itemgetter
from types import ModuleType
from typing import Any

import numpy as np

from backends.vocabulary import BUILT_IN, KINDS, TRAINING


@dataclass(frozen=True, eq=False)
class Switch:
    """Settings of the process that are read and written together."""

    read: Callable[[], Any]
    """The settings now, as something that compares equal as long as none changes; None if they don't exist yet.

    A tuple if each holds without the others.
    """
    write: Callable[[Any], object]
    changes: Callable[[Any, Any], Iterator[str]]
    """What is other in the second settings than in the first, as `what (how it is written)`, if it is worth a word."""
    fresh: Callable[[Any], Any] = lambda settings: settings
    """What settings that have just come into being, as these, were before they were changed, as far as is known."""
    is_inherited: bool = True
    """Whether what a backend sets when it is imported holds when it trains."""
    is_steady: bool = True
    """Whether nothing but a backend's code changes them during a run."""
    is_quick: bool = True
    """Whether they can be read after every update; else only after an import."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Sent to another process, it is the one of the same place there."""
        return _switch_at, (SWITCHES.index(self),)


def _switch_at(place: int) -> Switch:
    return SWITCHES[place]


def _changed_numpy_errors(before: Any, after: Any) -> Iterator[str]:
    changed = ", ".join(f'{kind}="{mode}"' for kind, mode in after.items() if before[kind] != mode)
    yield f"changed what NumPy does on floating-point errors (np.seterr({changed}))"


def _numpy_call() -> tuple[object]:
    return (np.geterrcall(),)


def _changed_numpy_call(before: Any, after: Any) -> Iterator[str]:
    yield "changed what NumPy calls on floating-point errors (np.seterrcall)"


def _changed_print_options(before: Any, after: Any) -> Iterator[str]:
    changed = ", ".join(f"{name}={value!r}" for name, value in after.items() if before[name] != value)
    yield f"changed how NumPy prints arrays (np.set_printoptions({changed}))"


def _warning_filters() -> list[Any]:
    return list(warnings.filters)


def _set_warning_filters(filters: Any) -> None:
    warnings.filters = list(filters)


def _changed_warning_filters(before: Any, after: Any) -> Iterator[str]:
    if any(entry[0] == "error" and entry not in before for entry in after):
        yield 'turned warnings into errors (warnings.simplefilter("error") or alike)'


def _streams() -> tuple[object, ...]:
    return sys.stdout, sys.stderr


def _set_streams(streams: Any) -> None:
    sys.stdout, sys.stderr = streams


def _folder() -> str | None:
    try:
        return os.getcwd()  # noqa: PTH109 - a Path takes ten times as long
    except OSError:  # the folder was deleted
        return None


def _set_folder(folder: Any) -> None:
    with suppress(OSError):
        os.chdir(folder)


def _changed_folder(before: Any, after: Any) -> Iterator[str]:
    yield f"changed the working folder (os.chdir({after!r}))"


def _nothing_to_say(before: Any, after: Any) -> Iterator[str]:
    return iter(())


class _Namespace:
    """The functions and classes of a module under the names that they had when it was first looked at."""

    def __init__(self, module: str, names: Callable[[ModuleType], list[str]]) -> None:
        self.module = module
        self._choose = names
        self._names: list[str] = []
        self._values: Callable[[Mapping[str, Any]], Any] | None = None

    def read(self) -> Any:
        """What the names stand for; None if the module is not imported yet."""
        if self._values is None:
            if self.module not in sys.modules:
                return None
            self._names = self._choose(sys.modules[self.module])
            self._values = itemgetter(*self._names)
        names = vars(sys.modules[self.module])
        try:
            return self._values(names)
        except KeyError:
            return tuple(map(names.get, self._names))

    def write(self, values: Any) -> None:
        """Set every name that stands for something else."""
        module = sys.modules[self.module]
        for name, value in zip(self._names, values, strict=True):
            if vars(module).get(name) is not value:
                setattr(module, name, value)

    def changes(self, before: Any, after: Any) -> Iterator[str]:
        """Which names stand for something else."""
        for name, old, new in zip(self._names, before, after, strict=True):
            if old is not new:
                what = f"{'np' if self.module == 'numpy' else self.module.replace('numpy.', 'np.')}.{name}"
                yield f"replaced {what} ({what} = …)"


def _callables(module: ModuleType) -> list[str]:
    return [name for name, value in vars(module).items() if callable(value) and not name.startswith("_")]


def _functions(module: ModuleType) -> list[str]:
    return [name for name in _callables(module) if not isinstance(vars(module)[name], type)]


def _ops_and_rules(module: ModuleType) -> list[str]:
    return [name for name in (*KINDS, *TRAINING) if hasattr(module, name)]


def _namespaces() -> Iterator[Switch]:
    names = {"numpy": _functions, "numpy.random": _callables, "numpy.linalg": _functions, "builtins": _functions}
    names |= dict.fromkeys(BUILT_IN.values(), _ops_and_rules)
    for module, choose in names.items():
        namespace = _Namespace(module, choose)
        is_quick = module in ("numpy", "numpy.random")
        yield Switch(namespace.read, namespace.write, namespace.changes, is_quick=is_quick)


@dataclass(frozen=True)
class _Setting:
    """One setting of a framework: how it is called, written and set, and its value in a new process."""

    title: str
    written: str
    """With {} for the value."""
    set: Callable[[Any, Any], object]
    """Given the framework and the value."""
    fresh: Any
    """None if it depends on the machine."""


def _framework(
    name: str, values: Callable[[Any], tuple[Any, ...]], settings: Sequence[_Setting], *, is_quick: bool = True
) -> Switch:
    """The settings of a framework, whose values `values` gives in the same order."""

    def read() -> tuple[Any, ...] | None:
        framework = sys.modules.get(name)
        try:
            return None if framework is None else values(framework)
        except AttributeError:  # something else of this name
            return None

    def write(wanted: Any) -> None:
        framework = sys.modules[name]
        for setting, value, now in zip(settings, wanted, values(framework), strict=True):
            if value != now:
                setting.set(framework, value)

    def changes(before: Any, after: Any) -> Iterator[str]:
        for setting, old, new in zip(settings, before, after, strict=True):
            if old != new:
                verb = ("switched on" if new else "switched off") if isinstance(new, bool) else "changed"
                yield f"{verb} {setting.title} ({setting.written.format(new)})"

    def fresh(values: Any) -> Any:
        return tuple(
            value if setting.fresh is None else setting.fresh for setting, value in zip(settings, values, strict=True)
        )

    return Switch(read, write, changes, fresh, is_quick=is_quick)


def _torch_values(torch: Any) -> tuple[Any, ...]:
    return (
        str(torch.get_default_dtype()),
        torch.is_grad_enabled(),
        torch.are_deterministic_algorithms_enabled(),
        torch.is_anomaly_enabled(),
        torch.get_float32_matmul_precision(),
        torch.get_num_threads(),
    )


_TORCH = (
    _Setting(
        "PyTorch's default dtype",
        "torch.set_default_dtype({})",
        lambda torch, dtype: torch.set_default_dtype(getattr(torch, dtype.removeprefix("torch."))),
        "torch.float32",
    ),
    _Setting("PyTorch's gradients", "torch.set_grad_enabled({})", lambda torch, on: torch.set_grad_enabled(on), True),
    _Setting(
        "PyTorch's deterministic algorithms",
        "torch.use_deterministic_algorithms({})",
        lambda torch, on: torch.use_deterministic_algorithms(on),
        False,
    ),
    _Setting(
        "PyTorch's anomaly mode",
        "torch.autograd.set_detect_anomaly({})",
        lambda torch, on: torch.autograd.set_detect_anomaly(on),
        False,
    ),
    _Setting(
        "PyTorch's precision of matrix products",
        "torch.set_float32_matmul_precision({!r})",
        lambda torch, precision: torch.set_float32_matmul_precision(precision),
        "highest",
    ),
    _Setting("PyTorch's threads", "torch.set_num_threads({})", lambda torch, n: torch.set_num_threads(n), None),
)
_TORCH_DEVICE = _Setting(
    "PyTorch's default device",
    "torch.set_default_device({!r})",
    # None, unlike "cpu", also takes away what looks at every call for its device.
    lambda torch, device: torch.set_default_device(None if device == "cpu" else device),
    "cpu",
)


_CHAINER_KEYS = {
    "dtype": np.dtype(np.float32),
    "enable_backprop": True,
    "train": True,
    "type_check": True,
    "debug": False,
    "keep_graph_on_report": False,
    "lazy_grad_sum": False,
    "use_ideep": "never",
}
"""The entries of Chainer's configuration that training on a CPU reads, with their values in a new process."""


_CHAINER_VALUES = itemgetter(*_CHAINER_KEYS)
_ABSENT = "absent"


def _chainer_values(chainer: Any) -> tuple[Any, ...]:
    # chainer.config looks both up, one entry after the other, which takes five times as long.
    in_thread = vars(chainer.config._local)
    return (*_CHAINER_VALUES(vars(chainer.global_config)), *[in_thread.get(key, _ABSENT) for key in _CHAINER_KEYS])


def _chainer_settings() -> Iterator[_Setting]:
    def set_for_all(key: str) -> Callable[[Any, Any], object]:
        return lambda chainer, value: setattr(chainer.global_config, key, value)

    def set_for_thread(key: str) -> Callable[[Any, Any], object]:
        return lambda chainer, value: (
            delattr(chainer.config, key) if value is _ABSENT else setattr(chainer.config, key, value)
        )

    for key, fresh in _CHAINER_KEYS.items():
        yield _Setting(f"Chainer's {key}", f"chainer.global_config.{key} = {{}}", set_for_all(key), fresh)
    for key in _CHAINER_KEYS:
        yield _Setting(f"Chainer's {key}", f"chainer.config.{key} = {{}}", set_for_thread(key), _ABSENT)


SWITCHES = (
    # A run computes with NumPy's floating-point errors ignored in any case: overflows show in the tensors.
    Switch(np.geterr, lambda errors: np.seterr(**errors), _changed_numpy_errors, is_inherited=False, is_steady=False),
    Switch(_numpy_call, lambda call: np.seterrcall(*call), _changed_numpy_call, is_inherited=False),
    Switch(np.get_printoptions, lambda options: np.set_printoptions(**options), _changed_print_options),
    Switch(_warning_filters, _set_warning_filters, _changed_warning_filters, is_steady=False),
    Switch(_streams, _set_streams, _nothing_to_say, is_steady=False),
    Switch(_folder, _set_folder, _changed_folder),
    Switch(sys.getrecursionlimit, sys.setrecursionlimit, _nothing_to_say),
    *_namespaces(),
    _framework("torch", _torch_values, _TORCH),
    _framework("torch", lambda torch: (str(torch.get_default_device()),), [_TORCH_DEVICE], is_quick=False),
    _framework("chainer", _chainer_values, tuple(_chainer_settings())),
)
"""All of them."""
