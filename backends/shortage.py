"""How much memory was asked for when it ran out, as NumPy and each framework say it."""

import re

UNITS = {"bytes": 0, "KiB": 1, "MiB": 2, "GiB": 3, "TiB": 4, "PiB": 5, "EiB": 6}
"""Powers of 1,024."""
_AMOUNT = rf"(\d+\.?\d*) ({'|'.join(UNITS)})"
_MESSAGES = {
    "NumPy and Chainer": re.compile(rf"Unable to allocate {_AMOUNT}"),
    "PyTorch on the CPU": re.compile(rf"DefaultCPUAllocator: .*tried to allocate {_AMOUNT}", re.DOTALL),
    "PyTorch on a GPU": re.compile(rf"out of memory\. Tried to allocate {_AMOUNT}"),
    "C++": re.compile(r"std::bad_alloc"),
}
"""PyTorch raises a RuntimeError on the CPU; only its text says that memory ran out."""


def is_shortage(error: BaseException) -> bool:
    """Whether an error says that there was not enough memory."""
    return isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and _match(error) is not None)


def asked_for(error: BaseException) -> str:
    """How much memory an error of that kind says was asked for, as `7.5 GiB`; empty if it does not say."""
    match = _match(error)
    if match is None or not match.groups():
        return ""
    amount, unit = float(match[1]), match[2]
    power = UNITS[unit]
    while amount >= 1024 and power < len(UNITS) - 1:
        amount, power = amount / 1024, power + 1
    return f"{amount:.3g} {list(UNITS)[power]}"


def _match(error: BaseException) -> re.Match[str] | None:
    return next(filter(None, (message.search(str(error)) for message in _MESSAGES.values())), None)
