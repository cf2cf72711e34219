"""Calls of layers."""

from harness.fuzzing.calls.maker import Maker
from harness.fuzzing.draft import Draft


def linear(draft: Draft) -> None:
    """Rows, or sequences of them; with or without a bias."""
    x = draft.any(2)
    width = draft.length()
    bias = [draft.weight((width,))] if draft.choose.one_in(2) else []
    draft.call("linear", x, draft.weight((x.shape[-1], width)), *bias)


def embedding(draft: Draft) -> None:
    """A small table, so that ids come up again; with padding, or a label that is ignored and names no row."""
    table = draft.some(lambda shape: len(shape) == 2, lambda: (draft.length(), draft.length()))
    rows = table.shape[0]
    shape = draft.any_shape(1, 2)
    match draft.choose.of(("plain", "padding", "ignored")):
        case "padding":
            draft.call("embedding", draft.labels(shape, rows), table, padding_id=draft.choose.below(rows))
        case "ignored":
            label = draft.choose.of((-1, 0, rows))
            draft.call("embedding", draft.labels(shape, rows, label), table, ignore_label=label)
        case _:
            draft.call("embedding", draft.labels(shape, rows), table)


def dropout(draft: Draft) -> None:
    """A mask that is drawn once, for each epoch or for each update."""
    x = draft.any(1)
    ratio = draft.choose.of((0.5, 0.1, 0.8))
    draft.call("dropout", x, draft.mask(x.shape, 1 - ratio), ratio=ratio)


MAKERS: dict[str, Maker] = {
    "linear": linear,
    "embedding": embedding,
    "dropout": dropout,
}
