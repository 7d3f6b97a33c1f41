"""What is drawn onto pictures."""

import asyncio
import io
import threading
import time

import pytest
from PIL import Image

from mien_gateway.domain import Box, Deadline, Face
from mien_gateway.drawing.annotate import annotate, colour_of, labelled_face
from mien_gateway.drawing.images import PictureFormat, crop_overlay, heat_overlay
from mien_gateway.drawing.pool import DrawingPool
from mien_gateway.errors import (
    DeadlineExceededError,
    OverloadedError,
    TooManyPixelsError,
    UnreadableImageError,
)
from mien_models import InputShape
from tests.fakes.gateway import LABELS, face_of

PROBABILITIES = (0.003, 0.001, 0.004, 0.967, 0.005, 0.009, 0.011)
BACKGROUND = (200, 200, 200)


def face(x: float, y: float, side: float) -> Face:
    return Face(Box(x, y, side, side), face_of(b"").landmarks, 0.9, PROBABILITIES)


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def drawn(image: Image.Image, *faces: Face, **options: object) -> Image.Image:
    shown = [labelled_face(one, LABELS) for one in faces]
    return opened(annotate(encoded(image, **options), shown, PictureFormat.PNG))  # type: ignore[arg-type]


def touched(image: Image.Image) -> Box:
    """What is not background any more."""
    plain = Image.new("RGB", image.size, BACKGROUND)
    found = Image.frombytes(
        "L",
        image.size,
        bytes(
            255 * (one != other)
            for one, other in zip(
                _pixels(image.convert("RGB")),
                _pixels(plain),
                strict=True,
            )
        ),
    ).getbbox()
    assert found
    return Box(found[0], found[1], found[2] - found[0], found[3] - found[1])


def _pixels(image: Image.Image) -> list[bytes]:
    content = image.tobytes()
    return [content[start : start + 3] for start in range(0, len(content), 3)]


def test_the_box_is_where_the_face_is() -> None:
    """Its outline has the face's colour."""
    image = drawn(Image.new("RGB", (800, 600), BACKGROUND), face(100, 200, 150))
    colour = colour_of(0)
    assert [image.getpixel(place) for place in ((100, 250), (250, 300), (180, 350))] == [colour] * 3


def test_bars_are_as_long_as_probabilities() -> None:
    """The one of the top label is by far the longest."""
    image = drawn(Image.new("RGB", (800, 600), BACKGROUND), face(100, 200, 150))
    rows = [
        sum(image.getpixel((x, y)) == colour_of(0) for x in range(256, 700))
        for y in range(200, 400)
    ]
    longest = max(rows)
    assert longest > 30
    assert 3 < sum(count == longest for count in rows) < 30


@pytest.mark.parametrize("size", [(64, 48), (640, 480), (4000, 3000)])
def test_a_picture_of_any_size_stays_readable(size: tuple[int, int]) -> None:
    """Small ones are enlarged, large ones scaled down; the drawing stays in the picture."""
    width, height = size
    image = drawn(Image.new("RGB", size, BACKGROUND), face(width * 0.4, height * 0.4, width * 0.2))
    longest = max(image.size)
    assert 480 <= longest <= 2560
    assert image.size[0] / image.size[1] == pytest.approx(width / height, rel=0.01)
    around = touched(image)
    assert 0.35 < around.x / image.width < 0.41
    assert around.width < image.width * 0.65


def test_a_face_in_a_corner_keeps_its_words_in_the_picture() -> None:
    """Caption and bars move inside."""
    plain = Image.new("RGB", (640, 480), BACKGROUND)
    for place in ((0, 0), (560, 0), (0, 400), (560, 400)):
        around = touched(drawn(plain, face(*place, 80)))
        assert around.width * around.height > 80 * 80 * 1.5


def test_a_picture_is_upright() -> None:
    """Boxes are of the upright picture; so is what comes back."""
    lying = Image.new("RGB", (600, 400), BACKGROUND)
    exif = Image.Exif()
    exif[0x0112] = 6
    image = drawn(lying, face(100, 300, 150), kind="JPEG", exif=exif)
    assert image.size == (400, 600)
    assert image.getpixel((100, 350)) == colour_of(0)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "1", "I;16"])
