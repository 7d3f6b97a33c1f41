"""Asks one system over HTTP and checks every answer."""

import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import aiohttp

from mien_bench.errors import WrongAnswerError
from mien_bench.rivals.answers import Face, faces_of, read
from mien_bench.rivals.systems import Likeness, System

_TIMEOUT = aiohttp.ClientTimeout(total=60)
_SUM_TOLERANCE = 1e-3
# `fer` rounds each of seven probabilities to two digits.
_ROUNDED_SUM_TOLERANCE = 0.04
_OK = 200


@dataclass(slots=True)
class Client:
    """One system's client: connections that are kept, and when each right answer came."""

    system: System
    base_url: str
    answered: list[float] = field(default_factory=list)
    """Moments on the clock of `time.perf_counter`."""
    served_by: str = ""
    """The model server that the last answer names; only Mien's do."""
    _session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the session."""
        self._session = aiohttp.ClientSession(
            self.base_url,
            connector=aiohttp.TCPConnector(limit=0),
            timeout=_TIMEOUT,
            headers={"Content-Type": self.system.sending.media_type},
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        if self._session is not None:
            await self._session.close()

    async def faces(self, picture: bytes) -> list[Face]:
        """Return the faces of one picture.

        Raises:
            WrongAnswerError: the answer is not what it must be.
        """
        return faces_of(await self._ask(picture), self._tolerance)

    async def check(self, picture: bytes, count: int) -> None:
        """Ask about a picture that shows so many faces, and check the answer.

        Raises:
            WrongAnswerError: the answer is not what it must be.
        """
        document = await self._ask(picture)
        found = len(faces_of(document, self._tolerance))
        if self.system.likeness is Likeness.OWN:
            # Another detector sees other faces; that it does is in the report.
            count = max(found, 1)
        if found != count:
            message = f"{found} faces instead of {count}"
            raise WrongAnswerError(message)
        if self.system.cache and document.get("cache") != self.system.cache:
            message = f"the cache says {document.get('cache')} instead of {self.system.cache}"
            raise WrongAnswerError(message)
        self.answered.append(time.perf_counter())

    @property
    def _tolerance(self) -> float:
        own = self.system.likeness is Likeness.OWN
        return _ROUNDED_SUM_TOLERANCE if own else _SUM_TOLERANCE

    async def _ask(self, picture: bytes) -> dict[str, Any]:
        if self._session is None:
            message = "the client is not open"
            raise RuntimeError(message)
        body = self.system.sending.body(picture)
        async with self._session.post(self.system.path, data=body) as response:
            answer = await response.read()
            if response.status != _OK:
                message = f"status {response.status}: {answer[:200]!r}"
                raise WrongAnswerError(message)
            document = read(answer)
            self.served_by = document.get("served_by", "")
            return document
