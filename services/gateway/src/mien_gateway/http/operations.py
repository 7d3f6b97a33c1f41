"""/healthz, /readyz and /metrics, for those who run it."""

import math
from contextlib import suppress
from time import monotonic

import orjson
from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response

from mien_gateway.core import Core
from mien_gateway.errors import JobStoreUnavailableError
from mien_gateway.http import documents
from mien_gateway.monitor import Report

# Redis is asked no more often, however many ask for metrics: they need no key.
_VIDEOS_SECONDS = 2.0
_STATES = {True: "up", False: "down", None: "off"}


def operations_router(core: Core) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["operations"])
    videos_asked_at = -math.inf

    @router.get("/healthz", **documents.HEALTHZ)
    async def get_liveness() -> Response:
        """Say that this process answers; nothing else is asked."""
        return Response(b'{"status":"alive"}', media_type="application/json")

    @router.get("/readyz", **documents.READYZ)
    async def get_readiness() -> Response:
        """Say whether pictures can be analysed, and how each part is."""
        report = await core.monitor.report()
        return Response(
            orjson.dumps(_present(report, draining=core.monitor.draining)),
            status_code=200 if report.ready else 503,
            media_type="application/json",
        )

    @router.get("/metrics", **documents.METRICS)
    async def get_metrics() -> Response:
        """Give Prometheus its figures."""
        nonlocal videos_asked_at
        if core.videos and monotonic() - videos_asked_at > _VIDEOS_SECONDS:
            videos_asked_at = monotonic()
            with suppress(JobStoreUnavailableError):  # then they are as they were
                await core.videos.refresh_figures()
        return Response(
            generate_latest(core.metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )

    return router


def _present(report: Report, *, draining: bool) -> dict[str, object]:
    return {
        "status": _status(report, draining=draining),
        "parts": {part: _STATES[up] for part, up in report.parts.items()},
        "models": report.models,
        "detector": report.detector,
    }


def _status(report: Report, *, draining: bool) -> str:
    if draining:
        return "draining"
    if not report.ready:
        return "not ready"
    return "degraded" if report.degraded else "ready"
