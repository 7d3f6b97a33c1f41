"""Cameras and files that frames come from."""

import io
from pathlib import Path
from time import monotonic, sleep

import pytest
from PIL import Image

from mien_client.command.faults import CommandError
from mien_client.command.statuses import ExitStatus
from mien_client.command.watching.source import LONGEST_SIDE, named
from tests.fakes.videos import steady, write_video


@pytest.mark.parametrize(
    ("argument", "platform", "place", "kind"),
    [
        ("0", "linux", "/dev/video0", "v4l2"),
        ("/dev/video7", "linux", "/dev/video7", "v4l2"),
        ("1", "darwin", "1", "avfoundation"),
        ("video=Camera", "win32", "video=Camera", "dshow"),
    ],
)
def test_a_number_or_a_device_is_a_camera(
    argument: str, platform: str, place: str, kind: str
) -> None:
    """In the way that each system names them."""
    source = named(argument, platform)
    assert (source.place, source.format, source.is_camera) == (place, kind, True)


@pytest.mark.parametrize(
    ("argument", "platform", "part"),
    [
        ("nothing.mp4", "linux", "no file and no camera"),
        ("0", "win32", "names on Windows"),
        ("0", "plan9", "not known on plan9"),
    ],
)
def test_what_is_neither_is_a_wrong_argument(argument: str, platform: str, part: str) -> None:
    """Said with what can be named instead."""
    with pytest.raises(CommandError, match=part) as caught:
        named(argument, platform)
    assert caught.value.status is ExitStatus.MISUSED
    assert caught.value.remedy


def test_a_file_plays_in_real_time(tmp_path: Path) -> None:
    """Each frame comes when it is due, with its time in the file."""
    source = named(str(write_video(tmp_path / "clip.mp4", steady(0.5, 10))))
    begun = monotonic()
    late = [(shot.seconds, monotonic() - begun) for shot in source.shots(sleep)]
    assert [seconds for seconds, _ in late] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4], abs=0.01)
    assert all(passed >= seconds - 0.01 for seconds, passed in late)


def test_frames_are_upright_and_not_too_large(tmp_path: Path) -> None:
    """A telephone's rotation is applied, and nobody needs 4K for a face."""
    path = write_video(tmp_path / "clip.mp4", [0.0], size=(1920, 1080), rotation=90)
    (shot,) = named(str(path)).shots(sleep)
    with Image.open(io.BytesIO(shot.as_jpeg())) as picture:
        assert picture.format == "JPEG"
        assert picture.size == (LONGEST_SIDE * 1080 // 1920, LONGEST_SIDE)


def test_a_file_that_is_no_video_is_said_in_words(tmp_path: Path) -> None:
    """Whatever its name."""
    path = tmp_path / "notes.mp4"
    path.write_text("notes")
    with pytest.raises(CommandError, match=r"notes\.mp4 cannot be read"):
        list(named(str(path)).shots(sleep))
