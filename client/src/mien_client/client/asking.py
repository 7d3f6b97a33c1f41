"""How a question is put until it is answered, for threads."""

import time
from dataclasses import replace
from types import TracebackType
from typing import Self, TypeVar

from mien_client.address import read_address
from mien_client.attempts import Attempts, Patience
from mien_client.errors import MienError, UnknownNameError
from mien_client.opening import open_transport
from mien_client.operations import Operation
from mien_client.transport import Transport

T = TypeVar("T")


class Asking:
    """A gateway's address, and how long an answer may take."""

    def __init__(
        self, url: str, *, api_key: str | None = None, timeout: float = 10.0, retries: int = 2
    ) -> None:
        """Take a gateway's address; nothing is opened before the first question.

        Args:
            url: `http://` or `https://` for REST and WebSocket, `grpc://` or `grpcs://` for
                gRPC, with host and port.
            api_key: where the gateway asks for one.
            timeout: seconds for an answer, all attempts and the pauses between them together.
            retries: attempts after the first one, where Mien was busy or a part of it away.

        Raises:
            ValueError: the URL has none of these forms.
            MissingExtraError: gRPC's packages are not installed.
        """
        self._address = read_address(url)
        self._patience = Patience(seconds=timeout, retries=retries)
        self._opened = open_transport(self._address, api_key)
        self._is_closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back; what is asked afterwards raises RuntimeError."""
        self._is_closed = True
        self._opened.close()

    @property
    def _transport(self) -> Transport:
        if self._is_closed:
            message = "this Client is closed: open another one"
            raise RuntimeError(message)
        return self._opened

    def _ask(self, operation: Operation[T], attempts: Attempts | None = None) -> T:
        attempts = attempts or self._attempts(self._patience.seconds)
        while True:
            try:
                return self._transport.ask(operation, attempts.seconds_left)
            except TimeoutError as error:
                raise attempts.timeout() from error
            except MienError as error:
                time.sleep(attempts.pause_after(error))

    def _delete(self, operation: Operation[None]) -> None:
        """Ask for a deletion: it has worked where its answer was lost and nothing is left."""
        attempts = self._attempts(self._patience.seconds)
        try:
            self._ask(operation, attempts)
        except UnknownNameError:
            if not attempts.broke_off:
                raise

    def _attempts(self, seconds: float) -> Attempts:
        return Attempts(replace(self._patience, seconds=seconds), self._address.url)
