"""Pictures are decoded strictly, upright, and no finer than needed."""

import gc
import io
import time
import zlib

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from PIL import ImageOps

from mien_detector.errors import ImageError, UnreadableImageError
from mien_detector.images import png
from mien_detector.images.picture import Picture
from mien_detector.types import ImageLimits, Size
from tests.fakes import pictures

LIMITS = ImageLimits(max_bytes=10_000_000, max_pixels=40_000_000)


def decode(data: bytes, at_most: float = 1) -> npt.NDArray[np.uint8]:
    """Return RGB pixels, for comparison with Pillow's."""
    return Picture(data, LIMITS).reduced(at_most)[1][:, :, ::-1]


def distance(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> float:
    assert one.shape == other.shape
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


@pytest.mark.parametrize("kind", pictures.FORMATS)
def test_every_format_is_decoded(kind: str) -> None:
    """The pixels come back, up to what compression takes."""
    pixels = pictures.gradient(60, 40)
    assert distance(decode(pictures.encode(pixels, kind)), pixels) < 3


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("JPEG", "L"),
        ("JPEG", "CMYK"),
        ("PNG", "L"),
        ("PNG", "1"),
        ("PNG", "LA"),
        ("PNG", "P"),
        ("PNG", "RGBA"),
        ("WEBP", "RGBA"),
        ("BMP", "L"),
        ("BMP", "P"),
    ],
)
def test_every_colour_mode_is_decoded_as_colour(kind: str, mode: str) -> None:
    """Grey, palette, alpha and CMYK come out as three channels, as Pillow sees them."""
    data = pictures.encode(pictures.gradient(60, 40), kind, mode=mode)
    expected = np.asarray(Pillow.open(io.BytesIO(data)).convert("RGB"))
    assert distance(decode(data), expected) < 4


def test_sixteen_bits_are_scaled_to_eight() -> None:
    """The brightest of 65,535 becomes the brightest of 255."""
    image = decode(pictures.grey16(32, 32))
    assert image.shape == (32, 32, 3)
    assert image[0, 0, 0] == 0
    assert image[-1, -1, 0] == 255


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_honoured(kind: str, orientation: int) -> None:
    """The picture stands as Pillow's own transposition makes it stand."""
    data = pictures.encode(pictures.gradient(48, 32), kind, orientation=orientation)
    turned = ImageOps.exif_transpose(Pillow.open(io.BytesIO(data)))
    assert turned is not None
    expected = np.asarray(turned.convert("RGB"))
    image = decode(data)
    assert distance(image, expected) < 3
    assert Picture(data, LIMITS).size == Size(image.shape[1], image.shape[0])


