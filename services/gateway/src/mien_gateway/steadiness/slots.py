"""Admission: a bounded number of things at a time, and no queue."""

from types import TracebackType

from mien_gateway.errors import OverloadedError


class Slots:
    """A context manager that refuses at once when `limit` are inside."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken = 0

    @property
    def taken(self) -> int:
        """How many are inside."""
        return self._taken

    def __enter__(self) -> None:
        """Raises OverloadedError when full."""
        if self._taken >= self._limit:
            raise OverloadedError
        self._taken += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._taken -= 1
