"""Mistakes in the training loop: what is cleared, added up, carried over, dealt out and updated, and when."""

from backends.mutants.mutant import Mutant, Training, family

batches = Training("batches")
branches = Training("branches")
plain = Training("plain")
square = Training("square")
with_adam = Training("with_adam")
residual_shared = Training("residual_shared", epochs=5)

LOOP = "    for update, batch in enumerate(batches, 1):\n"
CLEAR = "        grads: Tensors = {} if is_first else accumulated\n"
EACH = "        for name, step in steps.items():\n"
ADD_UP = "grads[name] = grads[name] + grad if name in grads else grad"
ITS = '            its = {**of_optimizer[name], "t": step} if counts[name] else of_optimizer[name]\n'
FORWARD = "        # forward\n"
STEP = "            w[name], *state[name] = _as_tuple(rules[name](w[name], received[name], *state[name], **its))\n"
STATE = (
    "    state = {name: [np.full_like(w[name], first) for first in program.first_state_of(name).values()]"
    " for name in w}\n"
)
BEFORE_RULES = "        for name, room in rooms.items():\n"
UPDATE_AT_ONCE = """
                if name in self._program.weights:
                    tensors[name][...] -= np.float32(0.1) * grad"""


def _at_the_start(line: str) -> dict[str, str]:
    """One more line at the start of every update, before which nothing was kept."""
    return {LOOP: f"    kept: Any = None\n{LOOP}        {line}\n"}


