"""What an operator may choose, for the archives and for the server."""

from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

GRPC_ROOM_BYTES = 64 * 1024
"""What a message may need beside the picture in it."""


class TorchServeSettings(BaseSettings):
    """Set by environment variables with the prefix MIEN_TORCHSERVE_."""

    model_config = SettingsConfigDict(
        env_prefix="MIEN_TORCHSERVE_",
        frozen=True,
        use_attribute_docstrings=True,
        populate_by_name=True,
    )

    registry: Path = Path("models/registry.yaml")
    """File with the list of models."""
    store: Path = Path("build/model-store/torchserve")
    """Folder of the .mar archives."""
    models: str = Field(default="", pattern=r"^([a-z0-9-]+(,[a-z0-9-]+)*|)$")
    """Models of the registry to serve, separated by commas; empty is all of them."""
    run_dir: Path = Path("run/torchserve")
    """Folder of the generated configuration."""

    host: IPv4Address | IPv6Address = IPv4Address("127.0.0.1")
    """IP address of both inference APIs; any but loopback needs private_network."""
    rest_port: int = Field(default=8080, ge=1, le=65535)
    """Port of the REST inference API."""
    grpc_port: int = Field(default=7070, ge=1, le=65535)
    """Port of the gRPC inference API."""
    management_port: int = Field(default=8081, ge=1, le=65535)
    """Port of the REST management API, on loopback always."""
    management_grpc_port: int = Field(default=7071, ge=1, le=65535)
    """Port of the gRPC management API, on loopback always."""
    metrics_port: int = Field(default=8082, ge=1, le=65535)
    """Port of the Prometheus metrics."""
    metrics_host: IPv4Address | IPv6Address = IPv4Address("127.0.0.1")
    """IP address of the Prometheus metrics; any but loopback needs private_network."""
    private_network: bool = False
    """Whether the network itself keeps strangers away, as a NetworkPolicy or Docker's
    internal networks do."""
    max_connection_age_seconds: int = Field(default=30, ge=1)
    """Age at which a gRPC connection is asked to end, so that callers find new replicas."""

    workers: int = Field(default=1, ge=1)
    """Worker processes per model."""
    threads: int = Field(default=1, ge=1)
    """Threads of PyTorch in each worker."""
    batch_size: int = Field(default=2, ge=1)
    """Requests joined into one forward pass at most; worth more than 2 on a GPU."""
    max_batch_delay_ms: int = Field(default=1, ge=1)
    """Milliseconds that a request waits for others to join it, if batch_size is more than 2."""
    max_forward_faces: int = Field(default=64, ge=1)
    """Faces in one forward pass at most; it bounds a worker's memory."""
    max_request_faces: int = Field(default=1024, ge=1)
    """Faces in one request at most; more would come near to the response timeout."""
    response_timeout_seconds: int = Field(default=30, ge=1)
    """Seconds after which a silent worker is killed and started again."""
    startup_timeout_seconds: int = Field(default=120, ge=1)
    """Seconds that a worker may take to load its model."""
    job_queue_size: int = Field(default=100, ge=1)
    """Requests that may wait per model; the next is refused with 503."""
    netty_threads: int = Field(default=2, ge=1)
    """Threads for connections of callers, and as many for those of workers."""
    heap_megabytes: int = Field(default=256, ge=64)
    """Largest Java heap in MiB."""

    max_image_bytes: int = Field(default=10_000_000, ge=1, validation_alias="MIEN_MAX_IMAGE_BYTES")
    """Largest request in bytes, without 64 KiB of room around it."""
    max_image_pixels: int = Field(
        default=40_000_000, ge=1, validation_alias="MIEN_MAX_IMAGE_PIXELS"
    )
    """Largest picture in pixels that the REST API decodes."""

    @property
    def model_names(self) -> frozenset[str]:
        """Names of the models to serve; none where it is all of them."""
        return frozenset(filter(None, self.models.split(",")))

    @property
    def max_message_bytes(self) -> int:
        """Largest request on the wire, in bytes."""
        return self.max_image_bytes + GRPC_ROOM_BYTES

    @property
    def max_answer_bytes(self) -> int:
        """Largest answer: an explanation has four bytes where a grey face has one."""
        return 4 * self.max_message_bytes
