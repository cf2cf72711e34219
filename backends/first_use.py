"""What a framework imports at its first update rather than with its backend, and takes seconds to."""

IMPORTED_AT_THE_FIRST_UPDATE = ("torch._dynamo",)
"""PyTorch's optimizers import it."""
