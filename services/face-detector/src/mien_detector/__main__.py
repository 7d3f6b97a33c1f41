"""`mien-detector`: reads the environment and serves."""

import argparse
import asyncio
import os
import sys

import structlog
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from mien_detector.errors import StartError
from mien_detector.grpc_engine import choose_engine
from mien_detector.malloc import keep_freed_memory
from mien_detector.settings import Settings
from mien_detector.telemetry import set_up_logging, traced

_PREFIX = "MIEN_DETECTOR_"
_EXIT_FAILED = 1
_EXIT_MISUSED = 2


def main() -> None:
    """Serve until told to stop; exit with 2 for wrong settings, with 1 where serving fails."""
    parser = argparse.ArgumentParser(
        prog="mien-detector",
        description="Mien's face detector, over gRPC.",
        epilog=_describe_settings(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--print-config", action="store_true", help="print the settings and exit")
    arguments = parser.parse_args()
    settings = _read_settings()
    if arguments.print_config:
        print(settings.model_dump_json(indent=2))  # noqa: T201 - asked for
        return
    set_up_logging()
    keep_freed_memory()
    choose_engine(os.environ)
    _run(settings)


def _run(settings: Settings) -> None:
    # Libraries read these when they are loaded, hence the late import. Headers are checked before
    # a decoder is called; this second line holds should that check ever be fooled.
    os.environ["OPENCV_IO_MAX_IMAGE_PIXELS"] = str(settings.max_image_pixels)
    # libfacedetection would take every core for each picture, which the workers do already.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from mien_detector.app import serve  # noqa: PLC0415

    try:
        with traced("mien-detector", settings.otlp_endpoint, settings.trace_ratio):
            asyncio.run(serve(settings))
    except StartError as error:
        structlog.get_logger().error("cannot start", reason=str(error))
        sys.exit(_EXIT_FAILED)


def _read_settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            name = _variable(str(fault["loc"][0]), None)
            print(f"{name}: {fault['msg']}, not {fault['input']!r}", file=sys.stderr)  # noqa: T201
        sys.exit(_EXIT_MISUSED)


def _variable(name: str, field: FieldInfo | None) -> str:
    """Return the environment variable of a setting; shared ones have a name of their own."""
    alias = field.validation_alias if field else name if name.startswith("MIEN_") else None
    return alias if isinstance(alias, str) else _PREFIX + name.upper()


def _describe_settings() -> str:
    lines = ["Environment:"]
    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=True)
        lines.append(f"  {_variable(name, field)}={default}\n      {field.description}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
