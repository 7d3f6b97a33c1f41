"""python -m mien_gateway.bulk VIDEOS RESULTS: analyses a folder of videos."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from mien_gateway.bulk.gateway import AwayError, Gateway, MisusedError
from mien_gateway.bulk.work import Task, work

AWAY, MISUSED, SOME_FAILED = 1, 2, 3
_EPILOG = """\
Started again it goes on: videos whose results are stored are left alone. Several processes share a
folder by --index and --of; in a Kubernetes Job the index comes from JOB_COMPLETION_INDEX.
Exit status: 0 all analysed, 1 the gateway is away (begin again), 2 misused, 3 some videos could
not be analysed (their done.json says why)."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit status."""
    parser = make_parser()
    asked = parser.parse_args(arguments)
    if not asked.videos.is_dir():
        parser.error(f"{asked.videos} is no folder")
    if not 0 <= asked.index < asked.of:
        parser.error(f"--index must be from 0 to {asked.of - 1}. Received: {asked.index}")
    options = {"sample_rate": str(asked.sample_rate), "annotate": str(asked.annotate).lower()}
    if asked.model:
        options["model"] = asked.model
    file: Path | None = asked.api_key_file
    key = file.read_text(encoding="utf-8").strip() if file and file.exists() else ""
    gateway = Gateway(asked.gateway, key, patience_seconds=asked.patience_seconds)
    task = Task(asked.videos, asked.results, asked.index, asked.of, options, asked.poll_seconds)
    try:
        failed = work(task, gateway, _say)
    except AwayError as error:
        sys.stderr.write(f"mien-gateway bulk: {error}; start it again to go on\n")
        return AWAY
    except MisusedError as error:
        sys.stderr.write(f"mien-gateway bulk: {error}\n")
        return MISUSED
    if failed:
        sys.stderr.write(f"mien-gateway bulk: {failed} videos could not be analysed\n")
    return SOME_FAILED if failed else 0


def make_parser() -> argparse.ArgumentParser:
    """Return what understands the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m mien_gateway.bulk",
        description="Analyse every video of a folder and store the results.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    index = int(os.environ.get("JOB_COMPLETION_INDEX", "0"))
    parser.add_argument("videos", type=Path, help="folder of videos, with its folders")
    parser.add_argument("results", type=Path, help="folder of results, one folder per video")
    parser.add_argument("--gateway", default="http://127.0.0.1:8000", help="%(default)s")
    parser.add_argument("--api-key-file", type=Path, help="file of a key; none: without one")
    parser.add_argument("--model", default="", help="default: the gateway's first")
    parser.add_argument("--sample-rate", type=float, default=5.0, help="frames a second that count")
    parser.add_argument("--annotate", action="store_true", help="store the drawn-on video, too")
    parser.add_argument("--index", type=int, default=index, help="which process this is, from 0")
    parser.add_argument("--of", type=int, default=1, help="how many processes share the folder")
    parser.add_argument("--poll-seconds", type=float, default=1.0, help="between looks at a job")
    parser.add_argument(
        "--patience-seconds", type=float, default=600.0, help="how long the gateway may be away"
    )
    return parser


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
