"""A data set packed into one file, which is read in a moment.

``faces.npz`` is what ``python -m mien_training.prepare`` writes: the faces of all parts below
each other, with the part of each. A folder that holds it needs nothing else.
"""

from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from mien_training.datasets.faces import Faces, Parts
from mien_training.datasets.protocol import DataSet
from mien_training.datasets.splitting import TEST, TRAINING, VALIDATION, divide
from mien_training.errors import DataError

PACKED = "faces.npz"

_ARRAYS = ("images", "labels", "targets", "extra", "people", "part", "names", "dataset")

Arrays = dict[str, npt.NDArray[np.generic]]


class OrPacked:
    """A data set that is read from its packed file where the folder holds one."""

    def __init__(self, name: str, source: DataSet) -> None:
        self._name = name
        self.source = source

    @property
    def title(self) -> str:
        """See DataSet."""
        return self.source.title

    @property
    def licence(self) -> str:
        """See DataSet."""
        return self.source.licence

    @property
    def remedy(self) -> str:
        """See DataSet."""
        return self.source.remedy

    def files(self, folder: Path) -> list[Path]:
        """Return the packed file, or the files of the data set as it was published."""
        packed = folder / PACKED
        return [packed] if packed.exists() else self.source.files(folder)

    def read(self, folder: Path) -> Parts:
        """Return the faces in their parts; raise DataError where a file is not what it should be.

        Raises:
            DataError: a file is missing, unreadable or does not hold what it should.
        """
        packed = folder / PACKED
        return read_packed(packed, self._name) if packed.exists() else self.source.read(folder)


def write_packed(path: Path, name: str, parts: Parts) -> None:
    """Write the data set ``name``; a file that is there already is replaced in one step."""
    faces = [parts.training, parts.validation, *([parts.test] if parts.test is not None else [])]
    temporary = path.with_name(f".{path.name}.part")
    try:
        with temporary.open("wb") as file:
            np.savez(
                file,
                images=np.concatenate([part.images for part in faces]),
                labels=np.concatenate([part.labels for part in faces]),
                targets=np.concatenate([part.targets for part in faces]),
                extra=np.concatenate([part.extra for part in faces]),
                people=np.concatenate([_people(part) for part in faces]),
                part=np.repeat(
                    np.arange(len(faces), dtype=np.uint8), [len(part) for part in faces]
                ),
                names=np.array(parts.labels),
                dataset=np.array(name),
            )
        temporary.replace(path)
    except OSError as exc:
        message = f"cannot write {path}: {exc.strerror}"
        raise DataError(message) from exc
    finally:
        temporary.unlink(missing_ok=True)


def read_packed(path: Path, name: str) -> Parts:
    """Return the parts of the data set ``name``.

    Raises:
        DataError: the file is damaged, or holds another data set.
    """
    arrays = _load(path)
    if str(arrays["dataset"]) != name:
        message = f"{path} holds the data set {arrays['dataset']}, not {name}: {_remedy(name)}"
        raise DataError(message)
    rows = ("images", "labels", "targets", "extra", "people", "part")
    names = tuple(str(label) for label in arrays["names"])
    if len({len(arrays[row]) for row in rows}) > 1 or not _in_range(arrays, len(names)):
        message = f"{path} holds arrays that do not fit each other: {_remedy(name)}"
        raise DataError(message)
    faces = Faces(
        arrays["images"].astype(np.uint8, copy=False),
        arrays["labels"].astype(np.uint8, copy=False),
        arrays["targets"].astype(np.float32, copy=False),
        arrays["extra"].astype(np.float32, copy=False),
        arrays["people"].astype(np.int64, copy=False),
    )
    return divide(faces, arrays["part"].astype(np.uint8, copy=False), names)


def _load(path: Path) -> Arrays:
    try:
        with path.open("rb") as file, np.load(file) as archive:
            return {array: archive[array] for array in _ARRAYS}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as exc:
        message = f"{path} is no packed data set ({exc}): {_remedy('NAME')}"
        raise DataError(message) from exc


def _in_range(arrays: Arrays, classes: int) -> bool:
    known = np.isin(arrays["part"], (TRAINING, VALIDATION, TEST)).all()
    return bool(known and np.isin(arrays["labels"], np.arange(classes)).all())


def _people(faces: Faces) -> npt.NDArray[np.int64]:
    return np.full(len(faces), -1, np.int64) if faces.people is None else faces.people


def _remedy(name: str) -> str:
    return f"make it again with python -m mien_training.prepare --dataset {name}"