def test_every_mode_can_be_drawn_on(mode: str) -> None:
    """Colours are drawn on grey pictures, too."""
    kind = "JPEG" if mode == "CMYK" else "PNG"
    image = drawn(Image.new(mode, (600, 400)), face(100, 200, 100), kind=kind)
    assert image.getpixel((100, 250)) == colour_of(0)


def test_a_word_stands_in_place_of_a_label() -> None:
    """And a track before it."""
    one = labelled_face(face(0, 0, 10), LABELS, word="uncertain", track=4)
    assert one.caption == "#4 uncertain 97 %"
    assert labelled_face(face(0, 0, 10), LABELS, top=6).caption == "neutral 1 %"


def test_a_truncated_picture_is_refused() -> None:
    """As by the detector."""
    content = encoded(Image.effect_noise((500, 500), 50), "JPEG")
    with pytest.raises(UnreadableImageError):
        annotate(content[: len(content) // 2], [], PictureFormat.JPEG)


@pytest.mark.parametrize("size", [(6400, 6400), (10_000, 10_000)])
def test_too_many_pixels_are_refused(size: tuple[int, int]) -> None:
    """Before they are decoded."""
    content = encoded(Image.new("1", size))
    with pytest.raises(TooManyPixelsError):
        annotate(content, [], PictureFormat.JPEG)


def test_heat_is_yellow_and_cold_is_violet() -> None:
    """By two fifths, over the face."""
    grey = Image.new("RGB", (96, 96), (100, 100, 100))
    heat = [[float(column >= 6) for column in range(12)] for _ in range(12)]
    image = opened(heat_overlay(grey, heat))
    assert image.size == (96, 96)
    assert image.getpixel((4, 48)) == pytest.approx((87, 60, 94), abs=2)
    assert image.getpixel((92, 48)) == pytest.approx((161, 152, 75), abs=2)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_crop_is_enlarged_under_its_heat(channels: int) -> None:
    """Forty-eight pixels are too few to look at."""
    shape = InputShape(height=48, width=40, channels=channels)
    content = crop_overlay(bytes(shape.size_bytes), shape, [0.5] * 48 * 40)
    image = opened(content)
    assert (image.format, image.size) == ("PNG", (200, 240))


async def test_the_pool_refuses_when_too_many_wait() -> None:
    """At once, and is free again when the drawings are done."""
    pool = DrawingPool(threads=1, waiting=1)
    go_on = threading.Event()
    waiting = [
        asyncio.create_task(pool.run(lambda: go_on.wait(5), Deadline.after(5))) for _ in range(2)
    ]
    await asyncio.sleep(0)
    with pytest.raises(OverloadedError):
        await pool.run(lambda: None, Deadline.after(5))
    go_on.set()
    assert await asyncio.gather(*waiting) == [True, True]
    await asyncio.sleep(0)
    assert await pool.run(lambda: "drawn", Deadline.after(5)) == "drawn"
    pool.close()


async def test_the_pool_keeps_a_deadline() -> None:
    """Who gave up is told so; his drawing takes its place until it is done."""
    pool = DrawingPool(threads=1, waiting=0)
    with pytest.raises(DeadlineExceededError):
        await pool.run(lambda: time.sleep(0.4), Deadline.after(0.05))
    with pytest.raises(OverloadedError):
        await pool.run(lambda: None, Deadline.after(5))
    await asyncio.sleep(0.5)
    await pool.run(lambda: None, Deadline.after(5))
    pool.close()


async def test_what_fails_in_the_pool_fails_for_the_caller() -> None:
    """With the same error."""
    pool = DrawingPool()
    with pytest.raises(UnreadableImageError):
        await pool.run(lambda: annotate(b"none", [], PictureFormat.PNG), Deadline.after(5))
    pool.close()
