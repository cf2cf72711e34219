"""Mistakes with what is not trained, carried from update to update or frozen, and with what is drawn per update."""

from backends.mutants.mutant import Mutant, Training, family

frozen = Training("fine_tuning", epochs=6)
per_update = Training("drop_connect", epochs=4)
codes = Training("vae", epochs=1)
segments = Training("truncated_backpropagation", epochs=2)
copies = Training("target_network", epochs=2)
averaged = Training("averaged_target", epochs=2)
penalties = Training("elastic_net", epochs=2)

LOOP = "    for update, batch in enumerate(batches, 1):\n"
CARRY = "        buffers = {name: tensors[value] for name, value in program.carried.items()}\n"
START = "    w: Tensors = {name: np.array(array) for name, array in weights.items()}\n"

MUTANTS = family(
    "what is not trained, or drawn per update",
    Mutant(
        "frozen_weight_trained",
        "a frozen weight has a gradient, and is trained like any other",
        frozen,
        ("keep", "state"),
        "train",
        {
            START: (
                "    from dataclasses import replace\n"
                f"    program = replace(program, differentiable=program.differentiable | program.kept)\n{START}"
            ),
            CARRY: (
                f"{CARRY}"
                '        rate = loss.dtype.type(program.optimizer.settings["lr"])\n'
                "        buffers |= {name: buffers[name] - rate * grads[name] for name in program.kept}\n"
            ),
        },
        cause="a frozen weight stays as it is",
    ),
    Mutant(
        "frozen_weight_decayed",
        "the weight decay is applied to frozen weights as well",
        frozen,
        ("keep", "state"),
        "train",
        {
            CARRY: (
                f"{CARRY}"
                "        rate = loss.dtype.type(1e-4)\n"
                "        buffers |= {name: buffers[name] - rate * buffers[name] for name in program.kept}\n"
            ),
        },
        cause="a frozen weight stays as it is",
    ),
    Mutant(
        "rows_shuffled_although_in_order",
        "the rows of a batch are shuffled, although they are to keep their order",
        per_update,
        ("matmul", "forward"),
        "train",
        {LOOP: f'{LOOP}        batch = {{**batch, "x": np.random.RandomState(update).permutation(batch["x"])}}\n'},
    ),
    Mutant(
        "mask_of_first_update_kept",
        "a mask is drawn once and kept, although it is to be drawn anew for every update",
        per_update,
        ("multiply", "forward"),
        "train",
        {
            LOOP: f'    mask: Any = None\n{LOOP}        mask = batch["kept"] if mask is None else mask\n'
            '        batch = {**batch, "kept": mask}\n'
        },
    ),
    Mutant(
        "noise_of_first_update_kept",
        "the noise is drawn once and kept, although it is to be drawn anew for every update",
        codes,
        ("multiply", "forward"),
        "train",
        {
            LOOP: f'    noise: Any = None\n{LOOP}        noise = batch["noise"] if noise is None else noise\n'
            '        batch = {**batch, "noise": noise}\n'
        },
    ),
    Mutant(
        "noise_left_out",
        "the noise of an update is left out, as in evaluation mode",
        per_update,
        ("add", "forward"),
        "train",
        {LOOP: f'{LOOP}        batch = {{**batch, "noise": np.zeros_like(batch["noise"])}}\n'},
        cause="without noise",
    ),
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
        "state_of_one_step_before_carried",
        "the state before the last step of a segment is carried on, not that after it",
        segments,
        ("rnn", "state"),
        "train",
        {
            CARRY: (
                '        before = [call.outputs[0] for call in program.calls if call.op == "rnn"][-2]\n'
                "        buffers = {name: tensors[before if name == 'state' else name] for name in program.carried}\n"
            ),
        },
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
        averaged,
        ("add", "state"),
        "train",
        {CARRY: f'{CARRY}        buffers |= {{f"target_{{name}}": weight for name, weight in w.items()}}\n'},
    ),
    Mutant(
        "constants_as_whole_numbers",
        "numbers beside tensors are read as whole numbers",
        penalties,
        ("multiply", "forward"),
        "train",
        {
            START: (
                f"{START}"
                "    whole = {name: array.astype(int).astype(array.dtype) for name, array in program.buffers.items()}\n"
            ),
            "{**batch, **buffers, **w}": "{**batch, **buffers, **w, **whole}",
        },
        cause="got is 0",
    ),
)
