"""Finds what a name of Chainer or PyTorch means, short or full: lines of the table, and entries of the differences."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from harness.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from backends.differences.difference import Difference
    from backends.names.correspondence import Correspondence

_NN, _NN_FUNCTIONAL = ("torch.nn", "torch.nn.functional", "torch"), ("torch.nn.functional", "torch")
"""The table has one of several spellings, such as torch.relu for nn.functional.relu and nn.ReLU."""

MODULES = {
    "F": ("chainer.functions", "torch.nn.functional"),
    "functions": ("chainer.functions",),
    "L": ("chainer.links",),
    "links": ("chainer.links",),
    "optimizers": ("chainer.optimizers",),
    "O": ("chainer.optimizers",),
    "optimizer_hooks": ("chainer.optimizer_hooks",),
    "chainer.optimizer": ("chainer.optimizer_hooks",),  # where programs of Chainer's first versions find the hooks
    "initializers": ("chainer.initializers",),
    "nn": _NN,
    "torch.nn": _NN,
    "nn.functional": _NN_FUNCTIONAL,
    "torch.nn.functional": _NN_FUNCTIONAL,
    "functional": _NN_FUNCTIONAL,
    "nn.init": ("torch.nn.init",),
    "init": ("torch.nn.init",),
    "nn.utils": ("torch.nn.utils",),
    "optim": ("torch.optim",),
    "linalg": ("torch.linalg",),
    "special": ("torch.special",),
    "Tensor": ("torch.Tensor",),
}
"""What modules are called where they are imported, and their full names."""
_DOTTED = re.compile(r"\b(?:chainer|torch|nn)(?:\.[A-Za-z_]\w*)+")
_METHOD = re.compile(r"[\w)\]]\.([a-z_]\w*)\(")
_CALLS = re.compile(r"\.([A-Za-z_]\w*)\(")
_CALL, _CONVERSION = re.compile(r"\w\("), re.compile(r"\.(?:long|double)\(\)")
_DIMENSIONS = re.compile(r"[123N]d(?=$|_)|[123N]D$|_nd$|(?<=_)[123]d")

Named = TypeVar("Named")


def find_lines(name: str, lines: Sequence[Correspondence]) -> list[Correspondence]:
    """The lines of a name; Chainer's names come before PyTorch's. Empty if no line knows it.

    `F.relu`, `chainer.functions.relu` and `relu` are one name, `nn.LSTM` and `torch.nn.LSTM` another.
    """
    for names_of in (_chainer_name, _only_names, _leading_names, _torch_names):
        if found := _matching(name, lines, names_of):
            return found
    return []


def find_differences(name: str, entries: Sequence[Difference], lines: Sequence[Correspondence]) -> list[Difference]:
    """The entries of a name: those that are called so, that its lines name, and that are about it."""
    own = [entry for entry in entries if entry.name == name]
    found = find_lines(name, lines)
    named = {line.difference for line in found}
    for line in found:
        named.update(entry.name for entry in entries if entry.name in line.how)
    about = _matching(name, entries, _subjects)
    about += [entry for line in found for entry in _matching(line.name, entries, _subjects)]
    return own + [entry for entry in entries if entry not in own and (entry.name in named or entry in about)]


def unknown_name(
    name: str, lines: Iterable[Correspondence], others: Iterable[str] = (), command: str = ""
) -> InputError:
    """The error for a name that nothing is called, with the nearest ones."""
    bare = _parsed(name)[1]
    known = {full.rpartition(".")[2] for line in lines for full in (line.name, *_torch_names(line))}
    suggestion = did_you_mean(bare, {*known, *others}, f"lockstep {command or 'name'}s")
    return InputError(f"there is no {command or 'name'} {name!r}{suggestion}")


def find_ops(name: str, sources: Mapping[str, Iterable[str]], lines: Sequence[Correspondence]) -> list[str]:
    """The ops that a name stands for: the one that is called so, or else all whose code calls it.

    `sources` holds each op's code in the backends. What the lines of a name say of it counts as well: an op that calls
    F.max_pooling_2d is found by nn.functional.max_pool2d. Empty if there is none.
    """
    bare = _parsed(name)[1]
    if name in sources:
        return [name]
    if own := [op for op in sources if _plain(op) == _plain(bare)]:
        return own
    found = find_lines(name, lines)
    called = {_plain(full.rpartition(".")[2]) for line in found for full in (line.name, *_leading_names(line))}
    if not called:
        return []
    if own := [op for op in sources if _plain(op) in called]:
        return own
    called.add(_plain(bare))
    return [
        op for op, codes in sources.items() if any(called & set(map(_plain, _CALLS.findall(code))) for code in codes)
    ]


def _matching(name: str, things: Sequence[Named], names_of: Callable[[Named], Iterator[str]]) -> list[Named]:
    """Those that have the name, or else those of other dimensions, that are a cell, of other case, or spelt otherwise.

    PyTorch's modules are spelt otherwise than its functions, nn.MaxPool2d and nn.CrossEntropyLoss.
    """
    for changed in (str, _without_dimensions, _without_cell, str.casefold, _as_one_word, _plain, _plain_without_loss):
        modules, bare = _parsed(name)
        found = [
            thing
            for thing in things
            if any(
                changed(full.rpartition(".")[2]) == changed(bare)
                and (not modules or any(_is_in(full.rpartition(".")[0], module) for module in modules))
                for full in names_of(thing)
            )
        ]
        if found:
            return found
    return []


def _parsed(name: str) -> tuple[tuple[str, ...], str]:
    """The modules that a name may be of, none if it names none, and the name without them."""
    module, _, bare = name.strip().partition("(")[0].rpartition(".")
    return (MODULES.get(module, (module,)) if module else ()), bare


def _is_in(module: str, wanted: str) -> bool:
    """Whether a module is the wanted one, or shows what the wanted one in it defines: chainer.functions.activation."""
    inner = f"{module}.modules." if module == "torch.nn" else f"{module}."
    return module == wanted or (wanted.startswith(inner) and module.startswith(("chainer.", "torch.nn")))


def _as_one_word(name: str) -> str:
    """A name without its spelling: max_pool2d and MaxPool2d are one."""
    return name.replace("_", "").casefold()


def _plain(name: str) -> str:
    """A name without its spelling and its dimensions: max_pool2d and MaxPool3d are one."""
    return _as_one_word(_without_dimensions(name)).replace("*d", "")


def _plain_without_loss(name: str) -> str:
    return _plain(name).removesuffix("loss")


def _without_dimensions(name: str) -> str:
    return _DIMENSIONS.sub("*d", name)


def _without_cell(name: str) -> str:
    return name.removesuffix("Cell")


def _chainer_name(line: Correspondence) -> Iterator[str]:
    yield line.name


def _only_names(line: Correspondence) -> Iterator[str]:
    """The calls that are the whole of PyTorch's expressions, with nothing computed for them and nothing after them."""
    for expression in (line.torch, line.naive or ""):
        match = _DOTTED.match(expression)
        if match and expression.endswith(")") and len(_CALL.findall(_CONVERSION.sub("", expression))) == 1:
            yield _full(match[0])


def _leading_names(line: Correspondence) -> Iterator[str]:
    """The calls that PyTorch's expressions begin with."""
    for expression in (line.torch, line.naive or ""):
        if match := _DOTTED.match(expression):
            yield _full(match[0])


def _torch_names(line: Correspondence) -> Iterator[str]:
    for expression in (line.torch, line.naive or ""):
        yield from map(_full, _DOTTED.findall(expression))
        yield from (f"torch.Tensor.{method}" for method in _METHOD.findall(_DOTTED.sub("", expression)))


def _subjects(entry: Difference) -> Iterator[str]:
    """What an entry is about: the calls that it begins with."""
    yield from entry.subjects
    yield entry.torch.partition("(")[0]


def _full(name: str) -> str:
    return f"torch.{name}" if name.startswith("nn.") else name
