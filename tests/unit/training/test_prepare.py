"""Raw pictures become one file of faces, cropped as the served detector crops them."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from mien_detector.detectors.factory import Detector
from mien_detector.detectors.libfacedetection import LibFaceDetection
from mien_detector.detectors.model_file import FILE_NAME
from mien_detector.pipeline import FaceFinder
from mien_detector.types import Box, CropShape, Face, Image, ImageLimits, Selection
from mien_training.cropping import NoClearFaceError, crop_face
from mien_training.datasets import Parts, find_dataset
from mien_training.datasets.kdef import Kdef
from mien_training.datasets.leaks import find_leaks
from mien_training.datasets.packed import PACKED
from mien_training.paths import REPOSITORY
from mien_training.prepare import main
from tests.fakes.detector import FakeDetector, draw_face
from tests.fakes.pictures import SAMPLE
from tests.unit.training.datasets.drawing import (
    draw_kdef,
    draw_mixed,
    draw_nhfi,
    draw_sheets,
)

YUNET = REPOSITORY.parent / "shared" / "models"
FACES = 10 * 7 * 2
"""Pictures in a drawn KDEF of five women and five men with one angle."""


def finder(_: Path | None = None, *, detector: Detector | None = None) -> FaceFinder:
    """Return the service's finder, if not told otherwise with what takes magenta for faces."""
    return FaceFinder(
        detector or FakeDetector(),
        limits=ImageLimits(max_bytes=10_000_000, max_pixels=40_000_000),
        selection=Selection(minimum_score=0.6, minimum_face_pixels=20, maximum_faces=100),
        detection_side=640,
        response_bytes=10_000_000,
    )


def photograph(seed: int, *boxes: Box) -> np.ndarray:
    """Draw faces before a background whose noise no two pictures share."""
    image = np.random.default_rng(seed).integers(0, 90, (160, 120, 3)).astype(np.uint8)
    for box in boxes:
        draw_face(image, box)
    return image


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """KDEF with one magenta face a picture."""
    folder = tmp_path / "raw"
    draw_kdef(folder, angles=("S",))
    for seed, path in enumerate(sorted(folder.rglob("*.JPG"))):
        cv2.imwrite(str(path), photograph(seed, Box(40, 50, 48, 60)))
    return folder


@pytest.fixture
def pack(raw: Path, tmp_path: Path) -> Callable[..., int]:
    """Runs the program on the drawn KDEF."""

    def run(*more: str) -> int:
        arguments = ["--dataset", "kdef", "--raw", str(raw), "--out", str(tmp_path / "out")]
        return main([*arguments, *more], finder)

    return run


def packed_parts(tmp_path: Path, name: str = "kdef") -> Parts:
    assert (tmp_path / "out" / PACKED).is_file()
    return find_dataset(name).read(tmp_path / "out")


def everybody(parts: Parts) -> int:
    return len(parts.training) + len(parts.validation) + (len(parts.test) if parts.test else 0)


