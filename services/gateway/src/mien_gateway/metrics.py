"""What Prometheus sees. Base units; labels hold no caller's words."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from mien_gateway.domain import Timings

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_FACES = (0, 1, 2, 3, 5, 8, 13, 21, 34)


class Metrics:
    """One process's figures, in its own registry."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "mien_gateway_requests",
            "Pictures asked about, by outcome: `ok` or an error's code",
            ("transport", "model", "outcome"),
            registry=self.registry,
        )
        self._duration = Histogram(
            "mien_gateway_request_duration_seconds",
            "From the start of the analysis to its answer",
            ("transport",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        stages = Histogram(
            "mien_gateway_stage_duration_seconds",
            "Per stage, with the network",
            ("stage",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._cache_stage = stages.labels("cache")
        self._detect_stage = stages.labels("detect")
        self._infer_stage = stages.labels("infer")
        self._cache_lookups = Counter(
            "mien_gateway_cache_lookups",
            "Values looked up, by kind (frame, face) and result (hit, miss, away)",
            ("kind", "result"),
            registry=self.registry,
        )
        self._faces = Histogram(
            "mien_gateway_faces",
            "Faces found per picture that went to the detector",
            buckets=_FACES,
            registry=self.registry,
        )
        self._refusals = Counter(
            "mien_gateway_refusals",
            "Callers turned away at the door, by the error's code",
            ("code",),
            registry=self.registry,
        )
        self.in_flight = Gauge(
            "mien_gateway_in_flight_requests", "Analyses under way", registry=self.registry
        )
        self._parts = Gauge(
            "mien_gateway_part_up",
            "Whether a part of Mien answered when last asked",
            ("part",),
            registry=self.registry,
        )

    def count_request(self, transport: str, model: str, outcome: str, seconds: float) -> None:
        """One request was answered, well or not."""
        self._requests.labels(transport, model, outcome).inc()
        self._duration.labels(transport).observe(seconds)

    def count_lookup(self, kind: str, result: str, number: int = 1) -> None:
        """The cache was asked for `number` values and had one result for them."""
        if number:
            self._cache_lookups.labels(kind, result).inc(number)

    def observe_work(self, timings: Timings, faces: int) -> None:
        """A picture went through the pipeline."""
        self._cache_stage.observe(timings.cache)
        self._detect_stage.observe(timings.detect)
        if timings.infer:
            self._infer_stage.observe(timings.infer)
        self._faces.observe(faces)

    def count_refusal(self, code: str) -> None:
        """A caller was turned away before his request was looked at."""
        self._refusals.labels(code).inc()

    def set_part(self, part: str, *, up: bool) -> None:
        """Note a part's state."""
        self._parts.labels(part).set(up)
