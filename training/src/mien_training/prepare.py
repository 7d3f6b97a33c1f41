"""Pack a data set: ``python -m mien_training.prepare --dataset kdef --raw DIR --out DIR``.

Pictures that are not cropped yet are cropped as the served detector crops them; a picture without
exactly one clear face is left out and listed. Any data set is read faster from its packed file.
"""

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from mien_detector.pipeline import FaceFinder
from mien_training.console import finish, say, stop_on_sigterm
from mien_training.cropping import NoClearFaceError, crop_face
from mien_training.datasets import DATASETS, find_dataset
from mien_training.datasets.faces import Bytes
from mien_training.datasets.packed import OrPacked
from mien_training.datasets.picture_set import PictureSet
from mien_training.datasets.pictures import COLOUR, GREY, SIDE, read_picture
from mien_training.errors import ConfigError, DataError
from mien_training.preparing import Prepared, TakeFace, prepare_pictures, write_prepared

MakeFinder = Callable[[Path | None], FaceFinder]


def serving_finder(model_dir: Path | None) -> FaceFinder:
    """Return what finds faces in the running service, by the same settings.

    Raises:
        ConfigError: a setting is wrong, or no detector can be made on this machine.
    """
    from mien_detector.app import make_finder  # noqa: PLC0415 - only cropping needs a detector
    from mien_detector.detectors.factory import make_detector  # noqa: PLC0415
    from mien_detector.errors import ModelUnavailableError  # noqa: PLC0415
    from mien_detector.settings import Settings  # noqa: PLC0415

    try:
        settings = Settings() if model_dir is None else Settings(model_dir=model_dir)
        return make_finder(settings, make_detector(settings.detector, settings.model_source))
    except ValidationError as exc:
        names = ", ".join(str(error["loc"][0]) for error in exc.errors())
        message = f"the environment sets the face detector's {names} to what cannot be"
        raise ConfigError(message) from exc
    except ModelUnavailableError as exc:
        message = f"there is no face detector: {exc}; give its folder with --model-dir"
        raise ConfigError(message) from exc


def main(arguments: list[str] | None = None, make_finder: MakeFinder = serving_finder) -> int:
    """Run the command line and return the exit status."""
    options = _parser().parse_args(arguments)

    def work() -> str:
        prepared = _prepare(options, make_finder)
        return write_prepared(prepared, options.dataset, options.raw, options.out)

    stop_on_sigterm()
    return finish(work, interrupted=f"stopped before any face was written to {options.out}")


def _prepare(options: argparse.Namespace, make_finder: MakeFinder) -> Prepared:
    dataset = find_dataset(options.dataset)
    source = dataset.source if isinstance(dataset, OrPacked) else dataset
    if isinstance(source, PictureSet):
        return prepare_pictures(source, options.raw, _face_taker(source, options, make_finder))
    if options.size != SIDE or options.colour or options.faces:
        message = f"{options.dataset} has faces of its own size: leave --size, --colour, --faces"
        raise ConfigError(message)
    return Prepared(source.read(options.raw))


def _face_taker(
    source: PictureSet, options: argparse.Namespace, make_finder: MakeFinder
) -> TakeFace:
    channels = COLOUR if options.colour else GREY
    if (options.faces or ("whole" if source.cropped else "detect")) == "whole":
        return partial(_whole_picture, side=options.size, channels=channels)
    finder = make_finder(options.model_dir)
    say(f"faces are found by {finder.version}")
    return partial(crop_face, finder, side=options.size, channels=channels)


def _whole_picture(path: Path, side: int, channels: int) -> Bytes:
    try:
        return read_picture(path, side, channels, "it is left out")
    except DataError as exc:
        raise NoClearFaceError(str(exc)) from exc


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mien_training.prepare", description=__doc__)
    parser.add_argument("--dataset", choices=list(DATASETS), required=True)
    parser.add_argument("--raw", type=Path, required=True, help="folder of what was downloaded")
    parser.add_argument("--out", type=Path, required=True, help="folder for the packed file")
    parser.add_argument("--size", type=_side, default=SIDE, help="pixels of a face's side, 48")
    parser.add_argument("--colour", action="store_true", help="keep three channels, RGB")
    parser.add_argument(
        "--faces",
        choices=("detect", "whole"),
        help="find and crop the face, or take the whole picture; by default as the set needs it",
    )
    parser.add_argument("--model-dir", type=Path, help="folder that may hold the detector's file")
    return parser


def _side(text: str) -> int:
    side = int(text)
    if not 8 <= side <= 1024:  # noqa: PLR2004 - named by the message
        message = f"{side} is no side from 8 to 1024 pixels"
        raise argparse.ArgumentTypeError(message)
    return side


if __name__ == "__main__":
    sys.exit(main())
