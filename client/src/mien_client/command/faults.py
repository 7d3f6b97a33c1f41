"""What ends the command, as a sentence and a status."""

from mien_client.command.statuses import ExitStatus


class CommandError(Exception):
    """Ends the command with a sentence on stderr and no traceback."""

    def __init__(
        self, sentence: str, *, remedy: str = "", status: ExitStatus = ExitStatus.FAILED
    ) -> None:
        """Take what went wrong, what to do about it, and how the command ends."""
        super().__init__(sentence)
        self.sentence = sentence
        self.remedy = remedy
        self.status = status


class ReaderGoneError(Exception):
    """Whoever reads our output has had enough of it, as `head` has."""
