"""Tasks that cost nothing or take their time."""

import time
from typing import Any


def squared(number: int) -> int:
    return number * number


def slow(number: int) -> int:
    time.sleep(0.6)  # more than a submission should take, so that each is one task
    return number


def lost(task: Any, why: str) -> str:
    return f"{task}: {why}"
