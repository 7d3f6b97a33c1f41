"""Timelines become JSON, CSV and WebVTT, piece by piece."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import orjson
import pytest

from mien_gateway.domain import Box, Face
from mien_gateway.video.results import (
    Timeline,
    TimelineWriter,
    as_csv,
    as_json,
    as_vtt,
    timed_frame,
)
from mien_gateway.worker.job import make_tracks
from tests.fakes.gateway import face_of
from tests.fakes.videos import NumberedFace

LABELS = ("happy", "sad", 'so-called "neutral", calm')
PROBABILITIES = {"happy": (0.75, 0.2, 0.05), "sad": (0.1, 0.6, 0.3)}


def seen(track: int, label: str) -> NumberedFace:
    box = Box(10.123456, 20, 30, 40)
    return NumberedFace(Face(box, face_of(b"").landmarks, 0.98765, PROBABILITIES[label]), track)


def timeline(path: Path, frames: Sequence[tuple[float, dict[int, str]]]) -> Timeline:
    """A timeline with these tracks and labels at these times."""
    with path.open("wb") as file:
        writer = TimelineWriter(file, LABELS)
        for time, labels in frames:
            faces = [seen(track, label) for track, label in labels.items()]
            writer.write(timed_frame(time, faces, list(labels.values())))
    return Timeline(path)


def cues(path: Path, frames: Sequence[tuple[float, dict[int, str]]]) -> list[str]:
    text = b"".join(as_vtt(timeline(path, frames), 5)).decode()
    head, *blocks = text.strip().split("\n\n")
    assert head == "WEBVTT"
    return blocks


def test_json_is_one_document(tmp_path: Path) -> None:
    """With the job, the labels and every frame, those without a face too."""
    frames = timeline(tmp_path / "t", [(0.0, {1: "happy", 2: "sad"}), (0.2, {})])
    document = orjson.loads(b"".join(as_json(frames, {"id": "x"})))
    assert document["job"] == {"id": "x"}
    assert document["labels"] == list(LABELS)
    assert [len(frame["faces"]) for frame in document["frames"]] == [2, 0]
    face = document["frames"][0]["faces"][1]
    assert face["track"] == 2
    assert face["box"] == {"x": 10.12, "y": 20, "width": 30, "height": 40}
    assert face["top"] == {"label": "sad", "probability": 0.6}
    assert face["probabilities"] == dict(zip(LABELS, PROBABILITIES["sad"], strict=True))


def test_a_timeline_without_frames_is_a_document_too(tmp_path: Path) -> None:
    """As valid as any."""
    document = orjson.loads(b"".join(as_json(timeline(tmp_path / "t", []), {})))
    assert document["frames"] == []


def test_csv_has_a_row_per_face(tmp_path: Path) -> None:
    """And a column per label, whatever stands in its name."""
    frames = timeline(tmp_path / "t", [(0.0, {1: "happy", 2: "sad"}), (0.2, {}), (0.4, {1: "sad"})])
    rows = list(csv.DictReader(io.StringIO(b"".join(as_csv(frames)).decode(), newline="")))
    assert [(row["time_seconds"], row["track"], row["label"]) for row in rows] == [
        ("0.0", "1", "happy"),
        ("0.0", "2", "sad"),
        ("0.4", "1", "sad"),
    ]
    assert rows[0]["confidence"] == rows[0]["happy"] == "0.75"
    assert rows[1][LABELS[2]] == "0.3"


def test_equal_labels_make_one_cue(tmp_path: Path) -> None:
    """It ends when the label changes, or one interval after the last frame."""
    frames = [(index / 5, {1: "happy" if index < 3 else "sad"}) for index in range(5)]
    assert cues(tmp_path / "t", frames) == [
        "00:00:00.000 --> 00:00:00.600\n#1 happy 75%",
        "00:00:00.600 --> 00:00:01.000\n#1 sad 60%",
    ]


def test_a_face_that_goes_and_comes_makes_two_cues(tmp_path: Path) -> None:
    """But one that was missed for a frame makes one."""
    missed = [(0.0, {1: "sad"}), (0.2, {}), (0.4, {1: "sad"})]
    assert len(cues(tmp_path / "t", missed)) == 1
    gone = [(0.0, {1: "sad"}), (0.2, {}), (1.0, {1: "sad"})]
    assert len(cues(tmp_path / "t", gone)) == 2


def test_faces_have_cues_of_their_own(tmp_path: Path) -> None:
    """Even with the same label at the same time, and after more than an hour."""
    frames = [(3725.5, {1: "happy", 2: "happy"})]
    assert cues(tmp_path / "t", frames) == [
        "01:02:05.500 --> 01:02:05.700\n#1 happy 75%",
        "01:02:05.500 --> 01:02:05.700\n#2 happy 75%",
    ]


@pytest.mark.parametrize(("seconds", "calm"), [(None, True), (0.0, False), (2.0, True)])
def test_the_worker_smooths_as_it_is_told(seconds: float | None, calm: bool) -> None:
    """A face that changes at once changes slowly, unless smoothing is switched off."""
    tracks = make_tracks(seconds)
    for time, label in ((0.0, "happy"), (0.2, "sad")):
        faces = tracks.update(time, [seen(1, label).face])
    shown = faces[0].face.probabilities
    assert (shown[1] < PROBABILITIES["sad"][1] - 0.05) is calm
    assert faces[0].track == 1