MUTANTS = family(
    "training loops",
    Mutant(
        "no_gradient_cleared",
        "no gradient is ever cleared, so that all add up over updates",
        plain,
        ("mean_squared_error", "backward"),
        "train",
        {
            CLEAR: "        grads: Tensors = {} if update == 1 else grads\n",
            "given, tensors, grads, received": "given, tensors, received",
        },
    ),
    Mutant(
        "weight_gradients_not_cleared",
        "the weights' gradients are not cleared, so that they add up over updates",
        plain,
        ("matmul", "backward"),
        "train",
        {CLEAR: "        grads: Tensors = {} if update == 1 else accumulated\n"},
        cause="plus that of update 2: gradients are added up, not cleared",
    ),
    Mutant(
        "gradients_not_cleared_between_epochs",
        "the weights' gradients are cleared at all updates but the first of an epoch",
        batches,
        ("matmul", "backward"),
        "train",
        {CLEAR: "        grads: Tensors = {} if update % 3 != 1 or update == 1 else accumulated\n"},
        cause="plus that of update 4: gradients are added up, not cleared",
    ),
    Mutant(
        "gradients_not_added_up",
        "= for +=: of a tensor that is used twice, only the last use counts",
        residual_shared,
        ("add or matmul", "backward"),
        "Tape",
        {ADD_UP: "grads[name] = grad"},
        cause="the last use overwrites the others, = for +=",
    ),
    Mutant(
        "first_use_counts",
        "a gradient that is there already is left as it is",
        branches,
        ("add or relu or sigmoid", "backward"),
        "Tape",
        {ADD_UP: "grads[name] = grads[name] if name in grads else grad"},
        cause="the other uses are not added",
    ),
    Mutant(
        "gradients_added_up_in_place",
        "+= on an array that add has handed to both of its branches",
        branches,
        ("add or relu or sigmoid", "backward"),
        "Tape",
        {ADD_UP: "grads[name] = grads[name].__iadd__(grad) if name in grads else grad"},
    ),
    Mutant(
        "loss_scale_left_in",
        "the gradient of the loss starts from 1024, as for half precision, and is never divided by it",
        plain,
        ("mean_squared_error", "backward"),
        "train",
        {"type(1 if share is None else share)": "type(1024)"},
        cause="1,024 times want",
    ),
    Mutant(
        "gradient_norm_clipped",
        "gradients are clipped to a norm of 0.1 before the step",
        plain,
        ("matmul", "backward"),
        "train",
        {
            BEFORE_RULES: (
                "        norm = sum(float(np.sum(grads[name] ** 2)) for name in w) ** 0.5\n"
                "        grads |= {name: (grads[name] * min(1, 0.1 / norm)).astype(loss.dtype) for name in w}\n"
                f"{BEFORE_RULES}"
            )
        },
    ),
    Mutant(
        "step_within_backward",
        "a weight is updated in place as soon as one of its uses has a gradient, before the other use is reached",
        residual_shared,
        ("matmul", "backward"),
        "Tape",
        {ADD_UP: f"{ADD_UP}{UPDATE_AT_ONCE}"},
        cause="wrote over its input w",
    ),
    Mutant(
        "forward_with_stale_weights",
        "the forward pass is made with the weights of the update before, as in a pipeline",
        plain,
        ("matmul", "forward"),
        "train",
        {
            **_at_the_start("stale, kept = kept or w, dict(w)"),
            "{**batch, **buffers, **w}": "{**batch, **stale}",
        },
        cause="from the weights before update 1: they are out of date",
    ),
    Mutant(
        "last_weight_frozen",
        "the last weight is never updated",
        plain,
        ("sgd", "update"),
        "train",
        {EACH: "        for name, step in [*steps.items()][:-1]:\n"},
        cause="without lr · grad_w2",
    ),
    Mutant(
        "layer_frozen_in_last_epoch",
        "the first layer is frozen in the last epoch, left over from fine-tuning",
        batches,
        ("momentum", "state"),
        "train",
        {EACH: "        for name, step in [*steps.items()][update > 9 :]:\n"},
        cause="as it was before the update",
    ),
    Mutant(
        "rate_falls_in_last_epoch",
        "the learning rate falls by a thousandth in the last epoch, a schedule that was left on",
        plain,
        ("sgd", "update"),
        "train",
        {ITS: f'{ITS}            its = {{**its, "lr": 0.1 * (1 if update < 8 else 0.999)}}\n'},
        cause="lr is 0.0999, not",
    ),
    Mutant(
        "rate_warms_up",
        "the first update takes half a step, a warm-up that was left on",
        plain,
        ("sgd", "update"),
        "train",
        {ITS: f'{ITS}            its = {{**its, "lr": 0.05 if update == 1 else 0.1}}\n'},
        cause="lr is 0.05, not",
    ),
    Mutant(
        "rate_decays",
        "the learning rate decays by a millionth with every update, a default of old",
        plain,
        ("sgd", "update"),
        "train",
        {ITS: f'{ITS}            its = {{**its, "lr": 0.1 / (1 + 1e-6 * (update - 1))}}\n'},
        cause="lr is 0.0999999, not",
    ),
    Mutant(
        "weights_before_the_step",
        "the weights that are handed on are those before the step",
        plain,
        ("sgd", "update"),
        "train",
        {FORWARD: f"        before = dict(w)\n{FORWARD}", "weights=w,": "weights=before,"},
        cause="without lr · grad_w1",
    ),
    Mutant(
        "updates_counted_from_two",
        "t is counted up once too often before the first update",
        with_adam,
        ("adam", "update"),
        "train",
        {"enumerate(batches, 1)": "enumerate(batches, 2)"},
        cause="t is 2, not 1",
    ),
    Mutant(
        "state_reset_every_epoch",
        "the optimizer is made anew in every epoch",
        batches,
        ("momentum", "state"),
        "train",
        {LOOP: f"{LOOP}        if update % 3 == 1:\n        {STATE}"},
        cause="without momentum · v_w1",
    ),
    Mutant(
        "moments_share_memory",
        "m and v are one array, updated in place",
        with_adam,
        ("adam", "state"),
        "train",
        {
            STATE: "    state = {name: [np.zeros_like(w[name])] * len(program.slots_of(name)) for name in w}\n",
            STEP: (
                "            w[name], *new = _as_tuple(rules[name](w[name], received[name], *state[name], **its))\n"
                "            for kept, array in zip(state[name], new, strict=True):\n"
                "                kept[...] = array\n"
            ),
        },
    ),
    Mutant(
        "batch_used_twice",
        "the second batch of an epoch is the first one again",
        batches,
        ("matmul", "forward"),
        "train",
        _at_the_start("batch = kept = kept if update % 3 == 2 else batch"),
    ),
    Mutant(
        "batches_one_ahead",
        "the first batch is dropped and the last one used twice: a loader that was asked for a look beforehand",
        batches,
        ("matmul", "forward"),
        "train",
        {LOOP: f"    given = list(batches)\n    batches = [*given[1:], given[-1]]\n{LOOP}"},
    ),
    Mutant(
        "last_row_of_small_batch_dropped",
        "of a batch of an odd number of rows, the last one is dropped",
        batches,
        ("matmul", "forward"),
        "train",
        {LOOP: f"{LOOP}        batch = {{name: array[: len(array) // 2 * 2] for name, array in batch.items()}}\n"},
    ),
    Mutant(
        "small_batch_filled_up",
        "the last, smaller batch is filled up with a row of the one before, whose buffer it is read into",
        batches,
        ("matmul", "forward"),
        "train",
        {
            **_at_the_start("kept = kept or batch"),
            "        # forward\n": (
                "        batch = {n: np.concatenate([array, kept[n][len(array) :]]) for n, array in batch.items()}\n"
                "        kept = batch\n"
            ),
        },
    ),
    Mutant(
        "labels_shuffled_apart",
        "labels are in another order than their examples",
        batches,
        ("softmax_cross_entropy", "forward"),
        "train",
        {LOOP: f'{LOOP}        batch = {{**batch, "t": batch["t"][::-1]}}\n'},
    ),
    Mutant(
        "weights_tied_by_shape",
        "gradients are kept by shape, so that weights of one shape share one",
        square,
        ("layer_norm", "backward"),
        "train",
        {
            BEFORE_RULES: (
                "        by_shape = {w[name].shape: grads[name] for name in w}\n"
                "        grads |= {name: by_shape[w[name].shape] for name in w}\n"
                f"{BEFORE_RULES}"
            )
        },
    ),
)
