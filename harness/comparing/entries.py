"""Which entries of the catalogue of differences are about what two models of two frameworks use."""

from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING

from backends.capture.calls import Pass
from backends.capture.training import Rule
from harness.capturing.guarded import GuardedTraining
from harness.comparing.document.side_by_side import CatalogueEntry
from harness.recording.loading import load_backend

if TYPE_CHECKING:  # importing it imports both frameworks
    from backends.differences.difference import Difference

CATALOGUE = "backends.differences"


def entries_of(left: GuardedTraining, right: GuardedTraining, passes: tuple[Pass, Pass]) -> list[str]:
    """All entries about a function, a layer or an optimizer that the models use, also where the numbers agree.

    First those that Lockstep's own backends normalise. Left out are those whose obvious translation raises an error:
    the models run.
    """
    rules = _rules(left, right)
    kinds = dict.fromkeys([call.kind for call in passes[0].calls] + [rule.kind for rule in rules[:1]])
    found = _normalised(left, right, kinds)
    if "numpy" in (left.framework, right.framework) or left.framework == right.framework:
        return found
    used = [(call.names, call.settings) for captured in passes for call in captured.calls]
    used += [(rule.names, rule.settings) for rule in rules]
    about = [
        entry.name
        for entry in _catalogue()
        if entry.raises is None
        and any({*entry.subjects} & {*names} and entry.matters(settings) for names, settings in used)
    ]
    return list(dict.fromkeys([*found, *about]))


def entries_of_rules(left: GuardedTraining, right: GuardedTraining) -> list[str]:
    """The entries about the left model's optimizer that Lockstep's own backends normalise.

    Beside named arrays, it is that of the other model. They matter where nothing else differs between the optimizers,
    so both are of one kind.
    """
    return _normalised(left, right, [rule.kind for rule in _rules(left, right)[:1]])


def _rules(left: GuardedTraining, right: GuardedTraining) -> list[Rule]:
    return [rule for rule in (left.rule(), right.rule()) if rule is not None]


def _normalised(left: GuardedTraining, right: GuardedTraining, kinds: Iterable[str]) -> list[str]:
    """The entries about these kinds of calls and rules that Lockstep's own backends of the two frameworks normalise.

    Empty where the models are of one framework.
    """
    if left.framework == right.framework:
        return []
    wanted = set(kinds)
    tables = [getattr(load_backend(each.framework).module, "NORMALISATIONS", ()) for each in (left, right)]
    found = [entry for table in tables for entry in table if entry.function.__name__ in wanted]
    return list(dict.fromkeys(name for entry in found for name in entry.differences))


def in_words(names: Iterable[str]) -> list[CatalogueEntry]:
    """The entries of these names. There are none unless the models are of both frameworks, so both can be imported."""
    wanted = list(names)
    if not wanted:
        return []
    by_name = {entry.name: entry for entry in _catalogue()}
    return [
        CatalogueEntry(name=name, title=entry.title, chainer=entry.chainer, torch=entry.torch)
        for name, entry in ((name, by_name[name]) for name in wanted)
    ]


def _catalogue() -> "tuple[Difference, ...]":
    """All entries; the frameworks have been imported by the models."""
    entries: tuple[Difference, ...] = import_module(CATALOGUE).DIFFERENCES
    return entries
