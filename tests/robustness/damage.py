"""Random damage to saved documents."""

import json
import random
from collections.abc import Iterator
from typing import Any

from tests.robustness.saved import encoded

ODD: list[Any] = [
    *(None, True, 0, -1, 1, 2, 10**12, 2**63, 10**30, -0.0, 0.5, -1e308, 1e308, 5e-324),
    *("", " ", "nan", "inf", "-inf", "numpy", "torch", "agree", "float64", "\0", "\x1b[31m", "\u202e", "../x", "=1+1"),
    *([], [[]], [1], ["numpy"], {}, {"numpy": 1}, {"": []}),
]


def _places(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document, as the keys that lead there."""
    if place:
        yield place
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in items:
        yield from _places(below, (*place, key))


def damaged(whole: bytes, choices: random.Random) -> bytes:
    """A saved document after one to three random changes, or with bytes of it changed or cut off."""
    if choices.random() < 0.15:
        content = bytearray(whole)
        for _ in range(choices.randint(1, 3)):
            content[choices.randrange(len(content))] = choices.randrange(256)
        return bytes(content[: choices.randrange(len(content))] if choices.random() < 0.3 else content)
    document = json.loads(whole)
    for _ in range(choices.choice((1, 1, 1, 2, 3))):
        _change(document, choices)
    return encoded(document)


def _change(document: Any, choices: random.Random) -> None:
    places = list(_places(document))
    *above, last = choices.choice(places)
    holder = document
    for key in above:
        holder = holder[key]
    match choices.randrange(6):
        case 4 | 5 if isinstance(holder[last], float):
            holder[last] *= choices.uniform(0, 2)
        case 4 | 5 if isinstance(holder[last], str):
            holder[last] += choices.choice(("'", "\n", "\x07", "<b>", "é"))
        case 0:
            del holder[last]
        case 1:
            holder[last] = choices.choice(ODD)
        case 2:  # a value of another place
            other = document
            for key in choices.choice(places):
                other = other[key] if isinstance(other, dict | list) and _has(other, key) else other
            holder[last] = other if not isinstance(other, dict | list) else choices.choice(ODD)
        case _:
            if isinstance(holder, list):
                holder.insert(last, holder[last])
            else:
                holder[choices.choice(ODD[14:28])] = holder.pop(last)


def _has(value: Any, key: Any) -> bool:
    return key in value if isinstance(value, dict) else isinstance(key, int) and key < len(value)
