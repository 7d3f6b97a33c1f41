"""Takes frames as fast as they come and hands the newest one out, in a thread."""

from collections.abc import Iterator
from threading import Condition, Thread
from typing import Generic, TypeVar

T = TypeVar("T")


class Newest(Generic[T]):
    """The newest of what an iterator gives; what is overtaken is passed over."""

    def __init__(self, source: Iterator[T]) -> None:
        """Begin to take at once, in a thread that does not keep the process alive."""
        self._source = source
        self._changed = Condition()
        self._waiting: list[T] = []
        self._is_over = False
        self._error: Exception | None = None
        Thread(target=self._take, name="mien-newest-frame", daemon=True).start()

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        """Wait for the next one; raises what the source raised, when nothing else is left."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_over)
            if self._waiting:
                return self._waiting.pop()
            if self._error:
                raise self._error
            raise StopIteration

    def close(self) -> None:
        """Take no more."""
        with self._changed:
            self._is_over = True

    def _take(self) -> None:
        try:
            for item in self._source:
                with self._changed:
                    if self._is_over:
                        return
                    self._waiting[:] = [item]
                    self._changed.notify_all()
        except Exception as error:  # noqa: BLE001 - the caller's, to be raised where he looks
            self._error = error
        finally:
            with self._changed:
                self._is_over = True
                self._changed.notify_all()
