"""Arrays in NumPy's files, named in one string: `weights.npz:l1/W`, or `weights.npy`.

NumPy and zipfile are imported when a file is read, so listing scenarios is instant.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scenarios.language.errors import ScenarioError, did_you_mean, near_miss

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

ARCHIVE, SINGLE = ".npz", ".npy"


@dataclass(frozen=True)
class ArrayFile:
    """One array in a file. Called, it reads the array."""

    path: Path
    key: str | None
    """The array's name in an archive; None for a file with a single array."""

    def __call__(self) -> Array:
        """The array, in the dtype of the file. Raises ScenarioError if it can't be read."""
        from zipfile import BadZipFile

        import numpy as np

        if not self.path.is_file():
            beside = [each.name for each in self.path.parent.glob(f"*{self.path.suffix}")]
            raise ScenarioError(f"there is no file {self.path}{near_miss(self.path.name, beside)}")
        try:
            if self.key is None:
                return np.asarray(np.load(self.path, allow_pickle=False))
            with np.load(self.path, allow_pickle=False) as archive:
                if self.key not in archive.files:
                    hint = did_you_mean(self.key, archive.files)
                    raise ScenarioError(f"{self.path} has no array {self.key!r}{hint}")
                return np.asarray(archive[self.key])
        except (OSError, ValueError, EOFError, BadZipFile, TypeError, AttributeError) as error:
            # np.load returns something else than an archive for a file that is only named like one.
            raise ScenarioError(f"{self.path} can't be read as a {self.path.suffix} file: {error}") from error

    def beside(self, folder: Path) -> ArrayFile:
        """The same file, where a relative path starts from `folder`."""
        return ArrayFile(folder / self.path, self.key)


def array_file(text: str) -> ArrayFile | None:
    """The array that a text such as `weights.npz:l1/W` names; None if it names none."""
    if text.endswith(SINGLE):
        return ArrayFile(Path(text), None)
    name, colon, key = text.partition(f"{ARCHIVE}:")
    return ArrayFile(Path(f"{name}{ARCHIVE}"), key) if colon and name and key else None
