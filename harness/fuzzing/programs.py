"""The Hypothesis strategy of random programs: calls of any op, joined into one loss, and a way to train."""

from collections.abc import Collection, Sequence

from hypothesis import assume
from hypothesis import strategies as st

from harness.errors import InputError
from harness.fuzzing.calls import MAKERS
from harness.fuzzing.choices import Choices
from harness.fuzzing.draft import LENGTHS, Draft, FindOp, Tensor
from harness.fuzzing.numbers import ROWS, Rows
from harness.fuzzing.program import Source, source_of
from harness.fuzzing.training import training
from scenarios import DTYPES
from scenarios.language.optimizers import OPTIMIZERS

MOST_TRIES = 3
"""To call a planned op on what fits it."""
ONE_LONG_IN = 20
MANY_EPOCHS = 10
TERMS = ("reduce_sum", "reduce_mean", "mean_squared_error")
"""The ops that make one number of a result."""
LIKELY_TERMS = (*TERMS, "mean_squared_error", "mean_squared_error", "mean_squared_error")
"""More often the one that hands back a gradient of its own for every element; equal ones hide what is mixed up."""
SUMS = ("add", "add", "add", "multiply")
"""The ops that make one loss of several numbers; products of many of them overflow."""


def programs(
    find_op: FindOp, known: Sequence[str], one_of: Sequence[Collection[str]] = (), planned: Sequence[str] = ()
) -> st.SearchStrategy[Source]:
    """Random programs of the ops and rules that are known by name; `find_op` finds a hand-written op.

    Each program calls at least one op or rule of each collection in `one_of`, and nearly always the ops that are
    planned, between others. Raises InputError if those that are known can't make a loss, or train.
    """
    for needed in (TERMS, tuple(OPTIMIZERS)):
        if not set(needed) & set(known):
            raise InputError(f"random programs need one of {', '.join(needed)} in every backend")
    return _program(find_op, tuple(known), tuple(one_of), tuple(planned))


@st.composite
def _program(
    draw: st.DrawFn, find_op: FindOp, known: Sequence[str], one_of: Sequence[Collection[str]], planned: Sequence[str]
) -> Source:
    choose = Choices(draw)
    dtype = choose.of(DTYPES)
    wanted = [choose.of([name for name in known if name in names]) for names in one_of]
    wanted_ops = [name for name in wanted if name in MAKERS]
    rows = Rows(choose.of((2, 1, 3, 4)), choose.of((3, 2))) if choose.one_in(4) else None
    draft = Draft(choose, find_op, frozenset(known), rows, [choose.of(LENGTHS) for _ in range(3)])
    for op in (*planned, *wanted_ops):
        draw(_add_call(draft))
        draw(_add_planned(draft, op))
    draft.choose = choose
    loss = loss_of(draft)
    _drop_unused(draft, loss)
    assume({call.op for call in draft.calls}.issuperset(wanted_ops))
    carried = _carried(draft)
    weights = [tensor.name for tensor in draft.tensors.values() if tensor.role == "weight"]
    arguments = {
        "seed": str(choose.below(100)),
        "epochs": str(_epochs(choose, rows)),
        "dtype": f'"{dtype}"',
        "untested": '"ok"',
        **training(choose, weights, known, wanted),
    }
    if rows is None:
        return source_of(draft.draws, draft.calls, loss, carried, arguments, None, None)
    arguments["batch_size"] = str(rows.batch)
    if choose.one_in(4):
        arguments["shuffle"] = "False"
    if choose.one_in(4):
        arguments["accumulation"] = f"gradient_accumulation(batches={choose.between(2, 3)})"
    fewer = rows.batch * (rows.updates - 1) + max(1, rows.batch // 2) if choose.one_in(3) else None
    whole = rows.batch * rows.updates
    return source_of(_dealt(draft, rows), draft.calls, loss, carried, arguments, whole, fewer)


@st.composite
def _add_call(draw: st.DrawFn, draft: Draft) -> None:
    """Add a call of any op, or mostly none."""
    choose = draft.choose = Choices(draw)
    if choose.one_in(3):
        draft.attempt(MAKERS[choose.of([op for op in MAKERS if op in draft.known])])


@st.composite
def _add_planned(draw: st.DrawFn, draft: Draft, op: str) -> None:
    """Add a call of this op that the loss may depend on; none only once in eight times."""
    choose = draft.choose = Choices(draw)
    tries = range(MOST_TRIES if choose.below(8) else 0)
    any(draft.attempt(MAKERS[op], moving=True) for _ in tries)


def _epochs(choose: Choices, rows: Rows | None) -> int:
    """Three or four updates, once in a while many: some mistakes come late."""
    if choose.one_in(ONE_LONG_IN):
        return MANY_EPOCHS
    return 3 if rows is None else 2 if rows.updates == 2 else 1


def loss_of(draft: Draft) -> str:
    """Join every result that nothing uses into one number, and return its name."""
    results = _unused(draft) or [draft.weight((draft.length(),))]  # such as where all that moves is detached
    loss, *others = [_term(draft, result) for result in results]
    sums = [op for op in SUMS if op in draft.known]
    for other in others if sums else ():
        (loss,) = draft.call(draft.choose.of(sums), loss, other)
    return loss.name


def _unused(draft: Draft) -> list[Tensor]:
    """Of each call whose results depend on a weight and are used by none, one result."""
    used = {name for call in draft.calls for name in call.inputs}
    unused = []
    for call in draft.calls:
        moving = [result for result in draft.results(call) if result.moves]
        if moving and not used & {tensor.name for tensor in moving}:
            unused.append(draft.choose.of(moving))
    return unused


def _term(draft: Draft, result: Tensor) -> Tensor:
    """A result as one number."""
    if not result.shape:
        return result
    op = draft.choose.of([op for op in LIKELY_TERMS if op in draft.known])
    targets = [draft.data(result.shape)] if op == "mean_squared_error" else []
    return draft.call(op, result, *targets)[0]


def _carried(draft: Draft) -> dict[str, str]:
    """The next value of every buffer: what its op gives, or any result of its shape, or itself."""
    carried = {}
    results = [tensor for tensor in draft.tensors.values() if tensor.role == "value"]
    for tensor in draft.tensors.values():
        if tensor.role == "buffer":
            fitting = [result.name for result in results if result.shape == tensor.shape]
            carried[tensor.name] = draft.carried.get(tensor.name) or draft.choose.of([tensor.name, *fitting])
    return carried


def _drop_unused(draft: Draft, loss: str) -> None:
    """Drop the calls that the loss does not depend on, and what is drawn for them."""
    needed = {loss}
    for call in reversed(draft.calls):
        if needed & set(call.outputs):
            needed |= {*call.inputs, *call.outputs}
    draft.calls = [call for call in draft.calls if needed & set(call.outputs)]
    draft.draws = {name: text for name, text in draft.draws.items() if name in needed}
    draft.tensors = {name: tensor for name, tensor in draft.tensors.items() if name in needed}


def _dealt(draft: Draft, rows: Rows) -> dict[str, str]:
    """The draws, with data that is dealt in batches if there is none."""
    if any(ROWS in text for text in draft.draws.values()):
        return draft.draws
    return {**draft.draws, "x": f"randn({ROWS}, {rows.batch})"}
