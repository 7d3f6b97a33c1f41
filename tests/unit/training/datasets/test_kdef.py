"""KDEF: names, labels, and a split by people."""

from pathlib import Path

import numpy as np
import pytest

from mien_training.datasets.faces import Faces
from mien_training.datasets.kdef import ANGLES, EXPRESSIONS, Code, Kdef, parse_name
from mien_training.datasets.splitting import TEST
from mien_training.errors import DataError
from tests.unit.training.datasets.drawing import brightness_labels, draw_kdef, picture, save


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("AF01ANS.JPG", Code("A", "F", 1, "angry", "straight")),
        ("BM35AFFL.JPG", Code("B", "M", 35, "fear", "full left profile")),
        ("bm07suhr.jpg", Code("B", "M", 7, "surprise", "half right profile")),
        ("AF31V.JPG", Code("A", "F", 31, "sad", "half left profile")),
        ("AM31H.JPG", Code("A", "M", 31, "surprise", "half right profile")),
        ("AF00ANS.JPG", None),
        ("AF36ANS.JPG", None),
        ("CF01ANS.JPG", None),
        ("AF01XXS.JPG", None),
        ("AF01AN.JPG", None),
        ("AF01ANS (1).JPG", None),
    ],
)
def test_a_name_is_read(name: str, code: Code | None) -> None:
    """Session, sex, person, expression, angle; two names of the published set are cut short."""
    assert parse_name(Path(name)) == code


def test_the_whole_set_has_seventy_pictures_a_class_for_test(tmp_path: Path) -> None:
    """Fourteen people, as many women as men, five angles, one session; the others 24 and 4 each."""
    for session in "AB":
        for sex in "FM":
            for number in range(1, 36):
                for code in EXPRESSIONS:
                    for angle in ANGLES:
                        (tmp_path / f"{session}{sex}{number:02}{code}{angle}.JPG").touch()
    listed = Kdef().list_pictures(tmp_path).pictures
    for part, pictures_a_class, people in ((0, 480, 48), (1, 80, 8), (2, 70, 14)):
        chosen = [one for one in listed if one.part == part]
        assert np.bincount([one.label for one in chosen]).tolist() == [pictures_a_class] * 7
        numbers = {one.person for one in chosen}
        assert len(numbers) == people
        assert sum(number < 35 for number in numbers) == people // 2
    assert {one.path.name[0] for one in listed if one.part == TEST} == {"A"}


def test_pictures_have_their_expression_and_their_person(tmp_path: Path) -> None:
    """Women are numbered 0 to 34, men 35 to 69; nobody is in two parts."""
    draw_kdef(tmp_path)
    parts = Kdef().read(tmp_path)
    people = []
    for faces in (parts.training, parts.validation, parts.test):
        assert faces is not None
        assert np.array_equal(brightness_labels(faces.images), faces.labels)
        people.append(people_of(faces))
    assert set.union(*people) == {*range(5), *range(35, 40)}
    assert sum(map(len, people)) == 10


def people_of(faces: Faces) -> set[int]:
    assert faces.people is not None
    return set(faces.people.tolist())


def test_pictures_of_other_shapes_are_cut_square(tmp_path: Path) -> None:
    """The middle of the picture is kept, not squeezed."""
    draw_kdef(tmp_path, angles=("S",))
    path = tmp_path / "AF01" / "AF01ANS.JPG"
    image = np.zeros((300, 100), np.uint8)
    image[100:200] = 200
    save(path, image)
    parts = Kdef().read(tmp_path)
    sides = (parts.training, parts.validation, parts.test)
    means = [image.mean() for side in sides if side is not None for image in side.images]
    assert np.isclose(means, 200, atol=2).sum() == 1


def test_a_name_that_tells_no_class_is_an_error(tmp_path: Path) -> None:
    """A picture is never left out without a word; what is no picture may lie there."""
    draw_kdef(tmp_path, angles=("S",))
    (tmp_path / "AF01" / "Thumbs.db").write_bytes(b"")
    Kdef().read(tmp_path)
    save(tmp_path / "AF01" / "portrait.jpg", picture(0, 0))
    with pytest.raises(DataError, match=r"portrait.jpg has a name that tells no class: remove it"):
        Kdef().read(tmp_path)


def test_too_few_people_are_an_error(tmp_path: Path) -> None:
    """Two people cannot be on three sides."""
    draw_kdef(tmp_path, people=2, angles=("S",))
    with pytest.raises(DataError, match=r"with 2 of a sex \(F\); at least 3 are needed"):
        Kdef().read(tmp_path)


def test_a_damaged_picture_is_named(tmp_path: Path) -> None:
    """One sentence with the file."""
    draw_kdef(tmp_path, angles=("S",))
    path = tmp_path / "AF01" / "AF01ANS.JPG"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(DataError, match=r"AF01ANS.JPG is damaged or no picture"):
        Kdef().read(tmp_path)


def test_an_expression_that_nobody_shows_is_named(tmp_path: Path) -> None:
    """An empty class is an error."""
    draw_kdef(tmp_path, angles=("S",))
    for path in tmp_path.rglob("*DIS.JPG"):
        path.unlink()
    with pytest.raises(DataError, match="no face for training of the class disgust"):
        Kdef().read(tmp_path)
