"""What a script needs around a backend's lines: imports, and conversions between arrays and tensors."""

from __future__ import annotations

import platform
import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version

from backends.vocabulary import BUILT_IN
from reports.source.definitions import mapping

SETUPTOOLS = "setuptools<81"
"""What Chainer's build needs: its only distribution is a source archive whose build imports pkg_resources."""


@dataclass(frozen=True)
class Framework:
    """How a backend's scripts are written; `{}` stands for an expression."""

    module: str
    packages: tuple[str, ...]
    """The distributions to install."""
    imported: tuple[str, ...]
    """The names that its imports define, NumPy's among them."""
    data: str
    weight: str
    buffer: str
    average: str
    """What the average of a weight starts at."""
    loss: str
    """The loss as an array or a NumPy number, which prints all its digits."""
    number: str
    """The loss as a Python number."""
    by_hand: bool = False
    """Whether its ops have a backward of their own; otherwise the framework's autograd computes gradients."""
    standard: tuple[str, ...] = ()
    """Its imports from the standard library."""
    before_import: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    after_import: tuple[str, ...] = ()


def framework(backend: str) -> Framework:
    """The framework of a built-in backend."""
    return {"numpy": _numpy, "chainer": _chainer, "torch": _torch}[backend]()


def metadata(frame: Framework) -> str:
    """The block that tells `uv run` what to install: the installed versions, or else those that lockstep declares."""
    dependencies = ", ".join(f'"{_requirement(package)}"' for package in frame.packages)
    major, minor, _ = platform.python_version_tuple()
    lines = ["# /// script", f'# requires-python = ">={major}.{minor}"', f"# dependencies = [{dependencies}]"]
    if "chainer" in frame.packages:
        lines += ["# [tool.uv]", f'# build-constraint-dependencies = ["{SETUPTOOLS}"]']
    return "\n".join([*lines, "# ///"])


def _requirement(package: str) -> str:
    try:
        return f"{package}=={version(package).partition('+')[0]}"
    except PackageNotFoundError:
        declared = [needed for needed in requires("lockstep") or () if re.match(rf"{package}\b", needed)]
        return declared[0] if declared else package


def _numpy() -> Framework:
    return Framework(
        module=BUILT_IN["numpy"],
        packages=("numpy",),
        imported=("np",),
        by_hand=True,
        data="{}",
        weight="{}",
        buffer="{}",
        average="{}.copy()",
        loss="{}",
        number="float({})",
    )


def _chainer() -> Framework:
    """Chainer on today's NumPy with stand-ins for what that lacks: an older NumPy would change the run's bits."""
    old_names = mapping("backends.compatibility.chainer", "lost_names")
    return Framework(
        module=BUILT_IN["chainer"],
        packages=("chainer", "numpy"),
        imported=("np", "chainer", "F"),
        standard=("import sys", "from unittest.mock import MagicMock"),
        before_import=(
            "# Chainer asks for what today's Python, setuptools and NumPy no longer have, and does without it.",
            'sys.modules["pkg_resources"] = MagicMock('
            "require=MagicMock(side_effect=ImportError), DistributionNotFound=ImportError)",
            'sys.modules["numpy.distutils"] = sys.modules["numpy.distutils.system_info"] = MagicMock()',
            *(f"np.{name} = {value}" for name, value in old_names.items()),
        ),
        imports=("import chainer", "import chainer.functions as F"),
        data="chainer.as_variable({})",
        weight="chainer.Parameter({})",
        buffer="chainer.as_variable({})",
        average="{}.array.copy()",
        loss="{}.array",
        number="float({}.array)",
    )


def _torch() -> Framework:
    return Framework(
        module=BUILT_IN["torch"],
        packages=("numpy", "torch"),
        imported=("np", "torch"),
        imports=("import torch",),
        after_import=("torch.set_num_threads(1)",),
        data="torch.from_numpy({})",
        weight="torch.tensor({}, requires_grad=True)",
        buffer="torch.tensor({})",
        average="{}.detach().clone()",
        loss="{}.detach().numpy()",
        number="{}.item()",
    )
