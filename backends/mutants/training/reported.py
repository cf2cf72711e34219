"""Mistakes in what a step reports: it trains rightly, and yields another loss than the one that it computed."""

from backends.mutants.mutant import Mutant, Training, family

batches = Training("batches")
plain = Training("plain")

LOSS = ("train", "loss")
YIELDED = "loss=np.asarray(loss),"
CLEAR = "        # clear gradients\n"
LOOP = "    for update, batch in enumerate(batches, 1):\n"


def _reported(value: str) -> dict[str, str]:
    return {YIELDED: f"loss=np.asarray({value}, loss.dtype),"}


MUTANTS = family(
    "reported losses",
    Mutant("loss_is_nan", "the loss is NaN where it is logged", plain, LOSS, "train", _reported("loss * np.nan")),
    Mutant("loss_scaled", "the loss is yielded with a factor", plain, LOSS, "train", _reported("1.5 * loss")),
    Mutant(
        "loss_summed",
        "the sum over the batch is yielded in place of the mean",
        batches,
        LOSS,
        "train",
        _reported("loss * len(next(iter(batch.values())))"),
    ),
    Mutant(
        "loss_after_the_update",
        "the loss is computed again, after the update",
        plain,
        LOSS,
        "train",
        _reported("Tape(ops, program, None).forward({**batch, **buffers, **w})[program.loss]"),
    ),
    Mutant(
        "loss_of_the_update_before",
        "the loss that is yielded is one update late",
        plain,
        LOSS,
        "train",
        {
            LOOP: f"    late: Any = 0\n    kept: Any = 0\n{LOOP}",
            CLEAR: f"        late, kept = kept, loss\n{CLEAR}",
            **_reported("late"),
        },
    ),
    Mutant(
        "loss_smoothed",
        "a running mean of the loss is yielded, as progress bars show it",
        plain,
        LOSS,
        "train",
        {
            LOOP: f"    kept: Any = None\n{LOOP}",
            CLEAR: f"        kept = loss if kept is None else 0.9 * kept + 0.1 * loss\n{CLEAR}",
            **_reported("kept"),
        },
    ),
    Mutant(
        "loss_rounded",
        "the loss is rounded to four digits, as it is printed",
        plain,
        LOSS,
        "train",
        _reported("round(float(loss), 4)"),
    ),
    Mutant(
        "loss_of_the_first_row",
        "the loss is divided by the length of the batch once more",
        batches,
        LOSS,
        "train",
        _reported("loss / len(next(iter(batch.values())))"),
    ),
    Mutant(
        "loss_wrong_in_the_last_epoch",
        "the last loss is that of another run",
        plain,
        LOSS,
        "train",
        _reported("99 if update == 8 else loss"),
    ),
)
