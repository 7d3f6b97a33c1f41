"""Data sets by name."""

from hashlib import sha256
from pathlib import Path

from mien_training.datasets.faces import Faces, Parts
from mien_training.datasets.fer2013 import Fer2013
from mien_training.datasets.ferplus import FerPlus
from mien_training.datasets.protocol import DataSet
from mien_training.errors import ConfigError, DataError

__all__ = ["DATASETS", "DataSet", "Faces", "Parts", "find_dataset", "hash_files"]

DATASETS: dict[str, DataSet] = {
    "fer2013": Fer2013(),
    "ferplus": FerPlus(soft=False),
    "ferplus-soft": FerPlus(soft=True),
}


def find_dataset(name: str) -> DataSet:
    """Return the reader of the data set ``name``.

    Raises:
        ConfigError: there is no such data set.
    """
    if name not in DATASETS:
        message = f"no data set {name!r}; there are: {', '.join(DATASETS)}"
        raise ConfigError(message)
    return DATASETS[name]


def hash_files(files: list[Path]) -> str:
    """Return one SHA-256 over ``files``, in their order.

    Raises:
        DataError: a file cannot be read.
    """
    digest = sha256()
    for path in files:
        try:
            digest.update(path.read_bytes())
        except OSError as exc:
            message = f"cannot read {path}: {exc.strerror}"
            raise DataError(message) from exc
    return digest.hexdigest()
