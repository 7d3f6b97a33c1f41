"""Models on the page: compared, explained, listed, chosen, and their cards."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import pictures
from tests.browser.axe import violations
from tests.browser.test_frame import open_view
from tests.browser.test_still_pictures import FACES, choose, face, wider_than_the_screen

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
SCREENS = [(1280, 800), (360, 740)]
DEFAULT = "fer2013-squeezenet-pytorch"
OTHER = "ferplus-squeezenet-pytorch"

Look = Callable[[str], None]

every_screen = pytest.mark.parametrize("viewport", SCREENS, ids=["wide", "phone"], indirect=True)
both_schemes = pytest.mark.parametrize("scheme", ["light", "dark"], indirect=True)


@pytest.fixture
def group(tmp_path: Path) -> Path:
    """A picture of five faces."""
    return pictures.many_faces(tmp_path / "group.png")


@both_schemes
@every_screen
def test_twins_side_by_side(page: Page, group: Path, look: Look) -> None:
    """Both distributions, both latencies, who served, and how far they differ; per face."""
    choose(page, group)
    open_view(page, "Compare")
    comparison = page.get_by_role("region", name="Comparison")
    table = comparison.get_by_role("table", name="Probabilities by framework")
    expect(table.get_by_role("columnheader")).to_have_text(["Expression", "PyTorch", "TensorFlow"])
    expect(table.get_by_role("row")).to_have_count(8)
    expect(comparison.get_by_text("Largest difference").first).to_be_visible()
    latencies = comparison.get_by_role("list", name="Latencies").get_by_role("listitem")
    expect(latencies).to_have_count(2)
    expect(latencies.first).to_contain_text("torchserve")
    expect(latencies.last).to_contain_text("ms")
    face(page, FACES).click()
    expect(comparison).to_contain_text(f"Face {FACES} of {FACES}")
    look("compare")
    assert violations(page) == []
    assert not wider_than_the_screen(page)


@both_schemes
@every_screen
def test_where_the_model_looked(page: Page, group: Path, look: Look) -> None:
    """A map over each face, a slider for it, and a label of one's own for one face."""
    open_view(page, "Explain")
    choose(page, group)
    explanation = page.get_by_role("region", name="Explanation")
    maps = page.locator("canvas")
    expect(maps).to_have_count(FACES + 1)  # the one that is looked at is shown large as well
    slider = explanation.get_by_role("slider", name="Heat over the face")
    slider.fill("0.25")
    expect(maps.first).to_have_css("opacity", "0.25")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(maps.first).to_have_css("opacity", "0.3")
    explanation.get_by_label("What speaks for").select_option("sad")
    expect(face(page, 1)).to_contain_text("sad")
    expect(face(page, 2)).to_contain_text("happy")
    look("explain")
    assert violations(page) == []
    assert not wider_than_the_screen(page)


def test_the_map_lies_on_the_face(page: Page, tmp_path: Path) -> None:
    """Over what the model saw: the box, and a little beside it."""
    choose(page, pictures.new_photo(tmp_path / "photo.jpg", seed=2))
    open_view(page, "Explain")
    area, box = page.locator("canvas").first.bounding_box(), face(page).bounding_box()
    assert area
    assert box
    assert area["x"] < box["x"]
    assert area["x"] + area["width"] > box["x"] + box["width"]
    assert area["height"] == pytest.approx(box["height"], rel=0.1)


def test_another_model_explains_anew(page: Page, group: Path) -> None:
    """The label that was asked for is the other model's own again."""
    choose(page, group)
    open_view(page, "Explain")
    page.get_by_label("What speaks for").select_option("sad")
    expect(face(page, 1)).to_contain_text("sad")
    page.get_by_role("combobox", name="Model").select_option(OTHER)
    expect(page.get_by_label("What speaks for")).to_have_value("happiness")


@both_schemes
@every_screen
def test_models_and_a_card(page: Page, look: Look) -> None:
    """What each was trained on, how good it is; its card, which no HTML comes into."""
    open_view(page, "Models")
    tiles = page.get_by_role("list", name="Models").locator("> li")
    tile = tiles.filter(has=page.get_by_role("heading", name=DEFAULT))
    for words in ("fer2013", "PyTorch", "%", "angry, disgust, fear", "48", "Licence", "ready"):
        expect(tile).to_contain_text(words)
    look("models")
    assert violations(page) == []
    assert not wider_than_the_screen(page)
    page.get_by_role("button", name=f"Model card of {DEFAULT}").click()
    card = page.get_by_role("dialog", name=f"Model card of {DEFAULT}")
    expect(card.get_by_role("heading", name="Limits")).to_be_visible()
    expect(card.get_by_role("table").first).to_be_attached()
    expect(card).not_to_contain_text("<!--")
    look("card")
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()


def test_a_model_is_chosen(page: Page, tmp_path: Path) -> None:
    """Every view asks it from then on."""
    open_view(page, "Models")
    page.get_by_role("button", name=f"Use this model {OTHER}").click()
    expect(page.get_by_role("button", name=f"In use {OTHER}")).to_be_visible()
    open_view(page, "Picture")
    choose(page, pictures.new_photo(tmp_path / "photo.jpg", seed=3))
    expect(face(page)).to_contain_text("happiness")


def test_a_new_version_is_there_without_loading_the_page_again(page: Page) -> None:
    """The view of the models asks for the list each time that it is opened."""
    expect(page.get_by_role("combobox", name="Model")).to_be_enabled()
    listed = page.request.get("/v1/models").json()
    listed["models"][0]["version"] = 4711
    page.route("**/v1/models", lambda route: route.fulfill(json=listed))
    open_view(page, "Models")
    expect(page.get_by_text("version 4711")).to_be_visible()
