"""Turns a data set as it is published into one file of faces."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from tqdm import tqdm

from mien_training.cropping import NoClearFaceError
from mien_training.datasets.faces import Bytes, Parts
from mien_training.datasets.leaks import find_leaks
from mien_training.datasets.packed import PACKED, write_packed
from mien_training.datasets.picture_set import PictureSet
from mien_training.errors import DataError

LEFT_OUT = "left-out.txt"

TakeFace = Callable[[Path], Bytes]
"""From a picture file to uint8 [side, side, channels]; raises NoClearFaceError."""


@dataclass(frozen=True)
class Prepared:
    """The faces, and which pictures gave none, with the reason."""

    parts: Parts
    left_out: dict[Path, str] = field(default_factory=dict)


def prepare_pictures(source: PictureSet, raw: Path, take_face: TakeFace) -> Prepared:
    """Return the faces of all pictures in ``raw``, split as ``source`` says.

    Raises:
        DataError: a class is missing or becomes empty.
    """
    listing = source.list_pictures(raw)
    left_out = dict.fromkeys(listing.odd, "the name tells no class")
    listed, faces = [], []
    for picture in tqdm(listing.pictures, unit=" pictures", leave=False):
        try:
            faces.append(take_face(picture.path))
        except NoClearFaceError as exc:
            left_out[picture.path] = str(exc)
        else:
            listed.append(picture)
    if not faces:
        message = f"no picture in {raw} shows exactly one clear face; {source.remedy}"
        raise DataError(message)
    return Prepared(source.split(raw, listed, np.stack(faces)), left_out)


def write_prepared(prepared: Prepared, name: str, raw: Path, out: Path) -> str:
    """Write the faces and the list of pictures left out to ``out``; return what to tell.

    Raises:
        DataError: the folder cannot be written to.
    """
    lines = [f"{path.relative_to(raw)}: {why}" for path, why in sorted(prepared.left_out.items())]
    try:
        out.mkdir(parents=True, exist_ok=True)
        temporary = out / f".{LEFT_OUT}.part"
        temporary.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        temporary.replace(out / LEFT_OUT)
    except OSError as exc:
        message = f"cannot write to {out}: {exc.strerror}; give another folder with --out"
        raise DataError(message) from exc
    write_packed(out / PACKED, name, prepared.parts)
    return "\n".join([f"{out / PACKED}: {_describe(prepared.parts)}", *_notes(prepared, out)])


def _describe(parts: Parts) -> str:
    counts = {"training": parts.training, "validation": parts.validation, "test": parts.test}
    return ", ".join(f"{name} {len(faces)}" for name, faces in counts.items() if faces is not None)


def _notes(prepared: Prepared, out: Path) -> list[str]:
    left_out = len(prepared.left_out)
    notes = [f"{left_out} pictures are left out: {out / LEFT_OUT}"] if left_out else []
    return notes + (
        [str(leak) for leak in find_leaks(prepared.parts)]
        or ["no two parts share a picture or a person"]
    )
