"""Where the server is, and how it is asked."""

from dataclasses import dataclass, field, replace
from typing import Annotated, Self

import typer

from mien_client.command.terminal import Terminal

DEFAULT_URL = "http://127.0.0.1:8000"
DEFAULT_TIMEOUT_SECONDS = 10.0
MAX_TIMEOUT_SECONDS = 86_400.0
PANEL = "Connection"
URL_HELP = "Where Mien is: http(s)://host:port, or grpc(s)://host:port."
KEY_HELP = "API key, where the server wants one; better given in the environment."
TIMEOUT_HELP = "Longest wait for one answer, in seconds, with all attempts."

# They follow the subcommand and override what stands before it or in the environment.
OtherUrl = Annotated[
    str | None, typer.Option("--url", show_default=False, rich_help_panel=PANEL, help=URL_HELP)
]
OtherApiKey = Annotated[
    str | None,
    typer.Option(
        "--api-key", show_default=False, metavar="KEY", rich_help_panel=PANEL, help=KEY_HELP
    ),
]
OtherTimeout = Annotated[
    float | None,
    typer.Option(
        "--timeout",
        min=0.01,
        max=MAX_TIMEOUT_SECONDS,
        metavar="SECONDS",
        show_default=False,
        rich_help_panel=PANEL,
        help=TIMEOUT_HELP,
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """The server's address, the key, and the longest wait for an answer in seconds."""

    url: str = DEFAULT_URL
    api_key: str = field(default="", repr=False)
    timeout: float = DEFAULT_TIMEOUT_SECONDS

    def other(self, url: str | None, api_key: str | None, timeout: float | None) -> Self:
        """Return the connection with what is given in place of what it has."""
        return replace(
            self,
            url=self.url if url is None else url,
            api_key=self.api_key if api_key is None else api_key,
            timeout=self.timeout if timeout is None else timeout,
        )


@dataclass(frozen=True, slots=True)
class Invocation:
    """What every subcommand works with."""

    connection: Connection
    terminal: Terminal
