"""Calls of the sums of products that are written with letters, and of the sums so far."""

from harness.fuzzing.calls.maker import Maker, axis_of
from harness.fuzzing.draft import Draft

EQUATIONS = ("ij,jk->ik", "bij,bjk->bik", "i,j->ij", "ij,ij->", "ni,ijo->njo", "ij,kj->i", "ij->ji", "ijk->k", "ij->")


def einsum(draft: Draft) -> None:
    """One tensor that there is, and another that fits it."""
    equation = draft.choose.of(EQUATIONS)
    first, *others = equation.partition("->")[0].split(",")
    x = draft.any(len(first), len(first))
    lengths = dict(zip(first, x.shape, strict=True))
    shapes = [tuple(lengths.get(letter) or draft.length() for letter in letters) for letters in others]
    draft.call("einsum", x, *map(draft.like, shapes), equation=equation)


def cumsum(draft: Draft) -> None:
    """Along any axis."""
    x = draft.any(1)
    draft.call("cumsum", x, axis=axis_of(draft.choose, len(x.shape)))


MAKERS: dict[str, Maker] = {"einsum": einsum, "cumsum": cumsum}
