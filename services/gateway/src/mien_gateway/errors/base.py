"""The branches of the tree: whose fault it is decides what a caller can do."""

from collections.abc import Iterator
from typing import ClassVar


class GatewayError(Exception):
    """The root; its message is written for the caller and holds no internals."""

    code: ClassVar[str]

    @property
    def detail(self) -> str:
        """The sentence for the caller."""
        return str(self.args[0])


class CallerError(GatewayError):
    """The request cannot be answered as it is."""


class TemporaryError(GatewayError):
    """The same request may succeed a moment later."""

    retry_after_seconds: float = 1


class BadAnswerError(GatewayError):
    """A part of Mien failed or answered what it must not."""


class DeadlineExceededError(GatewayError):
    """The time for this request is over."""

    code = "deadline_exceeded"

    def __init__(self, waiting_for: str) -> None:
        super().__init__(f"The time for this request ran out, waiting for {waiting_for}")


def concrete_errors(root: type[GatewayError] = GatewayError) -> Iterator[type[GatewayError]]:
    """Every error that can be raised; the mappings of the transports must know them all."""
    for kind in root.__subclasses__():
        if "code" in vars(kind):
            yield kind
        yield from concrete_errors(kind)
