"""Completes names of models, where the server answers at once."""

from collections.abc import Mapping
from typing import Any

import typer

from mien_client.command.clients import client
from mien_client.command.connection import DEFAULT_URL, Connection
from mien_client.command.faults import CommandError
from mien_client.errors import MienError

_PATIENCE_SECONDS = 1.0


def model_names(context: typer.Context, incomplete: str) -> list[str]:
    """Return the names that begin so; none where the server cannot tell at once."""
    connection = Connection(
        url=_given(context, "url") or DEFAULT_URL,
        api_key=_given(context, "api_key") or "",
        timeout=_PATIENCE_SECONDS,
    )
    try:
        with client(connection) as asking:
            return [each.name for each in asking.models() if each.name.startswith(incomplete)]
    except (MienError, CommandError):
        return []


def _given(context: typer.Context, name: str) -> Any:
    """Return an option as it stands after the subcommand, else before it."""
    own: Mapping[str, Any] = context.params
    return own.get(name) or context.find_root().params.get(name)
