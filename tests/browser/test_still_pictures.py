"""Still pictures on the page: chosen, dropped, pasted, their faces looked at, errors in words."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser import pictures
from tests.browser.axe import violations

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
SECOND = 1000
TELEPHONE = (360, 740)
STEM = "Fröhlich \N{EN DASH} 笑顔"
UMLAUTS_AND_KANJI = f"{STEM}.jpg"
MODEL = "fer2013-squeezenet-pytorch"
OTHER_MODEL = "ferplus-squeezenet-tensorflow"
FACES = 5

Look = Callable[[str], None]


def choose(page: Page, *paths: Path) -> None:
    """As with the button."""
    page.locator("input[type=file]").set_input_files(list(paths))


def face(page: Page, number: int = 1) -> Locator:
    """A face's box on the picture."""
    return page.get_by_role("button", name=f"Face {number}:")


def thumbnail(page: Page, name: str, state: str) -> Locator:
    """A picture among those chosen, in that state."""
    strip = page.get_by_role("list", name="Pictures")
    return strip.get_by_role("button", name=f"{name}, {state}", exact=True)


def centre(box: Locator, picture: Locator) -> tuple[float, float]:
    """Where the middle of a box is, in parts of the picture."""
    inner, outer = box.bounding_box(), picture.bounding_box()
    assert inner
    assert outer
    return (
        (inner["x"] + inner["width"] / 2 - outer["x"]) / outer["width"],
        (inner["y"] + inner["height"] / 2 - outer["y"]) / outer["height"],
    )


def wider_than_the_screen(page: Page) -> bool:
    """Whether one would have to scroll sideways."""
    element = "document.documentElement"
    return bool(page.evaluate(f"{element}.scrollWidth > {element}.clientWidth"))


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """The sample photo under a name in two languages."""
    path = tmp_path / UMLAUTS_AND_KANJI
    pictures.photo().save(path, quality=92)
    return path


@pytest.fixture
def group(tmp_path: Path) -> Path:
    """A picture of five faces."""
    return pictures.many_faces(tmp_path / "group.png")


def test_a_photo_is_boxed_within_a_second(page: Page, sample: Path) -> None:
    """The very first picture of a visit, from the choice to the label."""
    expect(page.get_by_role("combobox", name="Model")).to_have_value(MODEL)
    choose(page, sample)
    expect(face(page)).to_be_visible(timeout=SECOND)
    expect(face(page)).to_contain_text("happy")
    expect(page.get_by_text(UMLAUTS_AND_KANJI)).to_be_visible()
    expect(page.get_by_text("1 face: happy")).to_be_visible()
    expect(thumbnail(page, UMLAUTS_AND_KANJI, "1 face")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"], indirect=True)
@pytest.mark.parametrize("viewport", [(1280, 800), TELEPHONE], ids=["wide", "phone"], indirect=True)
def test_a_picture_is_accessible_and_fits(page: Page, group: Path, look: Look) -> None:
    """Boxes, bars and thumbnails, in both schemes, on a screen and on a telephone."""
    choose(page, group)
    expect(face(page, FACES)).to_be_visible()
    look("picture")
    assert violations(page) == []
    assert not wider_than_the_screen(page)


def test_a_photo_is_dropped(page: Page, sample: Path) -> None:
    """Anywhere on the page."""
    page.evaluate(
        """bytes => {
          const files = new DataTransfer();
          files.items.add(new File([new Uint8Array(bytes)], "dropped.jpg", {type: "image/jpeg"}));
          document.body.dispatchEvent(
            new DragEvent("drop", {dataTransfer: files, bubbles: true, cancelable: true}));
        }""",
        list(sample.read_bytes()),
    )
    expect(thumbnail(page, "dropped.jpg", "1 face")).to_be_visible()


def test_a_photo_is_pasted(page: Page, sample: Path) -> None:
    """As a screenshot would be."""
    page.evaluate(
        """bytes => {
          const files = new DataTransfer();
          files.items.add(new File([new Uint8Array(bytes)], "pasted.jpg", {type: "image/jpeg"}));
          document.body.dispatchEvent(
            new ClipboardEvent("paste", {clipboardData: files, bubbles: true}));
        }""",
        list(sample.read_bytes()),
    )
    expect(thumbnail(page, "pasted.jpg", "1 face")).to_be_visible()


def test_all_probabilities_of_the_face_that_is_pointed_at(page: Page, group: Path) -> None:
    """By mouse, by keyboard, by touch; what makes it hard to judge is said in words."""
    choose(page, group)
    result = page.get_by_role("region", name="Result")
    expect(result).to_contain_text(f"Face 1 of {FACES}")
    expect(result.get_by_role("list", name="Probabilities").get_by_role("listitem")).to_have_count(
        7
    )
    face(page, 2).hover()
    expect(result).to_contain_text(f"Face 2 of {FACES}")
    page.mouse.move(0, 0)
    expect(result).to_contain_text(f"Face 1 of {FACES}")
    face(page, 1).focus()
    page.keyboard.press("Tab")
    expect(result).to_contain_text(f"Face 2 of {FACES}")
    page.keyboard.press("Enter")
    expect(face(page, 2)).to_have_attribute("aria-pressed", "true")
    face(page, FACES).click()
    expect(result).to_contain_text("The face is small")
    page.get_by_role("button", name="Next face").click()
    expect(face(page, 1)).to_have_attribute("aria-pressed", "true")


def test_labels_stay_in_the_picture(page: Page, group: Path) -> None:
    """Those of faces at its edges too, and they are large enough to be read."""
    choose(page, group)
    expect(face(page, FACES)).to_be_visible()
    picture = page.get_by_role("img", name="group.png").bounding_box()
    assert picture
    for number in range(1, FACES + 1):
        label = face(page, number).locator("span").bounding_box()
        assert label
        assert label["height"] >= 20
        assert label["x"] >= picture["x"] - 4
        assert label["y"] >= picture["y"] - 4
        assert label["x"] + label["width"] <= picture["x"] + picture["width"] + 4
        assert label["y"] + label["height"] <= picture["y"] + picture["height"] + 4


def test_a_photo_that_lies_on_its_side_is_boxed_upright(page: Page, tmp_path: Path) -> None:
    """Telephones say by EXIF how a photo is to be turned."""
    choose(page, pictures.telephone_photo(tmp_path / "telephone.jpg"))
    x, y = centre(face(page), page.get_by_role("img", name="telephone.jpg"))
    assert x == pytest.approx((224 - 60) / 400, abs=0.03)
    assert y == pytest.approx(121 / 512, abs=0.03)


def test_several_pictures_at_once(page: Page, sample: Path, group: Path, tmp_path: Path) -> None:
    """Each in its own state; one is looked at, another is taken away."""
    nobody = pictures.no_face(tmp_path / "nobody.webp")
    choose(page, sample, group, nobody)
    expect(thumbnail(page, UMLAUTS_AND_KANJI, "1 face")).to_have_attribute("aria-pressed", "true")
    expect(thumbnail(page, "group.png", f"{FACES} faces")).to_be_visible()
    thumbnail(page, "nobody.webp", "no face").click()
    expect(page.get_by_role("heading", name="No face found")).to_be_visible()
    page.get_by_role("button", name="Remove nobody.webp").click()
    expect(thumbnail(page, "group.png", f"{FACES} faces")).to_have_attribute("aria-pressed", "true")
    expect(face(page, FACES)).to_be_visible()


def test_a_text_file_named_jpg_is_refused_in_words(page: Page, tmp_path: Path) -> None:
    """What it is not, what to do, and nothing breaks: the next picture is analysed."""
    text = tmp_path / "notes.jpg"
    text.write_text("These are notes, not a picture.\n" * 50)
    choose(page, text)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("notes.jpg: Unsupported media type")
    expect(alert).to_contain_text("Choose a JPEG, PNG, WebP or BMP picture.")
    expect(thumbnail(page, "notes.jpg", "error")).to_be_visible()
    assert violations(page) == []
    choose(page, pictures.new_photo(tmp_path / "photo.jpg", seed=1))
    expect(face(page)).to_be_visible()
    expect(alert).to_be_hidden()


def test_a_heic_is_refused_with_what_helps(page: Page, tmp_path: Path) -> None:
    """Telephones write it, and few browsers read it."""
    heic = tmp_path / "IMG_0001.HEIC"
    heic.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100))
    choose(page, heic)
    expect(page.get_by_role("alert")).to_contain_text("Unsupported media type")
    expect(page.get_by_text("Most Compatible")).to_be_visible()


