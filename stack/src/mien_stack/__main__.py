"""Runs the whole of Mien on this machine: `mien-stack up`, `down`, `status` and others."""

import argparse
import signal
import sys

from pydantic import ValidationError
from rich.console import Console

from mien_stack import logs, page, status, up
from mien_stack.demo import demo
from mien_stack.errors import StackError
from mien_stack.settings import StackSettings
from mien_stack.supervisor import Supervisor


def main() -> None:
    """Do what the command line asks; a failure is one sentence and exit status 1."""
    arguments = _parser().parse_args()
    console = Console()
    # So that whatever was half started is stopped again then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        settings = StackSettings()
        supervisor = Supervisor(settings.run_dir)
        match arguments.command:
            case "up":
                up.up(settings, supervisor, console)
            case "down":
                up.down(supervisor, console)
            case "page":
                page.make(arguments.what, console)
            case "demo":
                demo(console)
            case "status":
                status.show(settings, supervisor, console)
            case "logs":
                logs.show(
                    supervisor.logs,
                    arguments.names,
                    arguments.lines,
                    follow=arguments.follow,
                    console=console,
                )
    except (StackError, ValidationError, OSError) as error:
        sys.exit(f"mien: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mien-stack",
        description="Runs the whole of Mien on this machine, without Docker.",
        epilog="Ports and folders are set by MIEN_STACK_... variables: see stack/README.md.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="build, start, wait, and analyse the sample photo")
    commands.add_parser("down", help="stop everything")
    page_parser = commands.add_parser("page", help="build the web page, or look whether it is well")
    page_parser.add_argument("what", nargs="?", choices=("build", "check", "test"), default="build")
    commands.add_parser("demo", help="train on drawn faces, measure, export, serve, and stop again")
    commands.add_parser("status", help="what runs, where, since when, with how much memory")
    log_parser = commands.add_parser("logs", help="the last lines of each log")
    log_parser.add_argument("names", nargs="*", help="only these processes")
    log_parser.add_argument("--lines", type=int, default=20, help="lines of each (default 20)")
    log_parser.add_argument("--follow", action="store_true", help="go on until interrupted")
    return parser


if __name__ == "__main__":
    main()
