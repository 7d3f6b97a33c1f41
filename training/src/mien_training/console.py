"""How this package's programs answer: what they did on stdout, what went wrong on stderr."""

import signal
import sys
from collections.abc import Callable

from mien_models import RegistryError
from mien_training.errors import TrainingError

_INTERRUPTED = 130


def finish(work: Callable[[], str], interrupted: str = "stopped") -> int:
    """Do ``work``, say what it returns or what it lacked, and return the exit status."""
    try:
        answer = work()
    except (TrainingError, RegistryError) as exc:
        sys.stderr.write(f"error: {exc}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write(f"\n{interrupted}\n")
        return _INTERRUPTED
    say(answer)
    return 0


def say(text: str) -> None:
    """Write a line at once, so that logs show it while a run goes on."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def stop_on_sigterm() -> None:
    """Let a program end on SIGTERM as it does on Ctrl-C: with what it has saved, and a sentence."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
