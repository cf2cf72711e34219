"""Trains one scenario through several backends side by side and says whether, where and by how much they differ.

In your own tests: `lockstep.assert_agree(scenario, backends=..., dtype=..., rtol=..., atol=...)`. Where a program needs
Chainer next to today's NumPy: `chainer = lockstep.import_chainer()`.
"""

from typing import TYPE_CHECKING, Any

from lockstep.neighbours import check_neighbours

if TYPE_CHECKING:
    from backends.chainer_compatibility import import_chainer
    from lockstep.assertion import assert_agree

__all__ = ["assert_agree", "import_chainer"]


def __getattr__(name: str) -> Any:
    # Imported on first use, so that `lockstep --help` needs no NumPy.
    if name in __all__:
        check_neighbours()
    if name == "assert_agree":
        from lockstep.assertion import assert_agree

        return assert_agree
    if name == "import_chainer":
        from backends.chainer_compatibility import import_chainer

        return import_chainer
    raise AttributeError(f"module 'lockstep' has no attribute {name!r}")
