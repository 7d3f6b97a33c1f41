"""Draws small folders in the layouts of every data set.

A picture is noise, brighter with each class, so that a test sees from the pixels which label is
right; no two pictures are alike.
"""

import csv
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from mien_training.datasets.kdef import ANGLES, EXPRESSIONS

Bytes = npt.NDArray[np.uint8]

SIDE = 48
SEVEN = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
NHFI = (
    "anger",
    "contempt",
    "disgust",
    "fear",
    "happiness",
    "neutrality",
    "sadness",
    "surprise",
)
KDEF_CODES = {"AN": 0, "DI": 1, "AF": 2, "HA": 3, "SA": 4, "SU": 5, "NE": 6}
USAGES = ("Training", "PublicTest", "PrivateTest")
VOTE_COLUMNS = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
    "unknown",
    "NF",
)
# FER+'s place of each of the seven labels; the eighth class is drawn as contempt.
_PLACES = np.array([4, 5, 6, 1, 3, 2, 0, 7])

_STEP, _NOISE = 28, 16


def picture(label: int, seed: int, height: int = SIDE, width: int = SIDE) -> Bytes:
    """Return uint8 [height, width] whose mean tells the label, see `brightness_labels`."""
    rng = np.random.default_rng((label, seed))
    base = 20 + _STEP * label
    return rng.integers(base - _NOISE, base + _NOISE, (height, width)).astype(np.uint8)


def brightness_labels(images: Bytes) -> Bytes:
    """Return which label each picture [N, H, W, C] was drawn for."""
    means = images.reshape(len(images), -1).mean(axis=1)
    labels: Bytes = np.rint((means - 19.5) / _STEP).astype(np.uint8)
    return labels


def save(path: Path, image: Bytes) -> None:
    """Write a picture; the folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), image)


def draw_rows(
    per_class: int = 4, usages: int = 3, contempt: bool = True
) -> tuple[Bytes, Bytes, Bytes, Bytes]:
    """Return images [N, 48, 48], labels, usages and FER+ votes [N, 10].

    Rows of contempt, which FER2013 does not know, are labelled angry and look it.
    """
    numbers = np.tile(np.arange(8 if contempt else 7), per_class * usages)
    labels = np.where(numbers == 7, 0, numbers).astype(np.uint8)
    usage = np.repeat(np.arange(usages), len(labels) // usages).astype(np.uint8)
    images = np.stack([picture(label, seed) for seed, label in enumerate(labels)])
    votes = np.zeros((len(labels), 10), np.uint8)
    votes[np.arange(len(labels)), _PLACES[numbers]] = 8
    votes[:, 8] = 2
    return images, labels, usage, votes


def draw_sheets(folder: Path) -> None:
    """Write the sheets, which hold no PrivateTest."""
    images, labels, usage, votes = draw_rows(usages=2)
    places = np.zeros((64 * -(-len(images) // 64), SIDE, SIDE), np.uint8)
    places[: len(images)] = images
    grid = places.reshape(-1, 64, SIDE, SIDE).transpose(0, 2, 1, 3)
    save(folder / "fer2013-0.png", grid.reshape(-1, 64 * SIDE))
    np.savez(folder / "fer2013-labels.npz", label=labels, usage=usage, ferplus_votes=votes)


def draw_tables(folder: Path, *, votes: bool = True, kaggle: bool = False) -> None:
    """Write the original table, or Kaggle's later copy with blanks in its header."""
    folder.mkdir(parents=True, exist_ok=True)
    images, labels, usage, counts = draw_rows()
    blank = " " if kaggle else ""
    columns = ["emotion", f"{blank}pixels", f"{blank}Usage"]
    rows = [
        [int(label), " ".join(map(str, image.ravel())), USAGES[number]]
        for image, label, number in zip(images, labels, usage, strict=True)
    ]
    if kaggle:
        columns, rows = columns[:1] + columns[:0:-1], [[row[0], row[2], row[1]] for row in rows]
    write_table(folder / ("icml_face_data.csv" if kaggle else "fer2013.csv"), columns, rows)
    if votes:
        write_table(
            folder / "fer2013new.csv",
            ["Usage", "Image name", *VOTE_COLUMNS],
            [[USAGES[u], "fer.png", *count] for u, count in zip(usage, counts, strict=True)],
        )


def write_table(path: Path, columns: list[str], rows: list[list[object]]) -> None:
    """Write a table with a header."""
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([columns, *rows])


def draw_class_folders(folder: Path, names: tuple[str, ...], per_class: int, seed: int = 0) -> None:
    """Write a folder a class; the brightness follows the place of the name."""
    for label, name in enumerate(names):
        for number in range(per_class):
            save(folder / name / f"{number}.png", picture(label, seed + number))


def draw_fer2013_folders(folder: Path, parts: tuple[str, ...] = ("train", "test")) -> None:
    """Write the picture folders."""
    for place, part in enumerate(parts):
        draw_class_folders(folder / part, SEVEN, 6, seed=100 * place)


def draw_nhfi(folder: Path) -> None:
    """Write the eight folders, as bright as their place in FER+'s order, in sizes that differ."""
    order = {"neutrality": 0, "happiness": 1, "surprise": 2, "sadness": 3, "anger": 4}
    order |= {"disgust": 5, "fear": 6, "contempt": 7}
    for name in NHFI:
        for number in range(20):
            suffix = (".png", ".jpg", ".BMP", ".jpeg")[number % 4]
            image = picture(order[name], number, 48 + number, 70)
            save(folder / name / f"{number}{suffix}", image)


def draw_kdef(folder: Path, people: int = 5, angles: tuple[str, ...] = tuple(ANGLES)) -> None:
    """Write the pictures of so many women and as many men."""
    seed = 0
    for session in "AB":
        for sex in "FM":
            for number in range(1, people + 1):
                for code in EXPRESSIONS:
                    for angle in angles:
                        seed += 1
                        person = f"{session}{sex}{number:02}"
                        path = folder / person / f"{person}{code}{angle}.JPG"
                        save(path, picture(KDEF_CODES[code], seed, 40, 30))


def draw_mixed(folder: Path) -> None:
    """Write all three sources."""
    draw_kdef(folder / "kdef", angles=("S",))
    draw_nhfi(folder / "nhfi")
    draw_tables(folder / "fer2013", votes=False)


DRAWINGS: dict[str, Callable[[Path], None]] = {
    "fer2013": draw_tables,
    "fer2013-soft": draw_tables,
    "ferplus": draw_tables,
    "ferplus-soft": draw_tables,
    "kdef": draw_kdef,
    "nhfi": draw_nhfi,
    "mixed": draw_mixed,
}
