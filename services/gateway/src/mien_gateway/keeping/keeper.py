"""Keeps answers behind the caller's back: nobody waits for the cache to take one."""

import asyncio
from collections.abc import Sequence

from mien_gateway.domain import Findings, Prediction
from mien_gateway.keeping.answers import Answers
from mien_models.registry import ServedModel


class Keeper:
    """Writes finished answers, each in a task of its own."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._keeping: set[asyncio.Task[None]] = set()

    def keep(
        self,
        image: bytes,
        model: ServedModel,
        findings: Findings,
        computed: Sequence[tuple[bytes, Prediction]],
        key: bytes = b"",
    ) -> None:
        """Keep the answer for a picture and for the faces computed for it.

        `key` is the picture's where it is known already: hashing it takes time.
        """
        key = key or self._answers.frame_key(image, model, findings.detector)
        task = asyncio.create_task(self._answers.keep(key, model, findings, computed))
        self._keeping.add(task)
        task.add_done_callback(self._keeping.discard)

    async def settle(self) -> None:
        """Wait until the answers given so far are kept."""
        await asyncio.gather(*self._keeping)
