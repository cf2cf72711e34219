"""Trains one scenario through several backends side by side and says whether, where and by how much they differ.

In a test of your own: `lockstep.assert_agree(scenario, backends=..., dtype=..., rtol=..., atol=...)`.
"""

from typing import TYPE_CHECKING, Any

from lockstep.neighbours import check_neighbours

if TYPE_CHECKING:
    from lockstep.assertion import assert_agree

__all__ = ["assert_agree"]


def __getattr__(name: str) -> Any:
    # Imported at its first use, so that `lockstep --help` needs no NumPy.
    if name == "assert_agree":
        check_neighbours()
        from lockstep.assertion import assert_agree

        return assert_agree
    raise AttributeError(f"module 'lockstep' has no attribute {name!r}")