def test_a_picture_of_20_megabytes_is_scaled_down(page: Page, tmp_path: Path) -> None:
    """The page says so, and the box is where the face is."""
    choose(page, pictures.large_photo(tmp_path / "large.jpg"))
    expect(
        page.get_by_text("Scaled down to 2560 \N{MULTIPLICATION SIGN} 2560 pixels")
    ).to_be_visible()
    x, y = centre(face(page), page.get_by_role("img", name="large.jpg"))
    assert x == pytest.approx(224 / 512, abs=0.03)
    assert y == pytest.approx(121 / 512, abs=0.03)


def test_switching_the_model_keeps_the_picture(page: Page, sample: Path) -> None:
    """It is analysed again, and the answer tells who answered."""
    choose(page, sample)
    expect(face(page)).to_contain_text("happy")
    page.get_by_role("combobox", name="Model").select_option(OTHER_MODEL)
    expect(face(page)).to_contain_text("happiness")
    expect(page.get_by_role("region", name="Result")).to_contain_text("contempt")
    page.get_by_role("group").filter(has_text="tensorflow").locator("summary").click()
    expect(page.get_by_text(f"{OTHER_MODEL}, version")).to_be_visible()
    page.reload()
    expect(page.get_by_role("combobox", name="Model")).to_have_value(OTHER_MODEL)


def test_the_annotated_picture_and_the_answer_are_saved(
    page: Page, sample: Path, tmp_path: Path
) -> None:
    """Under the picture's own name."""
    choose(page, sample)
    expect(face(page)).to_be_visible()
    with page.expect_download() as drawn:
        page.get_by_role("button", name="Annotated picture").click()
    assert drawn.value.suggested_filename == f"{STEM}-annotated.jpg"
    drawn.value.save_as(tmp_path / "annotated.jpg")
    with Image.open(tmp_path / "annotated.jpg") as annotated:
        assert annotated.size == (512, 512)
    with page.expect_download() as answer:
        page.get_by_role("button", name="JSON").click()
    assert answer.value.suggested_filename == f"{STEM}.json"
    answer.value.save_as(tmp_path / "answer.json")
    assert len(json.loads((tmp_path / "answer.json").read_text())["faces"]) == 1
