"""The view of videos: sent, followed, played with boxes in step, kept and deleted."""

import csv
import io
import json
import re
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, expect

from tests.browser.axe import violations
from tests.fakes.videos import steady, write_video

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
JOB_MILLISECONDS = 60_000
SECONDS, RATE = 6, 25
TELEPHONE = (390, 844)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A face that moves, as every browser plays it; its name is in two languages."""
    path = tmp_path_factory.mktemp("videos") / "Grüße 表情.mp4"
    return write_video(path, steady(SECONDS, RATE), size=(640, 480))


@pytest.fixture
def view(page: Page) -> Page:
    """The view of videos."""
    page.goto("/#/video")
    expect(page.get_by_role("heading", level=1, name="Video")).to_be_visible()
    return page


def choose(view: Page, path: Path) -> None:
    view.locator("input[type=file]").set_input_files(path)
    expect(view.get_by_role("button", name="Analyse the video")).to_be_enabled()


def analyse(view: Page, path: Path) -> None:
    """Send a video and wait for what was found."""
    choose(view, path)
    view.get_by_role("button", name="Analyse the video").click()
    expect(view.get_by_text("Analysed:")).to_be_visible(timeout=JOB_MILLISECONDS)


def downloaded(view: Page, name: str) -> Download:
    with view.expect_download() as download:
        view.get_by_role("link", name=name, exact=True).click()
    return download.value


def content_of(download: Download) -> bytes:
    return Path(download.path()).read_bytes()


def played_seconds(view: Page) -> float:
    seconds: float = view.evaluate("document.querySelector('video').currentTime")
    return seconds


def pixels_painted(view: Page) -> int:
    """How much of the canvas over the video is not transparent."""
    painted: int = view.evaluate(
        """() => {
          const canvas = document.querySelector(".stage canvas");
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          return data.filter((value, index) => index % 4 === 3 && value > 0).length;
        }"""
    )
    return painted


@pytest.mark.parametrize("scheme", ["light", "dark"], indirect=True)
@pytest.mark.parametrize("viewport", [(1280, 800), TELEPHONE], ids=["wide", "phone"], indirect=True)
def test_a_video_is_analysed_and_shown(
    view: Page, video: Path, look: Callable[[str], None]
) -> None:
    """Options, then boxes, chart and table, accessible and as wide as the screen."""
    choose(view, video)
    view.get_by_text("Options").click()
    assert violations(view) == []
    look("video-chosen")
    view.get_by_role("button", name="Analyse the video").click()
    expect(view.get_by_text("Analysed: 30 frames.")).to_be_visible(timeout=JOB_MILLISECONDS)
    expect(view.get_by_label("Faces now")).to_contain_text(re.compile(r"#1\s*\w+\s*\d+ %"))
    expect(view.locator(".plot canvas")).to_be_visible()
    view.get_by_text("The same as a table").click()
    expect(view.get_by_role("row", name=re.compile("#1"))).to_contain_text("0:00.0 to 0:05.")
    assert pixels_painted(view) > 0
    assert violations(view) == []
    wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert view.evaluate(wider) <= 0
    look("video-done")


def test_the_chart_moves_the_video_and_the_video_the_chart(view: Page, video: Path) -> None:
    """A click on the chart seeks, so do its keys, and playback moves its head."""
    analyse(view, video)
    slider = view.get_by_role("slider", name="Time in the video")
    area = view.locator(".u-over")
    box = area.bounding_box()
    assert box
    area.click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    expect(slider).to_have_attribute("aria-valuenow", re.compile(r"^(2\.9|3|3\.1)$"))
    assert played_seconds(view) == pytest.approx(SECONDS / 2, abs=0.15)
    slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuenow", re.compile(r"^(3\.9|4|4\.1)$"))
    slider.press("Home")
    expect(slider).to_have_attribute("aria-valuenow", "0")
    view.evaluate("document.querySelector('video').play()")
    expect(slider).not_to_have_attribute("aria-valuenow", re.compile(r"^0(\.[0-4])?$"))


def test_the_boxes_follow_the_face(view: Page, video: Path) -> None:
    """At both ends of the video the box lies where the results say that the face is."""
    analyse(view, video)
    results = json.loads(content_of(downloaded(view, "JSON")))
    slider = view.get_by_role("slider", name="Time in the video")
    for key, frame in (("End", results["frames"][-1]), ("Home", results["frames"][0])):
        slider.press(key)
        expected = frame["faces"][0]["box"]
        view.wait_for_function(
            """({ x, y, width, height }) => {
              const canvas = document.querySelector(".stage canvas");
              const video = document.querySelector(".stage video");
              const scale = Math.min(canvas.width / video.videoWidth,
                                     canvas.height / video.videoHeight);
              const left = (canvas.width - video.videoWidth * scale) / 2;
              const top = (canvas.height - video.videoHeight * scale) / 2;
              const context = canvas.getContext("2d");
              const painted = (px, py) => context.getImageData(
                left + px * scale - 3, top + py * scale - 3, 7, 7).data.some(value => value > 0);
              return painted(x, y + height) && painted(x + width, y + height)
                && !painted(x + width / 2, y + height / 2);
            }""",
            arg=expected,
        )


def test_everything_can_be_kept_and_deleted(view: Page, video: Path) -> None:
    """CSV, WebVTT and MP4 bear the video's name; after the deletion nothing is there."""
    analyse(view, video)
    table = downloaded(view, "CSV")
    assert table.suggested_filename == "Grüße 表情-timeline.csv"
    rows = list(csv.DictReader(io.StringIO(content_of(table).decode())))
    assert len(rows) == SECONDS * 5
    assert {"track", "label", "confidence", "happy"} <= rows[0].keys()
    assert content_of(downloaded(view, "WebVTT")).startswith(b"WEBVTT\n")
    assert content_of(downloaded(view, "Annotated MP4"))[4:8] == b"ftyp"

    address = view.get_by_role("link", name="CSV").get_attribute("href")
    assert address
    assert view.request.get(address).status == 200
    view.get_by_role("button", name="Delete from the server").click()
    expect(view.get_by_text("deleted on the server")).to_be_visible()
    assert view.request.get(address).status == 404


