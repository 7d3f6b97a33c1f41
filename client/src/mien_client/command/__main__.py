"""`mien`, from its first moment: Ctrl+C is no traceback even while its modules load."""

import os
import signal

from mien_client.command.statuses import ExitStatus


def main() -> None:
    """Do what the command line asks, and end with its exit status."""
    before = signal.getsignal(signal.SIGINT)
    # A shell lets its background jobs ignore Ctrl+C; so it stays.
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, lambda *_: os._exit(ExitStatus.INTERRUPTED))
    from mien_client.command.app import run  # noqa: PLC0415 - it takes a third of a second

    signal.signal(signal.SIGINT, before)
    run()


if __name__ == "__main__":
    main()
