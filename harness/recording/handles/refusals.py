"""Why a scenario's tensors do not take what Python and NumPy could do with numbers, and what to write instead."""

import numpy as np

from backends.vocabulary import KINDS
from scenarios.language.values import shown

ONLY_OPS = "a scenario's tensors only go through ops, such as op.matmul(x, w); `lockstep list` names them"
NO_VALUE = "has no value while the scenario is recorded; only its shape is known"
NOT_COMPARED = (
    "{} can't be compared: it has no value while the scenario is recorded. op.relu, op.clip, op.maximum and op.minimum "
    "choose by size, and op.where by a mask that is drawn"
)
NOT_COUNTED = f"no op stands for {{}}: {ONLY_OPS}"
REFUSED = {
    "array": ONLY_OPS,
    "contains": f"{{}} {NO_VALUE}",
    "float": f"{{}} {NO_VALUE}",
    "int": f"{{}} {NO_VALUE}",
    "index": f"{{}} {NO_VALUE}",
    "setitem": "{} can't be changed in place; op.where, op.concatenate and op.pad make a new tensor of parts",
    "delitem": "{} can't be changed in place; op.slice_axis takes a part of it",
    "rpow": "the exponent of ** must be a number; for 2 ** {0} write op.exp({0} * math.log(2))",
    **dict.fromkeys(("eq", "ne", "lt", "le", "gt", "ge"), NOT_COMPARED),
    **{
        name: NOT_COUNTED.format(sign)
        for sign, names in {
            "//": ("floordiv", "rfloordiv"),
            "%": ("mod", "rmod"),
            "&": ("and", "rand"),
            "|": ("or", "ror"),
            "^": ("xor", "rxor"),
            "~": ("invert",),
        }.items()
        for name in names
    },
}
"""Special methods that a tensor has only to refuse, by name, with the reason; {} stands for the tensor's name."""
KNOWN = {"ndim": "write len({}.shape)", "size": "write math.prod({}.shape)", "mT": "write op.transpose({}, axes=…)"}
"""What to write for an attribute of arrays that no op computes."""


def instead_of_attribute(tensor: str, attribute: str) -> str:
    """What to write for an attribute or a method of an array, such as `x.sum()`."""
    if attribute in KNOWN:
        return KNOWN[attribute].format(tensor)
    op = next((op for op in (attribute, f"reduce_{attribute}") if KINDS.get(op) == "op"), None)
    return ONLY_OPS if op is None else f"tensors only go through ops; write op.{op}({tensor}, …)"


def beside(item: object) -> str:
    """What stands beside a tensor where an operator takes none such, and what to do about it."""
    if isinstance(item, np.ndarray) and not item.shape:
        return "not an array of shape (); write float(…) around it"
    if isinstance(item, np.ndarray | list | tuple):
        return f"not {_article(type(item).__name__)}; draw an array with param(load=…, frozen=True)"
    return f"not {shown(item)}"


def _article(kind: str) -> str:
    return "an array" if kind == "ndarray" else f"a {kind}"
