"""What a program says of its training beside its ops, as functions of a backend."""

import inspect
from collections.abc import Callable
from functools import lru_cache, partial, wraps
from typing import Any

from backends.contract import Array, Rule


def decayed(rule: Callable[..., Any], decay: Rule | None, find: Callable[[str], Callable[..., Any]]) -> Any:
    """The hand-written rule of an optimizer, given each gradient after its decay, with its own signature.

    `find` returns the hand-written decay of a name; without a decay the rule is returned as it is.
    """
    if decay is None:
        return rule
    decay_gradient = partial(find(decay.op), **decay.settings)

    @wraps(rule)
    def with_decay(w: Array, grad_w: Array, *state: Array, **settings: Any) -> Any:
        return rule(w, decay_gradient(w, grad_w), *state, **settings)

    return with_decay


def bound(ops: Any, rule: Rule | None) -> Callable[..., Any] | None:
    """The function of a backend that a rule names, with the rule's settings; None where a program has no such rule."""
    return None if rule is None else partial(getattr(ops, rule.op), **rule.settings)


def state_slots(rule: Callable[..., Any]) -> tuple[str, ...]:
    """What a hand-written optimizer keeps for each weight, read off its signature.

    `momentum(w, grad_w, v, *, lr, momentum)` keeps `v`.
    """
    parameters = inspect.signature(rule).parameters.values()
    return tuple(p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD)[2:]


@lru_cache(maxsize=64)
def counts_updates(rule: Callable[..., Any]) -> bool:
    """Whether a hand-written optimizer asks for the number of the update, counted from 1, as its setting `t`."""
    return "t" in inspect.signature(rule).parameters
