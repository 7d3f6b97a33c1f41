"""Where the local system lives and listens."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[3]


class StackSettings(BaseSettings):
    """Set by environment variables with the prefix MIEN_STACK_."""

    model_config = SettingsConfigDict(
        env_prefix="MIEN_STACK_", frozen=True, use_attribute_docstrings=True
    )

    run_dir: Path = ROOT / "run"
    """Folder of logs, process ids and generated configuration."""
    model_store: Path = ROOT / "build" / "model-store"
    """Folder of the built .mar archives and SavedModels."""
    registry: Path = ROOT / "models" / "registry.yaml"
    """The list of models."""
    page_dir: Path = ROOT / "build" / "page"
    """Folder of the built web page; another one than this is served, but not built."""
    rest_port: int = Field(default=8000, ge=1, le=65535)
    """The gateway's REST port, the one that callers use."""
    grpc_port: int = Field(default=9000, ge=1, le=65535)
    """The gateway's gRPC port, the other one that callers use."""
    detector_port: int = Field(default=50051, ge=1, le=65535)
    """The face-detector's gRPC port."""
    torchserve_port: int = Field(default=7070, ge=1, le=65535)
    """TorchServe's gRPC inference port."""
    torchserve_management_grpc_port: int = Field(default=7071, ge=1, le=65535)
    """TorchServe's gRPC management port."""
    torchserve_rest_port: int = Field(default=8080, ge=1, le=65535)
    """TorchServe's REST inference port."""
    torchserve_management_port: int = Field(default=8081, ge=1, le=65535)
    """TorchServe's REST management port."""
    torchserve_metrics_port: int = Field(default=8082, ge=1, le=65535)
    """TorchServe's metrics port."""
    tensorflow_port: int = Field(default=8500, ge=1, le=65535)
    """TensorFlow Serving's gRPC port."""
    tensorflow_rest_port: int = Field(default=8501, ge=1, le=65535)
    """TensorFlow Serving's REST port."""
    redis_port: int = Field(default=6379, ge=1, le=65535)
    """Redis' port."""
    ready_timeout_seconds: float = Field(default=120, gt=0)
    """How long every part together may take to become ready."""

    def ports(self) -> dict[str, int]:
        """Every port, under the name of its setting."""
        return {
            name: value
            for name, value in self.model_dump().items()
            if name.endswith("_port") and isinstance(value, int)
        }

    @property
    def rest_url(self) -> str:
        """Where the gateway answers REST."""
        return f"http://127.0.0.1:{self.rest_port}"
