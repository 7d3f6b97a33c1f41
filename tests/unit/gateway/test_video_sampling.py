"""Frames come from a video at a steady rate, whatever the video is like."""

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from mien_gateway.errors import UnsupportedVideoError
from mien_gateway.video.decoder import Sampler, check_video
from mien_gateway.video.jobs import (
    FrameTooLargeError,
    JobError,
    TooManyFramesError,
    VideoLimits,
    VideoOptions,
    VideoTooLongError,
)
from mien_stack.sample_photo import sample_photo
from tests.fakes.videos import picture, steady, write_video

LIMITS = VideoLimits(
    frames=1000, seconds=100, pixels=1_000_000, retry_seconds=1, job_seconds=60, frame_seconds=5
)
OPTIONS = VideoOptions(model="any")


def times(sampler: Sampler) -> list[float]:
    return [frame.time_seconds for frame in sampler]


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of two pictures, of 255."""
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


@pytest.mark.parametrize(
    ("container", "codec"),
    [("mp4", "libx264"), ("webm", "libvpx"), ("matroska", "libx264"), ("mpegts", "libx264")],
)
def test_a_steady_video_gives_a_steady_rate(tmp_path: Path, container: str, codec: str) -> None:
    """Four seconds at five frames a second, from any container; times begin at zero."""
    path = write_video(tmp_path / "v", steady(4, 12), container=container, codec=codec)
    sampler = Sampler(path, OPTIONS, LIMITS)
    found = times(sampler)
    assert len(found) == 20
    assert found[0] == 0
    assert all(abs(time - index / 5) < 1 / 12 for index, time in enumerate(found))
    assert abs(sampler.expected - 20) <= 1


def test_a_variable_rate_is_told_by_the_times_alone(tmp_path: Path) -> None:
    """Many frames in the first second, few afterwards: no frame twice, none too early."""
    sent = [*steady(1, 40), 1.5, 1.9, 3.0]
    path = write_video(tmp_path / "v.mp4", sent)
    assert times(Sampler(path, OPTIONS, LIMITS)) == pytest.approx(
        [0, 0.2, 0.4, 0.6, 0.8, 1.5, 1.9, 3.0], abs=0.002
    )


def test_a_slow_video_gives_each_frame_once(tmp_path: Path) -> None:
    """Two frames a second are two, though five are asked for."""
    path = write_video(tmp_path / "v.mp4", steady(3, 2))
    assert times(Sampler(path, OPTIONS, LIMITS)) == pytest.approx(steady(3, 2), abs=0.002)


def test_a_range_is_kept(tmp_path: Path) -> None:
    """From `start`, though the key frame lies before it, to just before `end`."""
    path = write_video(tmp_path / "v.mp4", steady(4, 10))
    options = replace(OPTIONS, start=1.3, end=2.5)
    sampler = Sampler(path, options, LIMITS)
    assert times(sampler) == pytest.approx([1.3, 1.5, 1.7, 1.9, 2.1, 2.3], abs=0.002)
    assert sampler.expected == 6


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_frames_are_upright(tmp_path: Path, rotation: int) -> None:
    """A telephone's video is stored lying, with a note on how to turn it."""
    path = write_video(tmp_path / "v.mp4", [0, 0.1], rotation=rotation)
    frame = next(iter(Sampler(path, OPTIONS, LIMITS)))
    stored = picture(0)
    upright = stored.rotate(rotation, expand=True)
    assert frame.image.size == upright.size
    assert difference(frame.image, upright) < 12
    if rotation:
        assert difference(frame.image, upright.rotate(180)) > 30


@pytest.mark.parametrize(
    ("options", "limits", "fault"),
    [
        ({}, {"seconds": 3}, VideoTooLongError),
        ({}, {"frames": 19}, TooManyFramesError),
        ({}, {"pixels": 320 * 240 - 1}, FrameTooLargeError),
    ],
)
def test_what_is_more_than_allowed_is_a_fault(
    tmp_path: Path,
    options: dict[str, float],
    limits: dict[str, int],
    fault: type[JobError],
) -> None:
    """Before anything is decoded."""
    path = write_video(tmp_path / "v.mp4", steady(4, 10))
    sampler = Sampler(path, replace(OPTIONS, **options), replace(LIMITS, **limits))  # type: ignore[arg-type]
    with pytest.raises(fault):
        next(iter(sampler))


def test_a_short_range_of_a_long_video_is_allowed(tmp_path: Path) -> None:
    """The limit is for what is analysed."""
    path = write_video(tmp_path / "v.mp4", steady(4, 10))
    options = replace(OPTIONS, start=1, end=2)
    assert len(times(Sampler(path, options, replace(LIMITS, seconds=1.5)))) == 5


def test_what_is_corrupt_is_skipped(tmp_path: Path) -> None:
    """Noise in the middle costs frames, not the whole video."""
    path = write_video(tmp_path / "v.ts", steady(4, 10), container="mpegts")
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 3000] = bytes(range(256)) * 11 + bytes(184)
    path.write_bytes(content)
    found = times(Sampler(path, OPTIONS, LIMITS))
    assert 10 <= len(found) <= 20


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a video, however long it may be" * 100,
        sample_photo(),
        b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"\x00\x00\x00\x18ftypisom" + bytes(100),
    ],
    ids=["empty", "text", "picture", "playlist", "list of files", "only a beginning"],
)
def test_what_is_no_video_is_refused(tmp_path: Path, content: bytes) -> None:
    """Playlists too: they would have other files read."""
    path = tmp_path / "v"
    path.write_bytes(content)
    with pytest.raises(UnsupportedVideoError):
        check_video(path)