def test_every_picture_with_one_face_becomes_a_crop(
    pack: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The crops fill their shape, the split is the reader's, and the answer tells the counts."""
    assert pack() == 0
    parts = packed_parts(tmp_path)
    assert parts.training.images.shape[1:] == (48, 48, 1)
    assert parts.test is not None
    # Of the one woman and the one man who are the test, only session A is used.
    assert everybody(parts) == FACES - 2 * 7
    assert find_leaks(parts) == []
    told = capsys.readouterr().out
    assert f"training {len(parts.training)}, validation {len(parts.validation)}" in told
    assert "found by fake" in told
    assert "no two parts share a picture or a person" in told
    assert (tmp_path / "out" / "left-out.txt").read_text() == ""


def test_size_and_colour_are_as_asked_for(pack: Callable[..., int], tmp_path: Path) -> None:
    """The middle of a crop is the magenta of the face, in red, green, blue."""
    assert pack("--size", "64", "--colour") == 0
    images = packed_parts(tmp_path).training.images
    assert images.shape[1:] == (64, 64, 3)
    assert np.allclose(images[:, 30:34, 30:34].mean(axis=(0, 1, 2)), (255, 0, 255), atol=8)


def test_pictures_without_one_clear_face_are_left_out_and_listed(
    pack: Callable[..., int], raw: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No, two or too small faces, a damaged file, an odd name: each with its reason."""
    training = trained_person(raw)
    shots = sorted((raw / training).glob("*.JPG"))
    cv2.imwrite(str(shots[0]), photograph(1))
    cv2.imwrite(str(shots[1]), photograph(2, Box(10, 10, 40, 50), Box(70, 80, 40, 50)))
    cv2.imwrite(str(shots[2]), photograph(3, Box(50, 50, 12, 15)))
    shots[3].write_bytes(shots[3].read_bytes()[:200])
    cv2.imwrite(str(raw / "portrait.jpg"), photograph(4))
    assert pack() == 0
    lines = (tmp_path / "out" / "left-out.txt").read_text().splitlines()
    reasons = dict(line.split(": ", 1) for line in lines)
    names = [f"{training}/{shot.name}" for shot in shots[:4]]
    assert reasons[names[0]] == "no faces"
    assert reasons[names[1]] == "2 faces"
    assert reasons[names[2]] == "no faces"
    assert "truncated or corrupt" in reasons[names[3]]
    assert reasons["portrait.jpg"] == "the name tells no class"
    assert len(lines) == 5
    assert everybody(packed_parts(tmp_path)) == FACES - 2 * 7 - 4
    assert "5 pictures are left out" in capsys.readouterr().out


def trained_person(raw: Path) -> str:
    listed = Kdef().list_pictures(raw).pictures
    return next(one.path.parent.name for one in listed if one.part == 0)


def test_pictures_that_show_no_face_at_all_are_an_error(
    pack: Callable[..., int], raw: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is nothing to write, so nothing is written."""
    for path in raw.rglob("*.JPG"):
        cv2.imwrite(str(path), photograph(1))
    assert pack() == 1
    assert "shows exactly one clear face" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


class InterruptedDetector(FakeDetector):
    """Ctrl-C is pressed at the tenth picture."""

    def __init__(self) -> None:
        self._left = 10

    def detect(self, image: Image, minimum_score: float) -> list[Face]:
        """See FakeDetector."""
        self._left -= 1
        if not self._left:
            raise KeyboardInterrupt
        return super().detect(image, minimum_score)


def test_an_interruption_leaves_what_was_there(
    pack: Callable[..., int],
    raw: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Ctrl-C ends with a sentence, and the faces of an earlier run are whole."""
    assert pack() == 0
    before = {path: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    arguments = ["--dataset", "kdef", "--raw", str(raw), "--out", str(tmp_path / "out")]
    assert main(arguments, lambda _: finder(detector=InterruptedDetector())) == 130
    assert "stopped before any face was written" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_pictures_that_are_cropped_are_taken_whole(tmp_path: Path) -> None:
    """NHFI needs no detector; none is made."""
    draw_nhfi(tmp_path / "raw")
    (tmp_path / "raw" / "fear" / "9.jpg").write_bytes(b"damaged")

    def never(_: Path | None) -> FaceFinder:
        raise AssertionError

    arguments = ["--raw", str(tmp_path / "raw"), "--out", str(tmp_path / "out")]
    assert main(["--dataset", "nhfi", *arguments], never) == 0
    assert everybody(packed_parts(tmp_path, "nhfi")) == 8 * 20 - 1
    assert "fear/9.jpg: " in (tmp_path / "out" / "left-out.txt").read_text()


def test_nhfi_can_be_cropped_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On noise without a face that leaves nothing, and says so."""
    draw_nhfi(tmp_path / "raw")
    arguments = ["--raw", str(tmp_path / "raw"), "--out", str(tmp_path / "out")]
    assert main(["--dataset", "nhfi", "--faces", "detect", *arguments], finder) == 1
    assert "one clear face" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "draw"), [("fer2013", draw_sheets), ("mixed", draw_mixed)])
def test_any_data_set_can_be_packed(
    name: str, draw: Callable[[Path], None], tmp_path: Path
) -> None:
    """Its parts come back as its own reader gives them."""
    draw(tmp_path / "raw")
    arguments = ["--raw", str(tmp_path / "raw"), "--out", str(tmp_path / "out")]
    assert main(["--dataset", name, *arguments]) == 0
    before = find_dataset(name).read(tmp_path / "raw")
    assert np.array_equal(before.training.images, packed_parts(tmp_path, name).training.images)
    assert main(["--dataset", name, *arguments, "--size", "64"]) == 1


def test_missing_pictures_are_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the folder and where to get them."""
    arguments = ["--raw", str(tmp_path / "absent"), "--out", str(tmp_path / "out")]
    assert main(["--dataset", "kdef", *arguments], finder) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert "absent holds no picture of KDEF" in error
    assert error.count("\n") == 1


def test_the_crop_is_the_crop_that_is_served() -> None:
    """Byte for byte what the face-detector answers for the sample photo."""
    served = finder(detector=LibFaceDetection())
    findings = served.find(SAMPLE.read_bytes(), served.selection, CropShape(48, 48, 1))
    assert crop_face(served, SAMPLE, 48, 1).tobytes() == findings.faces[0].crop


def test_a_missing_picture_has_no_face(tmp_path: Path) -> None:
    """A file that vanishes meanwhile is left out like a damaged one."""
    with pytest.raises(NoClearFaceError, match="No such file"):
        crop_face(finder(), tmp_path / "absent.jpg", 48, 1)


def test_the_program_uses_the_detector_of_the_service(
    raw: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By default it is the one that serves, by the same settings; it finds a real face."""
    if not (YUNET / FILE_NAME).is_file():
        pytest.skip(f"{YUNET} holds no detector: the served one cannot be tried")
    rng = np.random.default_rng(0)
    portrait = np.asarray(cv2.imread(str(SAMPLE)), np.uint8)[:300, 100:350]
    photo = cv2.resize(portrait, None, fx=0.6, fy=0.6)
    for path in raw.rglob("*.JPG"):
        noise = rng.integers(-9, 9, photo.shape)
        cv2.imwrite(str(path), np.clip(photo + noise, 0, 255).astype(np.uint8))
    arguments = ["--dataset", "kdef", "--raw", str(raw), "--out", str(tmp_path / "out")]
    assert main([*arguments, "--model-dir", str(YUNET)]) == 0
    assert "faces are found by yunet" in capsys.readouterr().out
    assert everybody(packed_parts(tmp_path)) == FACES - 2 * 7


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("MIEN_DETECTOR_DETECTOR", "yunet", "there is no face detector: http://127.0.0.1:9"),
        ("MIEN_DETECTOR_MINIMUM_SCORE", "7", "sets the face detector's minimum_score to what"),
    ],
)
def test_a_detector_that_cannot_be_made_is_one_sentence(
    raw: Path,
    tmp_path: Path,
    variable: str,
    value: str,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without the file or the network, or with a wrong setting, nothing is cropped."""
    monkeypatch.setenv("MIEN_DETECTOR_YUNET_URL", "http://127.0.0.1:9/yunet.onnx")
    monkeypatch.setenv("MIEN_DETECTOR_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv(variable, value)
    arguments = ["--dataset", "kdef", "--raw", str(raw), "--out", str(tmp_path / "out")]
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
