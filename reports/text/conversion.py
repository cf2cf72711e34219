"""What a conversion of weights did, as text."""

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
        verdict = "agree" if checked.agrees else "differ"
        lines.append(f"the models {verdict} on an input of shape {checked.shape}: off by {checked.off_by:.2g}")
    return "".join(f"{line}\n" for line in lines)
