"""What flows through the article's network in an epoch."""

from typing import NamedTuple

from backends.contract import Array


class Flow(NamedTuple):
    """The values of h, h_r and y_p, and the gradients of the loss towards them.

    A rung that computes its gradients by hand yields both; of the others, the framework's own hooks see them.
    """

    values: tuple[Array, Array, Array]
    gradients: tuple[Array, Array, Array]
