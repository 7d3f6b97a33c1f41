"""FER2013 as its original table, with FER+'s table of votes beside it where there is one.

``fer2013.csv`` has a face a row: ``emotion`` (0 to 6), ``pixels`` (2,304 numbers) and ``Usage``.
Kaggle's later copy, ``icml_face_data.csv``, has blanks before two of the names.
``fer2013new.csv`` of github.com/microsoft/FERPlus has the votes, in the same order of rows.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mien_training.datasets.faces import Bytes
from mien_training.datasets.fer2013_rows import LABELS, SIDE, VOTED, Fer2013Rows
from mien_training.errors import DataError

_TABLES = ("fer2013.csv", "icml_face_data.csv")
_VOTES = "fer2013new.csv"
_USAGES = ("Training", "PublicTest", "PrivateTest")
_VOTE_COLUMNS = (*VOTED[:-1], "NF")
_MOST_VOTES = 255

Line = tuple[int, dict[str, str]]


class Tables:
    """The layout of the tables."""

    looked_for = " or ".join(_TABLES)

    def is_in(self, folder: Path) -> bool:
        """Tell whether the folder holds it."""
        return any((folder / name).exists() for name in _TABLES)

    def files(self, folder: Path) -> list[Path]:
        """Return the table and, where it is there, the table of votes."""
        faces = next(folder / name for name in _TABLES if (folder / name).exists())
        return [faces, folder / _VOTES] if (folder / _VOTES).exists() else [faces]

    def read(self, folder: Path, remedy: str) -> Fer2013Rows:
        """Return the three parts of the challenge, with votes where their table is there.

        Raises:
            DataError: a column is missing, a value is out of range, or the two tables disagree.
        """
        faces, *votes = self.files(folder)
        rows = _read_faces(faces, remedy)
        if not votes:
            return rows
        counted = _read_votes(votes[0], rows.usage, remedy)
        return Fer2013Rows(rows.images, rows.labels, rows.usage, counted)


def _read_faces(path: Path, remedy: str) -> Fer2013Rows:
    pixels, labels, usages = bytearray(), bytearray(), bytearray()
    for number, row in _lines(path, ("emotion", "pixels", "Usage"), remedy):
        where = f"{path}, line {number}"
        pixels += _pixels(row["pixels"], where, remedy)
        labels.append(_label(row["emotion"], where, remedy))
        usages.append(_usage(row["Usage"], where, remedy))
    if not labels:
        message = f"{path} holds no face; {remedy}"
        raise DataError(message)
    images = np.frombuffer(pixels, np.uint8).reshape(-1, SIDE, SIDE, 1)
    return Fer2013Rows(images, np.frombuffer(labels, np.uint8), np.frombuffer(usages, np.uint8))


def _read_votes(path: Path, usage: Bytes, remedy: str) -> Bytes:
    votes = bytearray()
    number = 0
    for number, (line, row) in enumerate(_lines(path, ("Usage", *_VOTE_COLUMNS), remedy), 1):
        where = f"{path}, line {line}"
        if number > len(usage) or _usage(row["Usage"], where, remedy) != usage[number - 1]:
            message = f"{where} does not belong to the same row of the faces' table; {remedy}"
            raise DataError(message)
        votes += _votes(row, where, remedy)
    if number < len(usage):
        message = f"{path} has {number} rows, the faces' table {len(usage)}; {remedy}"
        raise DataError(message)
    return np.frombuffer(votes, np.uint8).reshape(-1, len(_VOTE_COLUMNS))


def _lines(path: Path, columns: tuple[str, ...], remedy: str) -> Iterator[Line]:
    """Yield each row with its line number."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            names = [name.strip() for name in next(reader, [])]
            if missing := [name for name in columns if name not in names]:
                lacks = f"{', '.join(missing)}, only {', '.join(names)}"
                message = f"{path} has no column {lacks}; {remedy}"
                raise DataError(message)
            for values in reader:
                if len(values) != len(names):
                    counts = f"{len(values)} values for {len(names)} columns"
                    message = f"{path}, line {reader.line_num} has {counts}; {remedy}"
                    raise DataError(message)
                yield reader.line_num, dict(zip(names, values, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as exc:
        message = f"cannot read {path} as a table: {exc}; {remedy}"
        raise DataError(message) from exc


def _pixels(text: str, where: str, remedy: str) -> bytes:
    try:
        pixels = bytes(map(int, text.split()))
    except ValueError as exc:
        message = f"{where} has a pixel that is no number from 0 to 255; {remedy}"
        raise DataError(message) from exc
    if len(pixels) != SIDE**2:
        message = f"{where} has {len(pixels)} pixels instead of {SIDE**2}; {remedy}"
        raise DataError(message)
    return pixels


def _label(text: str, where: str, remedy: str) -> int:
    if not text.strip().isdecimal() or int(text) >= len(LABELS):
        message = f"{where} has the label {text!r}, not one from 0 to {len(LABELS) - 1}; {remedy}"
        raise DataError(message)
    return int(text)


def _usage(text: str, where: str, remedy: str) -> int:
    if text.strip() not in _USAGES:
        message = f"{where} has the usage {text!r}, not one of {', '.join(_USAGES)}; {remedy}"
        raise DataError(message)
    return _USAGES.index(text.strip())


def _votes(row: dict[str, str], where: str, remedy: str) -> bytes:
    try:
        return bytes(int(row[name]) for name in _VOTE_COLUMNS)
    except ValueError as exc:
        message = f"{where} has votes that are no numbers from 0 to {_MOST_VOTES}; {remedy}"
        raise DataError(message) from exc
