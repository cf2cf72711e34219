"""Settings of images that are one number, or two: that of the height and that of the width."""

from collections.abc import Sequence


def pair(setting: int | Sequence[int]) -> tuple[int, int]:
    """The numbers of the height and of the width. Raises ValueError for other than one number or two."""
    if isinstance(setting, int):
        return setting, setting
    if len(setting) != 2:
        raise ValueError(f"{setting} must be one number, or two: that of the height and that of the width")
    height, width = setting
    return height, width
