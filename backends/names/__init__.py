"""The table from Chainer's public names to PyTorch. Reading it imports no framework; `proving` runs its lines."""

from backends.names import (
    activations,
    arrays,
    connections,
    links,
    losses,
    mathematics,
    optimizers,
    pooling,
    recurrent,
)
from backends.names.correspondence import KINDS, Correspondence

MODULES = (mathematics, arrays, activations, connections, pooling, losses, links, recurrent, optimizers)

LINES: tuple[Correspondence, ...] = tuple(
    sorted((line for module in MODULES for line in module.LINES), key=lambda line: (KINDS.index(line.kind), line.name))
)
"""All lines, each kind in alphabetical order."""
