"""Trains one scenario through several backends side by side and says whether, where and by how much they differ.

In your own tests: `lockstep.assert_agree(scenario, backends=..., dtype=..., rtol=..., atol=...)`.
"""

from typing import TYPE_CHECKING, Any

from lockstep.neighbours import check_neighbours

if TYPE_CHECKING:
    from lockstep.assertion import assert_agree

__all__ = ["assert_agree"]


def __getattr__(name: str) -> Any:
    # Imported on first use, so that `lockstep --help` needs no NumPy.
    if name == "assert_agree":
        check_neighbours()
        from lockstep.assertion import assert_agree

        return assert_agree
    raise AttributeError(f"module 'lockstep' has no attribute {name!r}")
