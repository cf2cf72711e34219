"""What a function of the API returns: printed it is what the command prints, in a notebook it is a piece of HTML."""

from abc import ABC, abstractmethod


class Shown(ABC):
    """An outcome that shows itself, as text or in a notebook."""

    @abstractmethod
    def __str__(self) -> str:
        """The text that the command prints."""

    @abstractmethod
    def _repr_html_(self) -> str:
        """What a notebook shows."""

    def __repr__(self) -> str:
        return str(self)
