"""Files that the command writes."""

from pathlib import Path

from mien_client.command.faults import CommandError


class Folder:
    """A folder in which no file of one run takes the place of another one of the same run."""

    def __init__(self, path: Path) -> None:
        """Make the folder if there is none.

        Raises:
            CommandError: it cannot be made.
        """
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(path, error) from error
        self.path = path
        self._written: set[Path] = set()

    @property
    def count(self) -> int:
        """How many files were written."""
        return len(self._written)

    def save(self, stem: str, suffix: str, content: bytes) -> Path:
        """Write a file and return its path; pictures of two folders may have the same name.

        Raises:
            CommandError: it cannot be written.
        """
        path = self.path / f"{stem}{suffix}"
        number = 1
        while path in self._written:
            number += 1
            path = self.path / f"{stem}-{number}{suffix}"
        write(path, content)
        self._written.add(path)
        return path


def write(path: Path, content: bytes) -> None:
    """Write a file.

    Raises:
        CommandError: it cannot be written.
    """
    try:
        path.write_bytes(content)
    except OSError as error:
        raise cannot_write(path, error) from error


def cannot_write(path: Path, error: OSError) -> CommandError:
    """Return the error that says why a file cannot be written."""
    return CommandError(f"{path} cannot be written: {error.strerror or error}")
