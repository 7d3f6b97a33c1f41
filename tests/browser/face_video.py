"""Videos with a real face in them, made of the sample photo."""

import io
from pathlib import Path

from tests.fakes.videos import picture

SECONDS = 4
RATE = 25


def write_camera_video(path: Path, size: tuple[int, int] = (640, 480)) -> Path:
    """Write the moving photo as a sequence of JPEGs, there and back, so that it loops."""
    half = SECONDS * RATE // 2
    places = [number / half for number in range(half)]
    with path.open("wb") as out:
        for place in (*places, *reversed(places)):
            frame = io.BytesIO()
            picture(place, size).save(frame, "JPEG", quality=85)
            out.write(frame.getvalue())
    return path
