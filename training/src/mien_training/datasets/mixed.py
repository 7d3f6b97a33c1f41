"""Mixed: KDEF, NHFI and FER2013 together, with equal classes."""

from pathlib import Path

import numpy as np

from mien_training.datasets.faces import Bytes, Faces, Parts, labelled
from mien_training.datasets.fer2013_rows import LABELS
from mien_training.datasets.names import expression
from mien_training.datasets.protocol import DataSet
from mien_training.errors import DataError

UNITS = {"kdef": 1, "nhfi": 2, "fer2013": 2}
"""Fifths of every class: 20 % KDEF, 40 % NHFI, 40 % FER2013."""

_SEED = 5


class Mixed:
    """Every part of every class has the same mixture and the same size, without contempt.

    Each source is split first, by its own reader, and its parts are mixed with like parts only.
    Each part is as large as its smallest class allows: what is over in the other classes is left
    out by a fixed draw. The test is missing where one of the sources has none, as FER2013's
    sheets.
    """

    title = "Mixed: 20 % KDEF, 40 % NHFI, 40 % FER2013, equal classes"
    licence = (
        "Trained on KDEF, NHFI and FER2013: researchers only and non-commercial, as KDEF asks for"
    )
    remedy = (
        "give a folder with kdef, nhfi and fer2013 in it, each with its pictures or with the "
        "faces.npz of mien_training.prepare, with --data"
    )

    def __init__(self, sources: dict[str, DataSet]) -> None:
        """Take the readers of the three sources, by the names of `UNITS`."""
        self._sources = {name: sources[name] for name in UNITS}

    def files(self, folder: Path) -> list[Path]:
        """Return the files of the three sources."""
        return [
            path for name, source in self._sources.items() for path in source.files(folder / name)
        ]

    def read(self, folder: Path) -> Parts:
        """Return the mixed parts.

        Raises:
            DataError: a source cannot be read, has faces of another shape, or lacks a class.
        """
        sources = {name: source.read(folder / name) for name, source in self._sources.items()}
        if len({parts.training.images.shape[1:] for parts in sources.values()}) > 1:
            message = f"the sources in {folder} have faces of different shapes; {self.remedy}"
            raise DataError(message)
        training = {name: _relabel(p.training, p.labels) for name, p in sources.items()}
        validation = {name: _relabel(p.validation, p.labels) for name, p in sources.items()}
        test = {
            name: _relabel(p.test, p.labels) for name, p in sources.items() if p.test is not None
        }
        return Parts(
            LABELS,
            self._mix(training, folder),
            self._mix(validation, folder),
            self._mix(test, folder) if len(test) == len(sources) else None,
        )

    def _mix(self, sources: dict[str, Faces], folder: Path) -> Faces:
        counts = {
            name: np.bincount(faces.labels, minlength=len(LABELS))
            for name, faces in sources.items()
        }
        unit = min(int(count.min()) // UNITS[name] for name, count in counts.items())
        if not unit:
            short = min(counts, key=lambda name: int(counts[name].min()) // UNITS[name])
            label = LABELS[int(counts[short].argmin())]
            message = f"{folder / short} has too few pictures of {label} to be mixed; {self.remedy}"
            raise DataError(message)
        chosen = [_draw(faces, unit * UNITS[name]) for name, faces in sources.items()]
        return _join(chosen)


def _relabel(faces: Faces, labels: tuple[str, ...]) -> Faces:
    """Return the faces of the seven classes, under their numbers here."""
    names = [expression(label) for label in labels]
    numbers = np.array([LABELS.index(n) if n in LABELS else len(LABELS) for n in names], np.uint8)
    mapped: Bytes = numbers[faces.labels]
    kept = mapped < len(LABELS)
    people = np.full(len(faces), -1, np.int64) if faces.people is None else faces.people
    return labelled(faces.images[kept], mapped[kept], len(LABELS), people[kept])


def _draw(faces: Faces, size: int) -> Faces:
    rng = np.random.default_rng(_SEED)
    rows = [
        rng.choice(np.flatnonzero(faces.labels == number), size, replace=False)
        for number in range(len(LABELS))
    ]
    return faces.take(np.sort(np.concatenate(rows)))


def _join(chosen: list[Faces]) -> Faces:
    images = np.concatenate([faces.images for faces in chosen])
    labels = np.concatenate([faces.labels for faces in chosen])
    people = np.concatenate([faces.people for faces in chosen if faces.people is not None])
    return labelled(images, labels, len(LABELS), people)
