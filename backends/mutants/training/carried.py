"""Mistakes with what is carried from update to update: a state, or a copy of the weights."""

from backends.mutants.mutant import Mutant, Training, family

segments = Training("truncated_backpropagation", epochs=2)
copies = Training("target_network", epochs=2)
averages = Training("averaged_target", epochs=2)

LOOP = "    for t, batch in enumerate(batches, 1):\n"
CARRY = "        buffers = {name: tensors[value] for name, value in program.carried.items()}\n"

MUTANTS = family(
    "what is carried from update to update",
    Mutant(
        "state_starts_anew_at_every_segment",
        "the state after a segment is cut off: the next segment starts at the first state again",
        segments,
        ("rnn", "state"),
        "train",
        {CARRY: "        buffers = {name: np.array(array) for name, array in program.buffers.items()}\n"},
        cause="got is 0",
    ),
    Mutant(
        "target_refreshed_at_every_update",
        "the copy of the weights is renewed at every update",
        copies,
        ("where", "forward"),
        "train",
        {LOOP: f'{LOOP}        batch = {{**batch, "refresh": np.ones_like(batch["refresh"])}}\n'},
        cause="is the other branch",
    ),
    Mutant(
        "target_is_the_trained_network",
        "the copy is no copy: it holds the weights that are trained",
        averages,
        ("add", "state"),
        "train",
        {CARRY: f'{CARRY}        buffers |= {{f"target_{{name}}": weight for name, weight in w.items()}}\n'},
    ),
)
