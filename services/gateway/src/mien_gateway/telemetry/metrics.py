"""Prometheus metrics, and what is observed of every request."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from mien_gateway.errors import CANCELLED, OK, CallerError, GatewayError, outcome_of
from mien_gateway.telemetry.tracing import annotate

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_FACES = (0, 1, 2, 3, 5, 8, 13, 21, 34)
_BATCH = (1, 2, 4, 8, 16, 32, 64, 128)
_SHARES = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)


class Metrics:
    """One process's figures, in its own registry."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = self._counter(
            "requests",
            "Requests, by outcome: `ok` or an error's code",
            ("transport", "model", "outcome"),
        )
        self._duration = self._histogram(
            "request_duration_seconds", "From a request's start to its answer", ("transport",)
        )
        self._stages = self._histogram(
            "stage_duration_seconds", "Per stage, with the network", ("stage",)
        )
        self._cache_lookups = self._counter(
            "cache_lookups",
            "Values looked up, by kind (frame, face) and result (hit, miss, away)",
            ("kind", "result"),
        )
        self._faces = self._histogram(
            "faces", "Faces found per picture that went to the detector", (), _FACES
        )
        self._batches = self._histogram(
            "batch_faces", "Faces per message to a model server", ("server",), _BATCH
        )
        self._refusals = self._counter(
            "refusals", "Callers turned away at the door, by the error's code", ("code",)
        )
        self._labels = self._counter(
            "labels", "Faces told about, by label, `uncertain` among them", ("model", "label")
        )
        self._confidence = self._histogram(
            "confidence_ratio", "Probability of the most probable label", ("model",), _SHARES
        )
        self._failovers = self._counter(
            "failovers", "Requests that a twin answered instead, by the twin", ("model",)
        )
        self._circuits = self._gauge(
            "circuit_open",
            "1 where calls to a part, for one model, are refused, 0.5 while one tries",
            ("part", "model"),
        )
        self.in_flight = self._gauge("in_flight_requests", "Requests under way", ())
        self._streams = self._gauge("streams", "Live streams under way", ("transport",))
        self._frames = self._counter(
            "stream_frames",
            "Frames of live streams, by outcome: `answered`, `dropped` or `failed`",
            ("transport", "outcome"),
        )
        self._parts = self._gauge(
            "part_up", "Whether a part of Mien answered when last asked", ("part",)
        )
        self._part_calls = self._counter(
            "part_requests",
            "Calls to a part: `ok`, `failed`, `cancelled`, or `refused` by its open circuit",
            ("part", "outcome"),
        )
        self._part_duration = self._histogram(
            "part_duration_seconds", "Of calls to a part, with the network", ("part",)
        )
        self._part_in_flight = self._gauge(
            "part_in_flight_requests", "Calls to a part under way", ("part",)
        )

    def count_request(self, transport: str, model: str, outcome: str, seconds: float) -> None:
        """One request was answered, well or not."""
        self._requests.labels(transport, model, outcome).inc()
        self._duration.labels(transport).observe(seconds)

    def count_lookup(self, kind: str, result: str, number: int = 1) -> None:
        """The cache was asked for `number` values and had one result for them."""
        if number:
            self._cache_lookups.labels(kind, result).inc(number)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time one stage, whatever becomes of it."""
        started = perf_counter()
        try:
            yield
        finally:
            self._stages.labels(name).observe(perf_counter() - started)

    def observe_faces(self, faces: int) -> None:
        """A picture came back from the detector."""
        self._faces.observe(faces)

    def observe_batch(self, server: str, faces: int) -> None:
        """Faces go to a model server."""
        self._batches.labels(server).observe(faces)

    def count_label(self, model: str, label: str, probability: float) -> None:
        """A face was told about."""
        self._labels.labels(model, label).inc()
        self._confidence.labels(model).observe(probability)

    def count_failover(self, model: str) -> None:
        """A twin answered instead."""
        self._failovers.labels(model).inc()

    def set_circuit(self, part: str, model: str, openness: float) -> None:
        """Note a circuit's state: 0 closed, 0.5 trying, 1 open; the detector's has no model."""
        self._circuits.labels(part, model).set(openness)

    @contextmanager
    def stream(self, transport: str) -> Iterator[None]:
        """Count a live stream as long as it lasts."""
        self._streams.labels(transport).inc()
        try:
            yield
        finally:
            self._streams.labels(transport).dec()

    def count_frames(self, transport: str, outcome: str, number: int = 1) -> None:
        """Frames of a live stream had one outcome."""
        if number:
            self._frames.labels(transport, outcome).inc(number)

    def count_refusal(self, code: str) -> None:
        """A caller was turned away before his request was looked at."""
        self._refusals.labels(code).inc()

    def set_part(self, part: str, *, up: bool) -> None:
        """Note a part's state."""
        self._parts.labels(part).set(up)

    @contextmanager
    def part_call(self, part: str) -> Iterator[None]:
        """Watch one call to a part."""
        in_flight = self._part_in_flight.labels(part)
        in_flight.inc()
        started, outcome = perf_counter(), OK
        try:
            yield
        except CallerError:  # the part did its work
            raise
        except GatewayError:
            outcome = "failed"
            raise
        except BaseException:
            outcome = CANCELLED
            raise
        finally:
            in_flight.dec()
            self._part_duration.labels(part).observe(perf_counter() - started)
            self._part_calls.labels(part, outcome).inc()

    def count_refused_call(self, part: str) -> None:
        """A call was not let through to a part."""
        self._part_calls.labels(part, "refused").inc()

    def _counter(self, name: str, help_text: str, labels: tuple[str, ...]) -> Counter:
        return Counter(f"mien_gateway_{name}", help_text, labels, registry=self.registry)

    def _gauge(self, name: str, help_text: str, labels: tuple[str, ...]) -> Gauge:
        return Gauge(f"mien_gateway_{name}", help_text, labels, registry=self.registry)

    def _histogram(
        self,
        name: str,
        help_text: str,
        labels: tuple[str, ...],
        buckets: tuple[float, ...] = _SECONDS,
    ) -> Histogram:
        return Histogram(
            f"mien_gateway_{name}", help_text, labels, buckets=buckets, registry=self.registry
        )


class Observation:
    """What is known so far about the request under way."""

    model = "unknown"
    """A served model's name, once one was resolved: no caller's words reach a label."""


@contextmanager
def observed(
    metrics: Metrics, transport: str, gone: type[Exception] | None = None
) -> Iterator[Observation]:
    """Count what happens inside as one request, with its outcome and time.

    `gone` is what the transport raises when the caller has left.
    """
    observation = Observation()
    started = perf_counter()
    outcome = OK
    metrics.in_flight.inc()
    try:
        yield observation
    except BaseException as error:
        outcome = CANCELLED if gone and isinstance(error, gone) else outcome_of(error)
        raise
    finally:
        metrics.in_flight.dec()
        metrics.count_request(transport, observation.model, outcome, perf_counter() - started)
        annotate(outcome=outcome, model=observation.model)
