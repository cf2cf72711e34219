"""One pair of a link and a module, with the transformations between their arrays."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from backends.layouts.transformations import Array, Arrays, LayoutError, Transformation


@dataclass(frozen=True)
class Layout:
    """How the arrays of a link become those of a module, and back.

    The arrays of a link are named as Chainer's serializers name them, `upward/W` and `avg_mean`; those of a module as
    in its `state_dict`.
    """

    link: str
    module: str
    transformations: tuple[Transformation, ...]
    notes_to_torch: tuple[str, ...] = ()
    notes_to_chainer: tuple[str, ...] = ()
    """What else the two differ in, once the weights are copied, and what is rounded on the way."""

    def of_link(self, names: Iterable[str]) -> tuple[Transformation, ...]:
        """The transformations of a link that has arrays of these names."""
        return self.transformations

    def of_module(self, names: Iterable[str]) -> tuple[Transformation, ...]:
        """The transformations of a module that has arrays of these names."""
        return self.transformations

    def to_torch(self, arrays: Arrays) -> dict[str, Array]:
        """A module's arrays from a link's. Raises LayoutError on a name or a shape that the link can't have."""
        parts = _parts(self.link, arrays, [(one, one.link_names) for one in self.of_link(arrays)])
        return _merged(self.link, [(one.to_module, part) for one, part in parts])

    def to_chainer(self, arrays: Arrays) -> dict[str, Array]:
        """A link's arrays from a module's. Raises LayoutError on a name or a shape that the module can't have."""
        parts = _parts(self.module, arrays, [(one, one.module_names) for one in self.of_module(arrays)])
        return _merged(self.module, [(one.to_link, part) for one, part in parts])

    def gradients_to_torch(self, gradients: Arrays) -> dict[str, Array]:
        """A module's gradients from a link's, of the same loss; any that a transformation needs may be left out."""
        parts = [(one, _present(one.link_names, gradients)) for one in self.of_link(gradients)]
        return _merged(self.link, [(one.gradients_to_module, part) for one, part in parts if part])

    def gradients_to_chainer(self, gradients: Arrays) -> dict[str, Array]:
        """A link's gradients from a module's, of the same loss; any that a transformation needs may be left out."""
        parts = [(one, _present(one.module_names, gradients)) for one in self.of_module(gradients)]
        return _merged(self.module, [(one.gradients_to_link, part) for one, part in parts if part])


@dataclass(frozen=True)
class JointLayout(Layout):
    """Several links of one kind, which together are one module.

    Their arrays are named by the links' places in the order of use: `0/W`, `0/b`, `1/W`.
    """

    links: int = 1


_Parts = list[tuple[Transformation, dict[str, Array]]]


def _parts(layer: str, arrays: Arrays, transformations: list[tuple[Transformation, tuple[str, ...]]]) -> _Parts:
    """Each transformation with its arrays. Raises LayoutError where one is missing or none takes it."""
    known = [name for _, names in transformations for name in names]
    for name in arrays:
        if name not in known:
            raise LayoutError(f"{layer} has no array {name!r}; it has {', '.join(known)}")
    parts = []
    for transformation, names in transformations:
        part = _present(names, arrays)
        if not part and transformation.optional:
            continue
        missing = [name for name in names if name not in part and name not in transformation.may_lack]
        if missing:
            raise LayoutError(f"{layer} needs {', '.join(missing)} and was given {', '.join(arrays) or 'nothing'}")
        parts.append((transformation, part))
    return parts


def _present(names: tuple[str, ...], arrays: Arrays) -> dict[str, Array]:
    return {name: arrays[name] for name in names if name in arrays}


def _merged(layer: str, steps: list[tuple[Callable[[Arrays], dict[str, Array]], dict[str, Array]]]) -> dict[str, Array]:
    merged: dict[str, Array] = {}
    for function, part in steps:
        try:
            merged |= function(part)
        except LayoutError as error:
            raise LayoutError(f"{layer}: {error}") from None
    return merged