def test_only_a_stretch_is_analysed(view: Page, video: Path) -> None:
    """Start, end and rate hold; a stretch that ends before it begins is refused here."""
    choose(view, video)
    view.get_by_text("Options").click()
    view.get_by_label("Start, in seconds").fill("4")
    view.get_by_label("End, in seconds").fill("2")
    view.get_by_label("Frames a second").select_option("10")
    view.get_by_label("Make an annotated MP4, too").uncheck()
    send = view.get_by_role("button", name="Analyse the video")
    send.click()
    expect(view.get_by_role("alert")).to_contain_text("later than the start")
    view.get_by_label("End, in seconds").fill("5")
    send.click()
    expect(view.get_by_text("Analysed: 10 frames.")).to_be_visible(timeout=JOB_MILLISECONDS)
    expect(view.get_by_role("link", name="Annotated MP4")).to_be_hidden()
    slider = view.get_by_role("slider", name="Time in the video")
    assert slider.get_attribute("aria-valuemin") == "4"
    assert slider.get_attribute("aria-valuemax") == "5"


def test_a_job_goes_on_while_another_view_is_looked_at(view: Page, video: Path) -> None:
    """Leaving the view loses nothing."""
    choose(view, video)
    view.get_by_role("button", name="Analyse the video").click()
    expect(view.get_by_role("button", name="Cancel")).to_be_visible()
    view.get_by_role("navigation").get_by_role("link", name="Models").click()
    view.wait_for_timeout(500)
    view.get_by_role("navigation").get_by_role("link", name="Video").click()
    expect(view.get_by_text("Analysed: 30 frames.")).to_be_visible(timeout=JOB_MILLISECONDS)


def test_a_job_is_cancelled(view: Page, tmp_path: Path) -> None:
    """Progress is told in figures, and the button ends the job on the server, too."""
    long = write_video(tmp_path / "long.mp4", steady(60, RATE))
    choose(view, long)
    view.get_by_text("Options").click()
    view.get_by_label("Frames a second").select_option("25")
    with view.expect_response(lambda answer: answer.request.method == "POST") as sent:
        view.get_by_role("button", name="Analyse the video").click()
    bar = view.get_by_role("progressbar", name="Analysing the video")
    expect(bar).to_be_visible()
    expect(view.get_by_text(re.compile(r"\d+ of about 1500 frames"))).to_be_visible()
    view.get_by_role("button", name="Cancel").click()
    expect(view.get_by_text("Cancelled.")).to_be_visible()
    job = sent.value.header_value("location")
    assert job
    for _ in range(50):
        if view.request.get(job).status == HTTPStatus.NOT_FOUND:
            break
        view.wait_for_timeout(200)
    assert view.request.get(job).json()["code"] == "unknown_video"


def test_what_the_browser_cannot_play_is_watched_annotated(view: Page, tmp_path: Path) -> None:
    """An AVI is analysed all the same, and the server's MP4 of it is played."""
    old = write_video(
        tmp_path / "old.avi", steady(3, RATE), size=(640, 480), container="avi", codec="mpeg4"
    )
    choose(view, old)
    expect(view.get_by_text("This browser cannot play old.avi.")).to_be_visible()
    view.get_by_role("button", name="Analyse the video").click()
    view.get_by_role("button", name="Watch the annotated video").click(timeout=JOB_MILLISECONDS)
    expect(view.get_by_text("the annotated video that the server made")).to_be_visible()
    view.wait_for_function("document.querySelector('.stage video')?.videoWidth === 640")


def test_what_is_no_video_is_told_in_words(view: Page, tmp_path: Path) -> None:
    """A text with a video's name, and a video whose frames are lost."""
    text = tmp_path / "letter.mp4"
    text.write_text("Dear Sir or Madam,")
    choose(view, text)
    view.get_by_role("button", name="Analyse the video").click()
    alert = view.get_by_role("alert")
    expect(alert).to_contain_text("Choose an MP4, MOV, MKV, WebM or AVI video", timeout=30_000)
    # It will be no video at a second try either, nor one to be watched.
    told = view.locator(".workbench")
    expect(told).not_to_contain_text(re.compile("[Aa]nalyse|annotated"), use_inner_text=True)

    whole = write_video(tmp_path / "whole.mp4", steady(2, RATE)).read_bytes()
    lost = tmp_path / "lost.mp4"
    lost.write_bytes(re.sub(rb"mdat.*(?=....moov)", _zeros, whole, flags=re.DOTALL))
    choose(view, lost)
    view.get_by_role("button", name="Analyse the video").click()
    expect(alert).to_contain_text("The video could not be analysed", timeout=JOB_MILLISECONDS)
    expect(alert).to_contain_text("choose another one")


def _zeros(frames: re.Match[bytes]) -> bytes:
    return b"mdat" + bytes(len(frames.group()) - 4)
