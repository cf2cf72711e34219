"""What flows through the article's network in an epoch."""

from typing import NamedTuple

from backends.contract import Array


class Flow(NamedTuple):
    """The values of h, h_r and y_p, and the gradients of the loss with respect to them.

    A rung that computes its gradients by hand yields both; in the others, hooks of the framework record them.
    """

    values: tuple[Array, Array, Array]
    gradients: tuple[Array, Array, Array]
