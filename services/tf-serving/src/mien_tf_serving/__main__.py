"""The start command: the real server where there is one, else the embedded one.

python -m mien_tf_serving --port=8500 --rest_api_port=8501 --model_config_file=...
"""

import gc
import logging
import os
import shutil
import signal
import sys
import threading

import structlog

from mien_tf_serving.errors import ConfigError
from mien_tf_serving.flags import parse_flags, without_own_flags
from mien_tf_serving.grpc_engine import choose_engine

_REAL = "tensorflow_model_server"


def main(arguments: list[str]) -> int:
    """Serve until told to stop; return the exit status."""
    flags = parse_flags(arguments)
    _log_json()
    real = shutil.which(_REAL)
    if real is not None:
        structlog.get_logger(__name__).warning(
            "starting_real_server", path=real, listens_on="every interface: it has no --host"
        )
        os.execv(real, [_REAL, *without_own_flags(arguments)])  # noqa: S606 - a program on PATH, as meant
    # TensorFlow logs at import; only what matters should reach the log.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    choose_engine(os.environ)
    # Only now: TensorFlow takes seconds to import, and the real server needs none of it.
    from mien_tf_serving.embedded.server import EmbeddedServer  # noqa: PLC0415

    try:
        server = EmbeddedServer(flags)
        stopping = _stop_signals()
        server.start()
        # What is there now stays. A look through TensorFlow's 276,000 objects took 255 ms, in
        # which no request was answered.
        gc.collect()
        gc.freeze()
    except ConfigError as error:
        sys.stderr.write(f"mien_tf_serving: {error}\n")
        return 1
    stopping.wait()
    server.stop()
    return 0


def _stop_signals() -> threading.Event:
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    return stopping


def _log_json() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
