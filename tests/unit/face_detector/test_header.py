"""Size, format and orientation are known before a pixel is decoded."""

import time

import pytest

from mien_detector.errors import (
    EmptyImageError,
    ImageError,
    TooManyBytesError,
    TooManyPixelsError,
    UnreadableImageError,
    UnsupportedFormatError,
)
from mien_detector.images.header import read_header
from mien_detector.types import ImageLimits, Size
from tests.fakes import pictures

BOMBS = {
    "JPEG": pictures.jpeg_claiming(50_000, 50_000),
    "PNG": pictures.png_claiming(50_000, 50_000),
    "WebP": pictures.webp_claiming(50_000, 50_000),
    "BMP": pictures.bmp_claiming(50_000, 50_000),
}


@pytest.mark.parametrize("kind", pictures.FORMATS)
def test_every_format_tells_its_size(kind: str, limits: ImageLimits) -> None:
    """Width and height are those of the encoded picture."""
    header = read_header(pictures.encode(pictures.gradient(37, 21), kind), limits)
    assert header.format.upper() == kind
    assert header.size == Size(37, 21)


def test_lossless_and_progressive_files_tell_their_size(limits: ImageLimits) -> None:
    """The less common layouts of WebP and JPEG are read too."""
    lossless = pictures.lossless_webp(pictures.gradient(37, 21))
    progressive = pictures.progressive(pictures.gradient(37, 21))
    assert read_header(lossless, limits).size == Size(37, 21)
    assert read_header(progressive, limits).size == Size(37, 21)


def test_a_bmp_stored_from_top_to_bottom_has_a_positive_height(limits: ImageLimits) -> None:
    """BMP marks that order with a negative height."""
    assert read_header(pictures.bmp_claiming(30, -20), limits).size == Size(30, 20)


def test_an_old_bmp_header_is_read(limits: ImageLimits) -> None:
    """The header of twelve bytes holds shorter numbers."""
    data = b"BM" + bytes(12) + (12).to_bytes(4, "little") + b"\x1e\x00\x14\x00"
    assert read_header(data, limits).size == Size(30, 20)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_turns_the_size(kind: str, orientation: int, limits: ImageLimits) -> None:
    """From 5 on, width and height change places."""
    data = pictures.encode(pictures.gradient(40, 24), kind, orientation=orientation)
    header = read_header(data, limits)
    assert header.orientation == orientation
    assert header.size == (Size(24, 40) if orientation >= 5 else Size(40, 24))


@pytest.mark.parametrize("kind", BOMBS)
def test_a_claim_of_too_many_pixels_is_refused_in_milliseconds(
    kind: str, limits: ImageLimits
) -> None:
    """2,500 megapixels cost nothing but a look at the header."""
    started = time.perf_counter()
    with pytest.raises(TooManyPixelsError, match="50000 x 50000 pixels, at most 40000000"):
        read_header(BOMBS[kind], limits)
    assert time.perf_counter() - started < 0.02


def test_exactly_as_many_pixels_as_allowed_pass() -> None:
    """The limit itself is within the limit."""
    data = pictures.encode(pictures.gradient(20, 10), "PNG")
    read_header(data, ImageLimits(max_bytes=10_000, max_pixels=200))
    with pytest.raises(TooManyPixelsError):
        read_header(data, ImageLimits(max_bytes=10_000, max_pixels=199))


def test_too_many_bytes_are_refused(limits: ImageLimits) -> None:
    """The byte limit holds before anything is looked at."""
    with pytest.raises(TooManyBytesError, match="10000001 bytes, at most 10000000"):
        read_header(bytes(10_000_001), limits)


def test_no_bytes_are_refused(limits: ImageLimits) -> None:
    """An empty picture has an answer of its own."""
    with pytest.raises(EmptyImageError, match="empty"):
        read_header(b"", limits)


@pytest.mark.parametrize(
    "data",
    [b"hello", b"GIF89a" + bytes(50), b"II*\x00" + bytes(50), b"<svg/>", bytes(100), b"\xff"],
)
def test_other_formats_are_refused_by_their_first_bytes(data: bytes, limits: ImageLimits) -> None:
    """Text, GIF, TIFF and SVG are not read."""
    with pytest.raises(UnsupportedFormatError, match="JPEG, PNG, WebP or BMP"):
        read_header(data, limits)


@pytest.mark.parametrize("kind", pictures.FORMATS)
def test_a_picture_without_pixels_is_refused(kind: str, limits: ImageLimits) -> None:
    """A side of zero is a corrupt header."""
    claims = {
        "JPEG": pictures.jpeg_claiming(0, 10),
        "PNG": pictures.png_claiming(10, 0),
        "WEBP": pictures.encode(pictures.gradient(8, 8), "WEBP")[:26] + bytes(4),
        "BMP": pictures.bmp_claiming(-5, 10),
    }
    with pytest.raises(UnreadableImageError):
        read_header(claims[kind], limits)


@pytest.mark.parametrize("kind", pictures.FORMATS)
def test_a_header_cut_anywhere_gives_a_picture_error(kind: str, limits: ImageLimits) -> None:
    """Whatever byte a file ends at, nothing but an ImageError comes out."""
    data = pictures.encode(pictures.gradient(16, 16), kind, orientation=6 if kind != "BMP" else 1)
    for end in range(min(len(data), 400)):
        try:
            read_header(data[:end], limits)
        except ImageError:
            continue


def test_many_empty_segments_do_not_keep_the_reader_busy(limits: ImageLimits) -> None:
    """The walk through a JPEG has an end, however many segments there are."""
    data = b"\xff\xd8" + b"\xff\xfe\x00\x02" * 2_000_000
    started = time.perf_counter()
    with pytest.raises(UnreadableImageError):
        read_header(data, limits)
    assert time.perf_counter() - started < 0.1


def test_a_jpeg_of_very_many_scans_is_refused(limits: ImageLimits) -> None:
    """A few kilobytes of scans would keep a decoder busy; encoders write a third of the limit."""
    data = pictures.progressive(pictures.gradient(64, 64))
    scan = data[data.rindex(b"\xff\xda") : -2]
    read_header(data[:-2] + scan * 10 + data[-2:], limits)
    with pytest.raises(UnreadableImageError, match="more than 30 scans"):
        read_header(data[:-2] + scan * 30 + data[-2:], limits)


@pytest.mark.parametrize(
    "exif",
    [
        b"",
        b"II",
        b"XX*\x00\x08\x00\x00\x00",
        b"II*\x00\xff\xff\xff\xff",
        b"MM\x00*\x00\x00\x00\x08\xff",
    ],
)
def test_nonsense_in_exif_leaves_the_picture_as_it_is(exif: bytes, limits: ImageLimits) -> None:
    """A picture is not refused for a broken note about it."""
    data = pictures.encode(pictures.gradient(8, 8), "JPEG")
    block = b"Exif\x00\x00" + exif
    marker = b"\xff\xe1" + (len(block) + 2).to_bytes(2, "big")
    assert read_header(data[:2] + marker + block + data[2:], limits).orientation == 1
