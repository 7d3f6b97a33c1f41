"""python -m mien_detector.fetch FOLDER: puts YuNet's file there, for an image that is being built.

Its SHA-256 is the pinned one, wherever it comes from.
"""

import argparse
import shutil
import sys
from pathlib import Path

from mien_detector.detectors.model_file import FILE_NAME, ModelSource, find_or_download
from mien_detector.errors import ModelUnavailableError
from mien_detector.settings import Settings


def main() -> int:
    """End with 0 where the file is there, else with 1 and the reason."""
    parser = argparse.ArgumentParser(prog="python -m mien_detector.fetch", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the file goes")
    parser.add_argument("--look-in", type=Path, default=[], nargs="*", help="folders to take it of")
    arguments = parser.parse_args()
    folder: Path = arguments.folder
    settings = Settings()
    source = ModelSource(
        folders=tuple(arguments.look_in),
        cache=folder,
        url=settings.yunet_url,
        timeout_seconds=settings.download_timeout_seconds,
    )
    try:
        found = find_or_download(source)
    except ModelUnavailableError as error:
        sys.stderr.write(f"mien-detector: {error}\n")
        return 1
    if found.parent != folder:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(found, folder / FILE_NAME)
    return 0


if __name__ == "__main__":
    sys.exit(main())
