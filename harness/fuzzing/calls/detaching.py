"""Calls of the ops through which no gradient passes."""

from harness.fuzzing.calls.maker import Maker
from harness.fuzzing.draft import Draft


def detach(draft: Draft) -> None:
    """Of any tensor; it is a factor of another one, since it leads to no loss by itself."""
    x = draft.any()
    (y,) = draft.call("detach", x, holds=x.holds)
    draft.call("multiply", draft.like(x.shape), y)


MAKERS: dict[str, Maker] = {
    "detach": detach,
}
