"""`mien explain`: where in a face the model found the expression."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from mien_client.command import heat, pictures
from mien_client.command.bars import percent
from mien_client.command.clients import client
from mien_client.command.connection import Invocation
from mien_client.command.documents import line, plain
from mien_client.command.faults import CommandError
from mien_client.command.options import AsJson, ModelName
from mien_client.command.saving import Folder
from mien_client.command.terminal import Terminal
from mien_client.types import ExplainedFace, Explanation


def explain(
    invocation: Invocation,
    photo: Annotated[str, typer.Argument(metavar="PHOTO", help="A picture, or - for stdin.")],
    save: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write each face under its heat map here, as PNG."),
    ] = None,
    label: Annotated[
        str,
        typer.Option(
            metavar="LABEL",
            show_default="each face's own",
            help="Explain this expression.",
        ),
    ] = "",
    model: ModelName = "",
    as_json: AsJson = False,
) -> None:
    """Show what in a face speaks for an expression (Grad-CAM).

    On a terminal the map is drawn in characters; --json writes one document with the map's values.
    """
    named = pictures.named([photo]).pictures
    if len(named) != 1 or isinstance(named[0], pictures.EmptyFolder):
        message = "one picture at a time, please"
        raise typer.BadParameter(message, param_hint="PHOTO")
    folder = Folder(save) if save else None
    with client(invocation.connection) as asking:
        answer = asking.explain(
            _content(named[0]), model=model, label=label, overlay=folder is not None
        )
    saved = _saved(answer, named[0].stem, folder) if folder else []
    if as_json:
        invocation.terminal.write(line({"file": named[0].name, "saved": saved} | plain(answer)))
    else:
        _show(invocation.terminal, answer, saved)


def _content(picture: pictures.Picture) -> bytes:
    try:
        return picture.read()
    except OSError as error:
        message = f"{picture.name}: {error.strerror or error}"
        raise CommandError(message) from error


def _saved(answer: Explanation, stem: str, folder: Folder) -> list[str]:
    return [
        str(folder.save(f"{stem}.face-{face.index + 1}.{face.explained.label}", ".png", png))
        for face in answer.faces
        if (png := face.overlay_png)
    ]


def _show(terminal: Terminal, answer: Explanation, saved: list[str]) -> None:
    if not answer.faces:
        terminal.show("no face")
    for face in answer.faces:
        terminal.show(_sentence(face))
        if terminal.out.is_terminal:
            terminal.show(*heat.drawn(face.heat_map))
    terminal.show(*(Text(path) for path in saved))
    terminal.caption()


def _sentence(face: ExplainedFace) -> Text:
    explained = face.explained
    return Text.assemble(
        f"face {face.index + 1}: ",
        (explained.label, "bold"),
        f" {percent(explained.probability)}",
        f" (the most probable is {face.top.label})" if explained.label != face.top.label else "",
    )
