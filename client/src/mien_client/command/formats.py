"""The forms that output can have."""

from enum import StrEnum

import typer


class Format(StrEnum):
    """A form of output."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def chosen(*, table: bool = False, json: bool = False, csv: bool = False) -> Format:
    """Return the one that the options choose, a table without any.

    Raises:
        typer.BadParameter: they choose more than one.
    """
    asked = [
        form
        for form, wanted in ((Format.TABLE, table), (Format.JSON, json), (Format.CSV, csv))
        if wanted
    ]
    if len(asked) > 1:
        options = " and ".join(f"--{form}" for form in asked)
        message = f"{options} exclude each other; choose one"
        raise typer.BadParameter(message)
    return asked[0] if asked else Format.TABLE
