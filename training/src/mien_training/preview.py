"""Look at a recipe's changes: ``python -m mien_training.preview --config X --out sheet.png``.

Each row of the sheet shows a face of the training part and then copies as training would see
them. The sheet holds pictures of the data set: it is for looking at, not for passing on.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from mien_training.backend import select_framework
from mien_training.console import finish
from mien_training.datasets import find_dataset
from mien_training.datasets.faces import Bytes
from mien_training.errors import DataError
from mien_training.paths import DATA
from mien_training.runs.recipe import Recipe, load_recipe

_ROWS = 8
_COPIES = 9
_SIDE = 96  # pixels that a face gets at least on the sheet
_GAP = 4
_WHITE = 255


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    options = _parser().parse_args(arguments)
    select_framework("tensorflow")
    return finish(lambda: _work(options))


def _work(options: argparse.Namespace) -> str:
    recipe = load_recipe(options.config, options.set)
    faces = find_dataset(recipe.dataset).read(options.data).training
    rng = np.random.default_rng(recipe.seed)
    chosen = faces.images[rng.permutation(len(faces))[:_ROWS]]
    _write(options.out, sheet(_columns(chosen, recipe, rng)))
    return f"{len(chosen)} faces with {_COPIES} changed copies each in {options.out}"


def sheet(columns: list[Bytes]) -> Bytes:
    """Return one picture uint8 [H, W, C] with a face of each [N, h, w, C] in every row."""
    height, width = columns[0].shape[1:3]
    times = -(-_SIDE // max(height, width))
    gap = ((0, 0), (_GAP, _GAP), (_GAP, _GAP), (0, 0))
    drawn = []
    for faces in columns:
        # Whole pixels, so that what is seen is what the network gets.
        large = faces.repeat(times, axis=1).repeat(times, axis=2)
        drawn.append(np.concatenate(np.pad(large, gap, constant_values=_WHITE)))
    return np.concatenate(drawn, axis=1)


def _columns(images: Bytes, recipe: Recipe, rng: np.random.Generator) -> list[Bytes]:
    """Return the faces in the network's size, and then their copies."""
    # The framework was chosen by `main`; these import it.
    from mien_training.augmentation.augment import Augment  # noqa: PLC0415
    from mien_training.augmentation.batches import resize_faces  # noqa: PLC0415
    from mien_training.augmentation.changes import draw_changes  # noqa: PLC0415

    faces = resize_faces(images, recipe.input_shape)
    layer = Augment(recipe.augmentation)
    columns = [faces]
    for _ in range(_COPIES):
        changes = draw_changes(len(faces), recipe.input_shape, recipe.augmentation, rng)
        columns.append(_bytes(layer({"faces": faces, **changes})))
    return columns


def _bytes(changed: Any) -> Bytes:
    levels: npt.NDArray[np.float32] = np.asarray(changed)
    return np.rint(levels).astype(np.uint8)


def _write(out: Path, picture: Bytes) -> None:
    coloured = picture if picture.shape[2] == 1 else picture[..., ::-1]  # OpenCV's order
    _, encoded = cv2.imencode(".png", coloured)
    temporary = out.with_name(f"{out.name}.tmp")
    try:
        temporary.write_bytes(encoded.tobytes())
        temporary.replace(out)
    except OSError as exc:
        message = f"cannot write {out}: {exc.strerror}; choose another --out"
        raise DataError(message) from exc


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mien_training.preview", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="recipe, a YAML file")
    parser.add_argument("--out", type=Path, required=True, help="the sheet, a PNG file")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the data set")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="another value of a field of the recipe, e.g. --set 'augmentation={mixup: 0.4}'",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
