"""Steady load that checks every answer: open-loop, so that a slow answer delays no other."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from typing import Any

import httpx

# How far the probabilities of the same face may differ between two computations.
TOLERANCE = 1e-3
# What a client waits beyond the deadline that he told the gateway.
GRACE_SECONDS = 0.5
# How long a client keeps a connection that it does not need.
KEEP_SECONDS = 2


class Outcome(StrEnum):
    """What became of a request."""

    RIGHT = "right"
    REFUSED = "refused"
    """429 or 503 with Retry-After, as documented, or 504 at the caller's own deadline."""
    AWAY = "away"
    """No connection, or one that broke: the gateway itself was away."""
    HUNG = "hung"
    """No answer at the deadline."""
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Answered:
    """One request; times in seconds, the start on the monotonic clock."""

    started: float
    seconds: float
    outcome: Outcome
    detail: str = ""


@dataclass
class Load:
    """Asks one gateway about a picture, each time as if it were a new one."""

    address: str
    photo: bytes
    models: Sequence[str]
    rate: float = 20
    deadline_seconds: float = 2
    past_cache: bool = False
    """Whether every request goes past the cache, to every part; else every other one."""
    answers: list[Answered] = field(default_factory=list)
    _expected: dict[str, list[dict[str, float]]] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=count)

    def next_address(self) -> str:
        """Where the next request goes."""
        return self.address

    async def learn(self) -> None:
        """Ask each model once, while all is well: what it says then is right."""
        async with httpx.AsyncClient(base_url=self.address, timeout=30) as client:
            for model in self.models:
                response = await client.post(
                    "/v1/analyze", params={"model": model}, content=self._picture()
                )
                self._expected[model] = _probabilities(response.raise_for_status().json())

    async def run(self, stop: asyncio.Event) -> None:
        """Send at the rate until told to stop, then wait for the last answers."""
        limits = httpx.Limits(
            max_connections=None,
            max_keepalive_connections=32,
            # Well before the gateway closes it, so that no request meets the closing.
            keepalive_expiry=KEEP_SECONDS,
        )
        timeout = self.deadline_seconds + GRACE_SECONDS
        async with (
            httpx.AsyncClient(timeout=timeout, limits=limits) as client,
            asyncio.TaskGroup() as group,
        ):
            begin = time.monotonic()
            for number in count():
                if stop.is_set():
                    return
                model = self.models[number % len(self.models)]
                # Every other pair goes past the cache, where the face is known already.
                cached = not self.past_cache and number // len(self.models) % 2 == 0
                group.create_task(self._ask(client, model, cached=cached))
                await asyncio.sleep(max(begin + (number + 1) / self.rate - time.monotonic(), 0))

    def since(self, moment: float) -> list[Answered]:
        """The requests that began after a moment."""
        return [one for one in self.answers if one.started >= moment]

    async def _ask(self, client: httpx.AsyncClient, model: str, *, cached: bool) -> None:
        started = time.monotonic()
        outcome, detail = await self._outcome(client, model, cached=cached)
        seconds = time.monotonic() - started
        self.answers.append(Answered(started, seconds, outcome, detail))

    async def _outcome(
        self, client: httpx.AsyncClient, model: str, *, cached: bool
    ) -> tuple[Outcome, str]:
        headers = {"X-Request-Timeout": str(self.deadline_seconds)}
        if not cached:
            headers["Cache-Control"] = "no-store"
        try:
            async with asyncio.timeout(self.deadline_seconds + GRACE_SECONDS):
                response = await client.post(
                    f"{self.next_address()}/v1/analyze",
                    params={"model": model},
                    content=self._picture(),
                    headers=headers,
                )
        except (TimeoutError, httpx.ReadTimeout) as error:
            return Outcome.HUNG, repr(error)
        except httpx.HTTPError as error:
            return Outcome.AWAY, repr(error)
        return self._judge(response, model)

    def _judge(self, response: httpx.Response, model: str) -> tuple[Outcome, str]:
        if response.status_code in {429, 503} and "Retry-After" in response.headers:
            return Outcome.REFUSED, response.json()["code"]
        if response.status_code == httpx.codes.GATEWAY_TIMEOUT:
            return Outcome.REFUSED, response.json()["code"]
        if response.status_code != httpx.codes.OK:
            return Outcome.WRONG, f"{response.status_code} {response.text[:300]}"
        document = response.json()
        found = _probabilities(document)
        if document["model"]["name"] != model or not _alike(found, self._expected[model]):
            return Outcome.WRONG, f"{model}: {found}"
        return Outcome.RIGHT, document["cache"]

    def _picture(self) -> bytes:
        """The photo with another end each time, which no decoder minds and every cache does."""
        return self.photo + next(self._numbers).to_bytes(8)


def outcomes(answers: Sequence[Answered]) -> Counter[Outcome]:
    """How many had which outcome."""
    return Counter(one.outcome for one in answers)


def _probabilities(document: dict[str, Any]) -> list[dict[str, float]]:
    return [face["probabilities"] for face in document["faces"]]


def _alike(found: list[dict[str, float]], expected: list[dict[str, float]]) -> bool:
    return len(found) == len(expected) and all(
        one.keys() == other.keys()
        and all(abs(one[label] - other[label]) <= TOLERANCE for label in one)
        for one, other in zip(found, expected, strict=True)
    )
