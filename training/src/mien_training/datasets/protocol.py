"""The interface of a data set's reader."""

from pathlib import Path
from typing import Protocol

from mien_training.datasets.faces import Parts


class DataSet(Protocol):
    """Knows one data set: where it comes from, which files it has and how they are read."""

    @property
    def title(self) -> str:
        """Full name, authors and year, as a model card cites it."""

    @property
    def licence(self) -> str:
        """What may be done with models made from it, in one sentence."""

    @property
    def remedy(self) -> str:
        """Where to get it and what the folder must hold; ends every error about a file."""

    def files(self, folder: Path) -> list[Path]:
        """Return the files that :meth:`read` reads, in a fixed order, for the hash of the data.

        Raises:
            DataError: there are none.
        """

    def read(self, folder: Path) -> Parts:
        """Return the faces in their parts.

        Raises:
            DataError: a file is missing, unreadable or does not hold what it should; the message
                names the file and the remedy.
        """
