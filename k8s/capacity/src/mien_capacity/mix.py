"""What a frame asks of each part."""

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from mien_capacity.inputs import Measured, Share


class Mix(BaseModel):
    """What the frames are like: the reader's to say."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    frame_hits: Share = 0.1
    """Frames whose answer is kept: the very same bytes came before."""
    face_hits: Share = 0.1
    """Of the others with faces, those whose faces are known."""
    empty: Share = 0.2
    """Of the others, those without a face."""
    faces: float = Field(default=1.5, ge=1)
    """Faces in a frame that has any."""
    frame_bytes: int = Field(default=50_000, gt=0)
    frameworks: dict[str, float] = {"pytorch": 0.8, "tensorflow": 0.2}
    """Shares of the calls, by the framework of the model that is asked for."""
    hours: dict[str, tuple[float, float]] = {}
    """From when to when a framework's models are asked for; otherwise all day."""


@dataclass(frozen=True, slots=True)
class Work:
    """CPU milliseconds of one call to each part, and what Redis is asked per frame."""

    gateway_ms: float
    detector_ms: float
    redis_ms: float
    redis_operations: float
    redis_keys: float
    detections: float
    """Calls of the detector per frame."""
    predictions: float
    """Calls of a model server per frame."""


def work(mix: Mix, measured: Measured, detector: str) -> Work:
    """Return a frame's work, for a detector by its name in `detector_cpu_ms`."""
    new = 1 - mix.frame_hits
    faces = new * (1 - mix.empty)
    asked = faces * (1 - mix.face_hits)
    return Work(
        gateway_ms=_gateway_ms(mix, measured),
        detector_ms=_detector_ms(measured, detector),
        redis_ms=_redis_ms(mix, measured),
        redis_operations=1 + faces + new + asked * mix.faces,
        redis_keys=new + asked * mix.faces,
        detections=new,
        predictions=asked,
    )


def model_ms(mix: Mix, measured: Measured, part: str, framework: str) -> float:
    """Return the CPU milliseconds of one call with a frame's faces."""
    base, per_face = measured.linear(part, framework)
    return base + per_face * mix.faces


def _gateway_ms(mix: Mix, measured: Measured) -> float:
    cached = measured.case("cached").cpu_ms["gateway"]
    known = measured.case("same faces").cpu_ms["gateway"]
    base, per_face = measured.linear("gateway", "pytorch")
    new = 1 - mix.frame_hits
    # A frame without faces ends after the detector, as one with known faces nearly does.
    short = new * (mix.empty + (1 - mix.empty) * mix.face_hits)
    asked = new * (1 - mix.empty) * (1 - mix.face_hits)
    return mix.frame_hits * cached + short * known + asked * (base + per_face * mix.faces)


def _detector_ms(measured: Measured, detector: str) -> float:
    """YuNet's cost beside the other parts; another setting's by its ratio to that, alone."""
    new = [case.cpu_ms["face-detector"] for case in measured.cases if case.name == "new"]
    alone = measured.detector_cpu_ms
    return sum(new) / len(new) * alone[detector] / alone["yunet-640"]


def _redis_ms(mix: Mix, measured: Measured) -> float:
    """One look for the frame, one for its faces; the frame and each new face are kept."""
    new = 1 - mix.frame_hits
    faces = new * (1 - mix.empty)
    gets = 1 + faces
    sets = new + faces * (1 - mix.face_hits) * mix.faces
    return (gets * measured.redis.get_cpu_us + sets * measured.redis.set_cpu_us) / 1000
