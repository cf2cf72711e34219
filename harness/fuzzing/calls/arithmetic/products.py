"""Calls of the products."""

from harness.fuzzing.calls.maker import Maker, broadcast
from harness.fuzzing.draft import Draft


def matmul(draft: Draft) -> None:
    """x (N, D) times a weight, or times another tensor that there is."""
    x = draft.any(2, 2)
    shape = x.shape[1], draft.length()
    w = (
        draft.weight(shape)
        if draft.choose.below(3)
        else draft.some(lambda s: s[:1] == x.shape[1:] and len(s) == 2, lambda: shape)
    )
    draft.call("matmul", x, w)


def batch_matmul(draft: Draft) -> None:
    """Stacks of matrices, of one shape or repeated, and one matrix."""
    x = draft.any(2, 4)
    front = broadcast(draft.choose, x.shape[:-2])
    w = draft.like((*front, x.shape[-1], draft.length()))
    draft.call("batch_matmul", x, w)


EQUATIONS = ("ij,jk->ik", "bij,bjk->bik", "i,j->ij", "ij,ij->", "ni,ijo->njo", "ij,kj->i", "ij->ji", "ijk->k", "ij->")


def einsum(draft: Draft) -> None:
    """One tensor that there is, and another that fits it."""
    equation = draft.choose.of(EQUATIONS)
    first, *others = equation.partition("->")[0].split(",")
    x = draft.any(len(first), len(first))
    lengths = dict(zip(first, x.shape, strict=True))
    shapes = [tuple(lengths.get(letter) or draft.length() for letter in letters) for letters in others]
    draft.call("einsum", x, *map(draft.like, shapes), equation=equation)


MAKERS: dict[str, Maker] = {
    "matmul": matmul,
    "batch_matmul": batch_matmul,
    "einsum": einsum,
}
