"""Timelines as the files that callers fetch; each is yielded in pieces."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import orjson

from mien_gateway.video.timeline import TimedFace, Timeline


def as_json(timeline: Timeline, job: dict[str, Any]) -> Iterator[bytes]:
    """Yield one document: the `job`, the `labels` and the `frames`."""
    opening = orjson.dumps({"job": job, "labels": timeline.labels})
    yield opening[:-1] + b',"frames":['
    separator = b""
    for frame in timeline:
        faces = [_face(face, timeline.labels) for face in frame.faces]
        yield separator + orjson.dumps({"time_seconds": frame.time_seconds, "faces": faces})
        separator = b","
    yield b"]}"


def as_csv(timeline: Timeline) -> Iterator[bytes]:
    """Yield a row per frame and face, a column per label."""
    head = ["time_seconds", "track", "x", "y", "width", "height", "label", "confidence"]
    yield _row([*head, *timeline.labels])
    for frame in timeline:
        rows = (
            _row(
                [
                    frame.time_seconds,
                    face.track,
                    *(face.box.x, face.box.y, face.box.width, face.box.height),
                    face.label,
                    face.confidence,
                    *face.probabilities,
                ]
            )
            for face in frame.faces
        )
        yield b"".join(rows)


def _face(face: TimedFace, labels: tuple[str, ...]) -> dict[str, Any]:
    return {
        "track": face.track,
        "box": face.box,
        "detection_score": face.score,
        "top": {"label": face.label, "probability": face.confidence},
        "probabilities": dict(zip(labels, face.probabilities, strict=True)),
    }


def _row(cells: list[object]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode()
