"""What a conversion of weights did, as text."""

from math import isnan

from tabulate import tabulate

from harness.converting.check import Checked
from harness.converting.conversion import Conversion


def render_conversion(conversion: Conversion, checked: Checked | None, source: str, target: str) -> str:
    """A table of the layers that were paired, what was left out, and what has to be known."""
    pairs = [[layer.path or "(the model itself)" for layer in (pair.source, pair.target)] for pair in conversion.pairs]
    lines = [tabulate(pairs, headers=[source, target], disable_numparse=True)] if pairs else []
    for title, entries in (
        ("left out, without a place in the model", conversion.left_out),
        ("missing, for which the file has nothing", conversion.missing),
        ("note", conversion.notes),
    ):
        lines += [f"{title}: {entry}" for entry in entries]
    if checked is not None:
        lines += _result(checked)
    return "".join(f"{line}\n" for line in lines)


def _result(checked: Checked) -> list[str]:
    where = f"on an input of shape {checked.shape}"
    if isnan(checked.off_by):
        return [f"the models can't be compared {where}: there is NaN in what they return"]
    if checked.agrees:
        return [f"the models agree {where}: off by {checked.off_by:.2g}"]
    return [
        f"the models differ {where}: off by {checked.off_by:.2g}",
        "if the pairs above are right, a setting or a call differs, such as the eps of batch normalisation: "
        "`lockstep compare` says where",
    ]
