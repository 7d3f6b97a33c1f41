"""Every knob of the service, as read from `MIEN_DETECTOR_*` and the two shared names."""

import os
from pathlib import Path

from platformdirs import user_cache_path
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from mien_detector.detectors.model_file import ORIGIN, ModelSource
from mien_detector.types import DetectorChoice, ImageLimits, Selection

_MESSAGE_ROOM_BYTES = 64 * 1024  # what a request carries beside its picture


class Settings(BaseSettings):
    """The settings; each docstring below gives meaning and unit."""

    model_config = SettingsConfigDict(
        env_prefix="MIEN_DETECTOR_",
        frozen=True,
        populate_by_name=True,
        use_attribute_docstrings=True,
    )

    address: str = Field(default="127.0.0.1:50051", pattern=r"^.+:\d{1,5}$")
    """Host and port to listen on; port 0 takes a free one and logs it."""

    detector: DetectorChoice = DetectorChoice.AUTO
    """auto, yunet or libfacedetection; auto is YuNet where its file can be had."""

    model_dir: Path | None = None
    """Folder that may hold YuNet's file; it is only read."""

    cache_dir: Path = Field(default_factory=lambda: user_cache_path("mien") / "models")
    """Folder where a downloaded model file is kept."""

    yunet_url: str = ORIGIN
    """Where YuNet's file is downloaded from; its SHA-256 is fixed."""

    download_timeout_seconds: float = Field(default=20.0, gt=0)
    """Time for the whole download."""

    minimum_score: float = Field(default=0.6, gt=0, le=1)
    """Faces of a lower score are left out, 0 to 1; a request may ask otherwise."""

    minimum_face_pixels: int = Field(default=20, ge=1)
    """Faces whose box is narrower are left out, pixels; a request may ask otherwise."""

    maximum_faces: int = Field(default=100, ge=1)
    """Faces in an answer, the largest ones; a request may ask for fewer."""

    detection_side: int = Field(default=640, ge=192, le=4096)
    """Longer side of the picture as the detector sees it, pixels."""

    workers: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1)
    """Pictures that are worked on at once; by default one per core."""

    queue: int = Field(default=32, ge=0)
    """Pictures that may wait for a worker; beyond, requests are refused."""

    request_timeout_seconds: float = Field(default=10.0, gt=0)
    """Time for a request whose caller sets no earlier deadline."""

    max_connection_age_seconds: float = Field(default=30.0, gt=0)
    """Age at which a connection is asked to end, in seconds, so that callers find new
    replicas; calls under way finish first."""

    grace_seconds: float = Field(default=10.0, ge=0)
    """Time that requests in flight get to end when the service stops."""

    otlp_endpoint: str = Field(default="", pattern=r"^(https?://.+|)$")
    """OpenTelemetry collector that spans are sent to, such as http://127.0.0.1:4318; empty
    records none."""

    trace_ratio: float = Field(default=1.0, ge=0, le=1)
    """Share of the calls that are traced, 0 to 1, where the caller has not decided already."""

    max_image_bytes: int = Field(default=10_000_000, ge=1, validation_alias="MIEN_MAX_IMAGE_BYTES")
    """Largest encoded picture, bytes; shared with the gateway."""

    max_image_pixels: int = Field(
        default=40_000_000, ge=1, validation_alias="MIEN_MAX_IMAGE_PIXELS"
    )
    """Largest picture, width x height; shared with the gateway."""

    @property
    def message_bytes(self) -> int:
        """Largest gRPC message, in and out."""
        return self.max_image_bytes + _MESSAGE_ROOM_BYTES

    @property
    def limits(self) -> ImageLimits:
        """The largest picture."""
        return ImageLimits(max_bytes=self.max_image_bytes, max_pixels=self.max_image_pixels)

    @property
    def selection(self) -> Selection:
        """Which faces are returned where a caller says nothing."""
        return Selection(
            minimum_score=self.minimum_score,
            minimum_face_pixels=self.minimum_face_pixels,
            maximum_faces=self.maximum_faces,
        )

    @property
    def model_source(self) -> ModelSource:
        """Where YuNet's file may be."""
        return ModelSource(
            folders=() if self.model_dir is None else (self.model_dir,),
            cache=self.cache_dir,
            url=self.yunet_url,
            timeout_seconds=self.download_timeout_seconds,
        )
