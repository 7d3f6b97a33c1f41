"""Data sets by name; training/DATASETS.md tells about each, and where to get it."""

from hashlib import sha256
from pathlib import Path

from mien_training.datasets.drawn import Drawn
from mien_training.datasets.faces import Faces, Parts
from mien_training.datasets.fer2013 import Fer2013
from mien_training.datasets.fer2013_soft import Fer2013Soft
from mien_training.datasets.ferplus import FerPlus
from mien_training.datasets.kdef import Kdef
from mien_training.datasets.mixed import Mixed
from mien_training.datasets.nhfi import Nhfi
from mien_training.datasets.packed import OrPacked
from mien_training.datasets.protocol import DataSet
from mien_training.errors import ConfigError, DataError

__all__ = ["DATASETS", "DataSet", "Faces", "Parts", "find_dataset", "hash_files"]

_PUBLISHED: dict[str, DataSet] = {
    "fer2013": Fer2013(),
    "fer2013-soft": Fer2013Soft(),
    "ferplus": FerPlus(soft=False),
    "ferplus-soft": FerPlus(soft=True),
    "kdef": Kdef(),
    "nhfi": Nhfi(),
}
_LOOSE: dict[str, DataSet] = {name: OrPacked(name, source) for name, source in _PUBLISHED.items()}
DATASETS: dict[str, DataSet] = {
    **_LOOSE,
    "mixed": OrPacked("mixed", Mixed(_LOOSE)),
    "drawn": Drawn(),
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
