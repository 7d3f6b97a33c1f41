"""Sends spans to an OpenTelemetry collector, as OTLP over HTTP, from a thread of its own.

Imported only where traces are switched on: the library takes 50 ms and some megabytes.
"""

import requests
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

# A collector that is away must not hold up the end of the process for longer.
_EXPORT_SECONDS = 3.0


def make_provider(service: str, endpoint: str, ratio: float) -> TracerProvider:
    """Return what makes spans, and sends them to the collector at `http://host:port`.

    A caller's own decision whether to record holds; `ratio` is for those who made none.
    """
    session = requests.Session()
    # As with every other hop: whatever proxies the environment names.
    session.trust_env = False
    exporter = OTLPSpanExporter(
        f"{endpoint.rstrip('/')}/v1/traces", timeout=_EXPORT_SECONDS, session=session
    )
    provider = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(ratio)),
        resource=Resource.create({"service.name": service}),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider
