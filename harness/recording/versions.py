"""Which versions of Python and of the frameworks are there."""

import platform
from importlib.metadata import PackageNotFoundError, version

from backends.vocabulary import BUILT_IN


def versions() -> dict[str, str]:
    """The versions of Python and of every installed framework, without importing one."""
    installed = {"python": platform.python_version()}
    for name in BUILT_IN:
        try:
            installed[name] = version(name)
        except PackageNotFoundError:
            installed[name] = "not installed"
    return installed
