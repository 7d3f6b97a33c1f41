"""The gateway's settings; `__main__` reads them from the environment."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from mien_gateway.auth.rates import PATTERN as RATE

PREFIX = "MIEN_GATEWAY_"

# What holds for all of Mien is called MIEN_<NAME>, whatever service reads it.
_SHARED_PREFIX = "MIEN_"
_SHARED = ("max_image_bytes", "intended_purpose", "medical_or_safety")

_PURPOSES = (
    "research|accessibility|self_reflection|entertainment|market_research|medical|safety|"
    "workplace|education|other:.+"
)
_ORIGIN = r"https?://[^/\s,]+"
_HOST = r"(\*|(\*\.)?[A-Za-z0-9._-]+)"

Port = Annotated[int, Field(ge=0, le=65535)]
Seconds = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(gt=0)]


class Settings(BaseSettings):
    """Each is read from MIEN_GATEWAY_<NAME>, but those that all services share."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, populate_by_name=True, use_attribute_docstrings=True
    )

    rest_host: str = "127.0.0.1"
    """Address that REST listens on."""
    rest_port: Port = 8000
    """Port that REST listens on; 0 takes any free one."""
    grpc_host: str = "127.0.0.1"
    """Address that gRPC listens on."""
    grpc_port: Port = 9000
    """Port that gRPC listens on; 0 takes any free one."""
    grpc_max_connection_age_seconds: Seconds = 30
    """Age at which a gRPC connection is asked to end, in seconds, so that callers find new
    replicas; calls under way finish first, live streams included."""

    detector_target: str = "127.0.0.1:50051"
    """gRPC target of the face detector; `dns:///name:port` spreads over its addresses."""
    torchserve_target: str = "127.0.0.1:7070"
    """gRPC target of TorchServe."""
    torchserve_rest_url: Annotated[str, Field(pattern="^https?://.+$")] = "http://127.0.0.1:8080"
    """REST address of TorchServe; explanations exist there alone."""
    tensorflow_target: str = "127.0.0.1:8500"
    """gRPC target of TensorFlow Serving."""
    pools_file: Path | None = None
    """File that lists pools of model servers, in place of the three settings above."""
    registry: Path = Path("models/registry.yaml")
    """The list of models."""
    page_dir: Path | None = None
    """Folder of the built web page, served at /; without it there is none."""

    redis_url: Annotated[str, Field(pattern="^(rediss?://.+|unix://.+|)$")] = (
        "redis://127.0.0.1:6379/0"
    )
    """Where answers are cached, as redis://host:port/db; empty switches the cache off."""
    redis_timeout_seconds: Seconds = 0.05
    """Longest wait for the cache, in seconds; then the request goes on without it."""
    cache_ttl_seconds: Seconds = 3600
    """How long an answer is kept, in seconds, give or take a tenth."""
    cache_key: Annotated[SecretStr, Field(min_length=16)] | None = None
    """Secret of the cache's keyed hashes, at least 16 characters; without it, one is drawn
    at every start, and answers cached before are not found again."""
    cache_key_file: Path | None = None
    """File of that secret, where it is not given; one that is missing is written with a new one,
    so that gateways and workers that share the file share the secret."""

    request_timeout_seconds: Seconds = 10
    """Longest time for one request, in seconds, from its first byte to its answer."""
    detector_timeout_seconds: Seconds = 5
    """Longest wait for the face detector, in seconds; then it counts as away."""
    model_timeout_seconds: Seconds = 5
    """Longest wait for a model server, in seconds; then it counts as away."""
    circuit_failures: Count = 5
    """Failures in a row after which a part is left alone for a while."""
    circuit_cooldown_seconds: Seconds = 2
    """How long it is left alone before one call tries again, in seconds."""
    max_batch_images: Count = 64
    """Pictures in one batch."""
    max_batch_bytes: Count = 50_000_000
    """All pictures of one batch together, in bytes."""
    minimum_confidence: Annotated[float, Field(ge=0, le=1)] = 0.35
    """Below it a face's label is `uncertain`; callers may ask for another one."""
    minimum_face_pixels: Annotated[float, Field(ge=0)] = 40
    """A face with a shorter side is marked `too_small`."""
    minimum_sharpness: Annotated[float, Field(ge=0)] = 0.06
    """A face with less fine detail is marked `blurred`; see the README for the scale."""
    maximum_yaw_degrees: Annotated[float, Field(gt=0, le=90)] = 45
    """A face turned further, to either side, is marked `turned`."""
    stream_idle_seconds: Seconds = 30
    """Time after which a live stream without a frame is closed, in seconds."""
    stream_max_seconds: Seconds = 3600
    """Longest time that a live stream may last, in seconds."""
    stream_send_seconds: Seconds = 10
    """Longest time for one answer of a live stream to leave, in seconds; who reads slower is
    cut off."""
    max_streams: Count = 64
    """Live streams at a time; more are refused at once."""
    timeline_ttl_seconds: Seconds = 3600
    """How long a session's timeline is kept after its last entry, in seconds."""
    max_in_flight: Count = 256
    """Analyses under way at a time; more are refused at once."""
    max_uploads: Count = 256
    """REST bodies being received at a time, and half of the gRPC calls under way; more are refused
    at once."""
    max_bytes_in_flight: Count = 75_000_000
    """Bytes of requests' bodies and of live streams' frames in memory at a time; more are refused
    at once. Reading and analysing them takes up to five times their size."""
    caller_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Share of what is bounded (bytes, uploads, analyses, gRPC calls, live streams, videos, event
    streams) that one caller, a key or an address, may take; 1 where all callers have one
    address."""
    probe_interval_seconds: Seconds = 2
    """Pause between two looks at the other parts, in seconds."""
    probe_timeout_seconds: Seconds = 1
    """Longest wait for one part's state, in seconds."""
    drain_seconds: Annotated[float, Field(ge=0)] = 0
    """How long to go on after SIGTERM, no longer ready, in seconds: as long as a load balancer
    needs to notice."""
    shutdown_seconds: Seconds = 20
    """Longest time to finish what is under way after SIGTERM, in seconds."""
    otlp_endpoint: Annotated[str, Field(pattern="^(https?://.+|)$")] = ""
    """OpenTelemetry collector that spans are sent to, such as http://127.0.0.1:4318; empty
    records none."""
    trace_ratio: Annotated[float, Field(ge=0, le=1)] = 1
    """Share of the requests that are traced, where the caller has not decided already."""

    drawing_threads: Count = 2
    """Pictures drawn on at a time."""
    max_drawings_waiting: Count = 16
    """Pictures that may wait to be drawn on; more are refused at once."""

    spool_dir: Path | None = None
    """Folder for uploaded videos and their results, which every gateway and worker must share;
    without it, `mien-spool` in the system's folder for temporary files."""
    max_video_bytes: Count = 500_000_000
    """Largest video, in bytes."""
    max_video_uploads: Count = 8
    """Videos being received at a time; more are refused at once."""
    video_upload_seconds: Seconds = 300
    """Longest time for a video to arrive, in seconds."""
    max_videos_queued: Count = 100
    """Videos that may wait for a worker; more are refused at once."""
    max_event_streams: Count = 128
    """Event streams of videos at a time; more are refused at once."""
    video_ttl_seconds: Seconds = 3600
    """How long a job and its results are kept after its end, in seconds."""
    max_video_frames: Count = 20_000
    """Frames of one video that are analysed; a job that needs more fails."""
    max_video_seconds: Seconds = 3600
    """Longest stretch of a video that is analysed, in seconds; a longer one fails."""
    max_video_pixels: Count = 10_000_000
    """Largest frame of a video, in pixels."""
    video_retry_seconds: Seconds = 60
    """How long a worker asks a part of Mien that is away again, in seconds, until the job
    fails."""
    video_job_seconds: Seconds = 7200
    """Longest time for one job, in seconds; then it fails."""
    video_stalled_seconds: Seconds = 15
    """Silence, in seconds, after which the worker of a job counts as lost, and another one
    begins again."""

    log_level: Annotated[str, Field(pattern="^(DEBUG|INFO|WARNING|ERROR)$")] = "INFO"
    """DEBUG, INFO, WARNING or ERROR."""

    max_image_bytes: Annotated[
        Count, Field(validation_alias=AliasChoices("MIEN_MAX_IMAGE_BYTES", "max_image_bytes"))
    ] = 10_000_000
    """Largest picture, in bytes; every hop's message limit follows from it. Shared with the
    face detector, and read from MIEN_MAX_IMAGE_BYTES."""

    profile: Literal["local", "production"] = "local"
    """`local`, or `production`, which insists on API keys and on the intended purpose."""
    intended_purpose: Annotated[
        str,
        Field(
            pattern=f"^({_PURPOSES}|)$",
            validation_alias=AliasChoices("MIEN_INTENDED_PURPOSE", "intended_purpose"),
        ),
    ] = ""
    """What expressions are recognised for: research, accessibility, self_reflection,
    entertainment, market_research, medical, safety, workplace, education or other:<text>;
    workplace and education are refused unless MIEN_MEDICAL_OR_SAFETY is true."""
    medical_or_safety: Annotated[
        bool,
        Field(validation_alias=AliasChoices("MIEN_MEDICAL_OR_SAFETY", "medical_or_safety")),
    ] = False
    """Whether the reason is medical or one of safety, which alone allows workplace and
    education: Regulation (EU) 2024/1689, article 5(1)(f)."""
    operator: str = ""
    """Who runs this and how to reach them; the notice tells it."""
    api_keys_file: str = ""
    """File of API keys, read again when it changes; empty asks nobody for a key."""
    allow_anonymous: bool = False
    """Let callers without a key in: all of them where there is no file of keys, though others
    than this machine can reach the gateway."""
    rate_limit: Annotated[str, Field(pattern=f"^({RATE}|)$")] = ""
    """Calls per caller, such as 600/minute, where a key has no rate of its own; empty is no
    limit."""
    cors_origins: Annotated[str, Field(pattern=f"^({_ORIGIN}([,\\s]+{_ORIGIN})*|)$")] = ""
    """Origins whose pages may call, such as https://example.org, separated by commas; those of
    the gateway's own host always may."""
    allowed_hosts: Annotated[str, Field(pattern=f"^[,\\s]*({_HOST}([,\\s]+|$))*$")] = ""
    """Names that REST and WebSocket answer to besides loopback names and addresses, such as
    mien.example.org or *.example.org, separated by commas; * is any name."""
    trusted_proxies: str = ""
    """Addresses or networks of proxies whose X-Forwarded-For is believed, separated by commas."""


def meaning(variable_name: str) -> str:
    """Return what the setting of an environment variable is for."""
    return next(
        " ".join((field.description or "").split())
        for name, field in Settings.model_fields.items()
        if variable(name) == variable_name
    )


def variable(name: str) -> str:
    """Return the environment variable of a setting; one of the shared names is its own."""
    if name.startswith("MIEN_"):
        return name
    prefix = _SHARED_PREFIX if name in _SHARED else PREFIX
    return f"{prefix}{name.upper()}"
