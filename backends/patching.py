"""Replaces text in source code."""

from collections.abc import Iterable


class PatchError(ValueError):
    """The source code is not what a change of it expects."""


def replace_once(source: str, changes: Iterable[tuple[str, str]], where: str) -> str:
    """Make changes, pairs of an old and a new text, one after the other.

    Raises PatchError if an old text does not stand exactly once in the source when its turn comes. `where` says in that
    message whose source it is.
    """
    for old, new in changes:
        count = source.count(old)
        if count != 1:
            raise PatchError(f"{old!r} stands {count} times in {where}; it must stand there once")
        source = source.replace(old, new)
    return source
