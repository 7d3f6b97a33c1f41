"""`mien analyze`: the expressions in pictures."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from mien_client import AsyncClient
from mien_client.command import formats, pictures
from mien_client.command.clients import async_client, labels_of
from mien_client.command.connection import Invocation
from mien_client.command.each_picture import EachPicture
from mien_client.command.options import AsCsv, AsJson, AsTable, ModelName, Photos
from mien_client.command.reports import CsvRows, FaceTable, JsonLines, Report
from mien_client.command.saving import Folder
from mien_client.command.statuses import ExitStatus
from mien_client.types import Analysis, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What is wanted of each analysis."""

    model: str
    form: formats.Format
    minimum_confidence: float | None
    allow_twin: bool
    annotated: Folder | None


def analyze(  # noqa: PLR0913 - each option of the command is a parameter
    invocation: Invocation,
    photos: Photos,
    *,
    model: ModelName = "",
    as_json: AsJson = False,
    as_table: AsTable = False,
    as_csv: AsCsv = False,
    save_annotated: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Write each picture with its faces drawn into this folder."
        ),
    ] = None,
    minimum_confidence: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Below it, a face's expression is `uncertain`."),
    ] = None,
    allow_twin: Annotated[
        bool,
        typer.Option(
            "--allow-twin", help="Let the same weights in the other framework answer if need be."
        ),
    ] = False,
) -> None:
    """Tell the expressions of the faces in pictures.

    Folders are searched for pictures; what is left out is told. --json writes a line per picture,
    as soon as it is analysed; --csv a header and a row per face, or one that says why a picture has
    none. A picture that fails does not stop the rest.
    """
    wishes = Wishes(
        model=model,
        form=formats.chosen(table=as_table, json=as_json, csv=as_csv),
        minimum_confidence=minimum_confidence,
        allow_twin=allow_twin,
        annotated=Folder(save_annotated) if save_annotated else None,
    )
    status = asyncio.run(_analyze(invocation, pictures.named(photos), wishes))
    if wishes.annotated and wishes.annotated.count:
        invocation.terminal.say(
            f"{wishes.annotated.count} annotated, in {wishes.annotated.path}", style="dim"
        )
    if status:
        raise typer.Exit(status)


async def _analyze(invocation: Invocation, named: pictures.Selection, wishes: Wishes) -> ExitStatus:
    """Return how the command ends."""
    async with async_client(invocation.connection) as client:

        async def ask(content: bytes, picture: pictures.Picture) -> Analysis:
            return await _ask(client, content, picture, wishes)

        report = await _report(invocation, client, wishes)
        each = EachPicture(
            invocation.terminal,
            ask,
            show_progress=isinstance(report, FaceTable) or not invocation.terminal.out.is_terminal,
        )
        try:
            async for name, answer in each.answers(named):
                if isinstance(answer, Problem):
                    report.fail(name, answer)
                else:
                    report.add(name, answer)
        finally:
            report.end()
    return each.status


async def _ask(
    client: AsyncClient, content: bytes, picture: pictures.Picture, wishes: Wishes
) -> Analysis:
    analysis = await client.analyze(
        content,
        model=wishes.model,
        minimum_confidence=wishes.minimum_confidence,
        allow_twin=wishes.allow_twin,
    )
    if wishes.annotated:
        drawn = await client.annotated(
            content,
            model=wishes.model,
            minimum_confidence=wishes.minimum_confidence,
            allow_twin=wishes.allow_twin,
        )
        wishes.annotated.save(f"{picture.stem}.annotated", ".jpg", drawn)
    return analysis


async def _report(invocation: Invocation, client: AsyncClient, wishes: Wishes) -> Report:
    match wishes.form:
        case formats.Format.JSON:
            return JsonLines(invocation.terminal)
        case formats.Format.CSV:
            # The header names the labels before the first picture has told them.
            return CsvRows(invocation.terminal, await labels_of(client, wishes.model))
        case _:
            return FaceTable(invocation.terminal)
