"""Arguments and options that several subcommands have."""

from typing import Annotated

import typer

from mien_client.command.completing import model_names

Photos = Annotated[
    list[str],
    typer.Argument(
        metavar="PHOTO...",
        help="Pictures (JPEG, PNG, WebP, BMP), folders of them, or - for standard input.",
    ),
]
ModelName = Annotated[
    str,
    typer.Option(
        "--model",
        metavar="NAME",
        show_default="the server's first",
        autocompletion=model_names,
        help="Which model answers; `mien models` lists them.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON.")]
AsTable = Annotated[bool, typer.Option("--table", help="Write a table: what happens anyway.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Write CSV.")]
