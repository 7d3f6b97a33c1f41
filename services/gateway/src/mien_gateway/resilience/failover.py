"""Letting the twin in the other framework answer, where the caller allows it."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from mien_gateway.errors import BadModelAnswerError, GatewayError, TemporaryError
from mien_gateway.models import ModelRouter
from mien_gateway.telemetry.metrics import Metrics
from mien_models.registry import ServedModel

_log = structlog.get_logger(__name__)

T = TypeVar("T")


class Failover:
    """Asks the model's own server, and on its failure the twin's."""

    def __init__(self, models: ModelRouter, metrics: Metrics) -> None:
        self._models = models
        self._metrics = metrics

    async def call(
        self, model: ServedModel, ask: Callable[[ServedModel], Awaitable[T]], *, allowed: bool
    ) -> T:
        """Return what `ask` returns for the model, or for its twin.

        Raises the error of the model's own server where there is no other way.
        """
        try:
            return await ask(model)
        except (TemporaryError, BadModelAnswerError) as error:
            twin = self._models.twin(model) if allowed else None
            if twin is None:
                raise
            return await self._ask_twin(error, twin, ask)

    async def _ask_twin(
        self, error: GatewayError, twin: ServedModel, ask: Callable[[ServedModel], Awaitable[T]]
    ) -> T:
        try:
            answer = await ask(twin)
        except GatewayError:
            raise error from None
        self._metrics.count_failover(twin.name)
        _log.info("the twin answered", model=twin.name, instead_of=error.code)
        return answer
