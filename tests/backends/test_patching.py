"""Changing source text: every text to change stands exactly once, or the message says how often it does."""

import pytest

from backends.patching import PatchError, replace_once


def test_changes_are_made_one_after_the_other() -> None:
    assert replace_once("a = b + c", [("b", "2 * a"), ("+ c", "- c")], "here") == "a = 2 * a - c"


@pytest.mark.parametrize(("old", "count"), [("d", 0), ("b", 2)])
def test_a_text_that_does_not_stand_exactly_once_is_refused(old: str, count: int) -> None:
    with pytest.raises(PatchError, match=f"'{old}' stands {count} times in the code of f; it must stand there once"):
        replace_once("a = b + b", [("a", "c"), (old, "e")], "the code of f")
