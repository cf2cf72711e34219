"""What becomes of the losses of all elements, rows or positions."""

REDUCTIONS = ("mean", "sum", "none")
"""One number, which training makes small; or each loss as it is, for another op to make one number of them."""
