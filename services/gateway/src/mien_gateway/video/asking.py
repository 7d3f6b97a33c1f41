"""Asks for one frame's expressions, again and again while a part of Mien is away."""

import asyncio
import random
from time import monotonic

import structlog
from opentelemetry.trace import SpanKind

from mien_gateway.analysis.pipeline import Analyzer
from mien_gateway.deadline import Deadline
from mien_gateway.domain import Analysis, AnalysisRequest
from mien_gateway.errors import DeadlineExceededError, TemporaryError
from mien_gateway.telemetry.tracing import span
from mien_gateway.video.options import VideoLimits

_log = structlog.get_logger(__name__)

_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 5.0


async def ask(analyzer: Analyzer, jpeg: bytes, model: str, limits: VideoLimits) -> Analysis:
    """Return the frame's analysis; frames of videos are never kept in the cache.

    Raises what the analysis raises; what may be over in a moment only when it is not over
    after `limits.retry_seconds`.
    """
    give_up_at = monotonic() + limits.retry_seconds
    pause = _FIRST_PAUSE_SECONDS
    while True:
        deadline = Deadline.after(limits.frame_seconds)
        request = AnalysisRequest(image=jpeg, model=model, deadline=deadline, no_store=True)
        try:
            with span("video frame", SpanKind.CONSUMER):
                return await analyzer.analyze(request)
        except (TemporaryError, DeadlineExceededError) as error:
            if monotonic() + pause > give_up_at:
                raise
            _log.info("frame asked again", code=error.code, pause_seconds=pause)
        # Workers that were refused together do not come back together.
        await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