@pytest.mark.parametrize(("at_most", "factor"), [(0.3, 1), (1.9, 1), (2, 2), (7.9, 4), (50, 8)])
def test_a_jpeg_is_reduced_no_further_than_allowed(at_most: float, factor: int) -> None:
    """The largest of 1, 2, 4 and 8 that is not above what is asked for is taken."""
    picture = Picture(pictures.encode(pictures.gradient(161, 80), "JPEG"), LIMITS)
    reduction, image = picture.reduced(at_most)
    assert reduction == factor
    assert image.shape == (-(-80 // factor), -(-161 // factor), 3)
    assert picture.size == Size(161, 80)


def test_a_reduced_jpeg_shows_the_same_picture_upright() -> None:
    """Reduction and orientation go together."""
    data = pictures.encode(pictures.gradient(320, 160), "JPEG", orientation=6)
    full = Pillow.fromarray(decode(data))
    expected = np.asarray(full.reduce(4))
    assert distance(decode(data, 4), expected) < 3


def test_other_formats_are_decoded_in_full() -> None:
    """Only JPEG knows a short cut."""
    data = pictures.encode(pictures.gradient(64, 64), "PNG")
    assert Picture(data, LIMITS).reduced(8)[0] == 1


def test_the_same_reduction_is_decoded_once() -> None:
    """Asking again gives the same pixels, not equal ones."""
    picture = Picture(pictures.encode(pictures.gradient(64, 64), "JPEG"), LIMITS)
    assert picture.reduced(2)[1] is picture.reduced(3)[1]


def files() -> dict[str, bytes]:
    pixels = np.random.default_rng(0).integers(0, 255, (80, 120, 3)).astype(np.uint8)
    whole = {kind: pictures.encode(pixels, kind) for kind in pictures.FORMATS}
    whole["progressive JPEG"] = pictures.progressive(pixels)
    whole["lossless WebP"] = pictures.lossless_webp(pixels)
    return whole


@pytest.mark.parametrize("kind", files())
@pytest.mark.parametrize("at_most", [1, 8])
def test_a_truncated_file_is_refused_not_half_grey(kind: str, at_most: int) -> None:
    """Cut at every tenth of its length, no file passes for a picture."""
    data = files()[kind]
    for tenth in range(1, 10):
        picture = data[: len(data) * tenth // 10]
        with pytest.raises(UnreadableImageError, match="truncated or corrupt"):
            Picture(picture, LIMITS).reduced(at_most)


def test_a_header_that_lies_about_the_size_is_refused() -> None:
    """The decoded size must be the one that the limits were checked against."""
    data = pictures.encode(pictures.gradient(64, 64), "PNG")
    lying = data[:16] + (32).to_bytes(4, "big") + data[20:]
    with pytest.raises(UnreadableImageError):
        Picture(lying, LIMITS).reduced(1)


def test_a_png_chunk_that_claims_gigabytes_is_refused_at_once() -> None:
    """A decoder that believed the length would take that much memory."""
    data = pictures.encode(pictures.gradient(64, 64), "PNG")
    lying = data[:33] + (0xFFFFFFF0).to_bytes(4, "big") + data[37:]
    started = time.perf_counter()
    with pytest.raises(UnreadableImageError):
        Picture(lying, LIMITS).reduced(1)
    assert time.perf_counter() - started < 0.1


def test_a_png_that_packs_far_more_than_its_pixels_is_refused_early() -> None:
    """A gigabyte of zeros behind 64 x 64 pixels is not unpacked to its end."""
    packer = zlib.compressobj()
    million = bytes(1_000_000)
    packed = b"".join([*(packer.compress(million) for _ in range(1000)), packer.flush()])
    bomb = pictures.png_claiming(64, 64) + pictures.png_chunk(b"IDAT", packed)
    started = time.process_time()
    with pytest.raises(UnreadableImageError):
        Picture(bomb + pictures.png_chunk(b"IEND", b""), LIMITS).reduced(1)
    assert time.process_time() - started < 0.5


NOISE = np.random.default_rng(0).integers(0, 255, (130, 3, 3)).astype(np.uint8)


@pytest.mark.parametrize("pixels", [NOISE, NOISE.transpose(1, 0, 2), np.tile(NOISE, (1, 40, 1))])
@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "interlaced"])
def test_an_honest_png_is_never_taken_for_a_bomb(
    mode: str, pixels: npt.NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Noise packs worst, and narrow interlaced pictures have the most rows."""
    monkeypatch.setattr(png, "_HARMLESS_BYTES", 0)
    monkeypatch.setattr(png, "_STEP_BYTES", 64)
    if mode == "interlaced":
        assert distance(decode(pictures.interlaced_png(pixels)), pixels) == 0
    else:
        data = pictures.encode(np.ascontiguousarray(pixels), "PNG", mode=mode)
        assert decode(data).shape == pixels.shape


def test_notes_profiles_and_animation_are_kept_from_the_decoder() -> None:
    """What is left is what makes the pixels, transparency included."""
    data = pictures.encode(pictures.gradient(16, 16), "PNG", mode="P")
    extras = [(b"iCCP", b"x\0\0junk"), (b"zTXt", b"a\0\0junk"), (b"acTL", bytes(8))]
    chunks = b"".join(pictures.png_chunk(kind, content) for kind, content in extras)
    transparency = pictures.png_chunk(b"tRNS", b"\x80")
    palette_end = data.index(b"IDAT") - 4
    loaded = data[:33] + chunks + data[33:palette_end] + transparency + data[palette_end:] + b"more"
    assert png.without_extras(loaded) == (
        data[:33] + data[33:palette_end] + transparency + data[palette_end:]
    )
    assert distance(decode(loaded), decode(data)) == 0


@pytest.mark.parametrize("kind", [b"IDAT", b"teXt"])
def test_a_png_of_very_many_chunks_is_refused(kind: bytes) -> None:
    """Ten megabytes of empty chunks do not keep the reader busy."""
    data = pictures.encode(pictures.gradient(8, 8), "PNG")
    crowded = data[:33] + pictures.png_chunk(kind, b"") * 800_000 + data[33:]
    # The collector would walk through all that other tests' frameworks have left behind.
    gc.freeze()
    started = time.thread_time()
    with pytest.raises(UnreadableImageError):
        Picture(crowded, LIMITS).reduced(1)
    took = time.thread_time() - started
    gc.unfreeze()
    assert took < 0.5


@pytest.mark.parametrize("kind", pictures.FORMATS)
def test_one_pixel_is_a_picture(kind: str) -> None:
    """The smallest picture is decoded like any other."""
    assert decode(pictures.encode(pictures.gradient(1, 1), kind), 8).shape == (1, 1, 3)


@settings(max_examples=300, deadline=1000)
@given(st.data())
def test_damaged_files_give_a_picture_or_a_picture_error(data: st.DataObject) -> None:
    """No change of bytes brings out anything else."""
    kind = data.draw(st.sampled_from(sorted(SMALL)))
    damaged = bytearray(SMALL[kind])
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    limits = ImageLimits(max_bytes=100_000, max_pixels=1_000_000)
    try:
        picture = Picture(bytes(damaged), limits)
        picture.reduced(2)
    except ImageError:
        return
    assert picture.size.width * picture.size.height <= limits.max_pixels


SMALL = {
    kind: pictures.encode(pictures.gradient(24, 16), kind, orientation=6 if kind != "BMP" else 1)
    for kind in pictures.FORMATS
}
