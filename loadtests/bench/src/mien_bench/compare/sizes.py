"""How large the files are that each server is given."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

from mien_bench.compare.inside.client import exported
from mien_bench.compare.pairs import Pair
from mien_bench.compare.rows import MODEL_SIZE, UNPACKED_SIZE, WEIGHTS_SIZE, Fact
from mien_models.registry import Framework
from mien_stack.settings import StackSettings

_MB = 1e6


def sizes(pair: Pair, settings: StackSettings) -> Iterator[Fact]:
    """Yield the archive's or SavedModel's size, and that of the weights that both come of."""
    weights = pair.model.weights.stat().st_size / _MB
    for framework in Framework:
        path = exported(pair, framework, settings)
        yield Fact(pair.name, framework, MODEL_SIZE, 0, _bytes(path) / _MB, "MB")
        yield Fact(pair.name, framework, UNPACKED_SIZE, 0, _unpacked(path) / _MB, "MB")
        yield Fact(pair.name, framework, WEIGHTS_SIZE, 0, weights, "MB")


def _bytes(path: Path) -> int:
    """Return the length of a file, or of all files of a folder."""
    files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
    return sum(file.stat().st_size for file in files)


def _unpacked(path: Path) -> int:
    """Return the same without an archive's compression."""
    if not (path.is_file() and zipfile.is_zipfile(path)):
        return _bytes(path)
    with zipfile.ZipFile(path) as archive:
        return sum(one.file_size for one in archive.infolist())
