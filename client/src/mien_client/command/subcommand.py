"""What all subcommands have in common: the options of the connection may follow them, too."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import get_type_hints

import typer

from mien_client.command.connection import Invocation, OtherApiKey, OtherTimeout, OtherUrl

_OPTIONS = {"url": OtherUrl, "api_key": OtherApiKey, "timeout": OtherTimeout}


def subcommand(function: Callable[..., None]) -> Callable[..., None]:
    """Return a command for typer from a function whose first parameter is an Invocation.

    typer reads a function's signature, so the options are added to it: `mien analyze --url ...`
    is as good as `mien --url ... analyze`.
    """

    @wraps(function)
    def command(context: typer.Context, **given: object) -> None:
        options = {name: given.pop(name) for name in _OPTIONS}
        invocation: Invocation = context.obj
        connection = invocation.connection.other(**options)  # type: ignore[arg-type]
        function(Invocation(connection, invocation.terminal), **given)

    hints = get_type_hints(function, include_extras=True)
    first, *others = inspect.signature(function).parameters.values()
    parameters = [
        inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context),
        *(
            each.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[each.name])
            for each in others
        ),
        *(
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation
            )
            for name, annotation in _OPTIONS.items()
        ),
    ]
    del hints[first.name]
    command.__annotations__ = hints | _OPTIONS | {"context": typer.Context}
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return command
