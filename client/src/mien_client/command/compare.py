"""`mien compare`: the same faces through both frameworks."""

import asyncio

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from mien_client.command import pictures, probabilities
from mien_client.command.clients import async_client
from mien_client.command.connection import Invocation
from mien_client.command.documents import line, plain
from mien_client.command.each_picture import EachPicture
from mien_client.command.options import AsJson, ModelName, Photos
from mien_client.command.statuses import ExitStatus
from mien_client.command.terminal import Terminal, printable
from mien_client.types import Comparison, Problem


def compare(
    invocation: Invocation, photos: Photos, model: ModelName = "", as_json: AsJson = False
) -> None:
    """Compare what the same weights say in PyTorch and in TensorFlow.

    --model names either of the two. --json writes a line per picture.
    """
    status = asyncio.run(_compare(invocation, pictures.named(photos), model, as_json=as_json))
    if status:
        raise typer.Exit(status)


async def _compare(
    invocation: Invocation, named: pictures.Selection, model: str, *, as_json: bool
) -> ExitStatus:
    terminal = invocation.terminal
    async with async_client(invocation.connection) as client:

        async def ask(content: bytes, _: pictures.Picture) -> Comparison:
            return await client.compare(content, model=model)

        each = EachPicture(terminal, ask, show_progress=not terminal.out.is_terminal)
        async for name, answer in each.answers(named):
            if not as_json:
                _show(terminal, name, answer)
            elif isinstance(answer, Problem):
                terminal.write(line({"file": name, "problem": answer}))
            else:
                terminal.write(line({"file": name} | plain(answer)))
    if not as_json:
        terminal.caption()
    return each.status


def _show(terminal: Terminal, name: str, answer: Comparison | Problem) -> None:
    if isinstance(answer, Problem):
        return  # it is said on stderr
    table = Table(title=Text(printable(name)), title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("Face")
    for model in answer.models:
        table.add_column(model.framework, no_wrap=True)
    table.add_column("Largest difference", justify="right")
    for face in answer.faces:
        shown = [face.answers[model.framework].top for model in answer.models]
        cells = [Text.assemble(f"{top.label} ", probabilities.with_bar(top)) for top in shown]
        table.add_row(str(face.index + 1), *cells, f"{face.largest_difference:.1e}")
    if not answer.faces:
        table.add_row("-", *(["no face"] * len(answer.models)))
    times = [f"{model.infer_ms:.1f} ms" for model in answer.models]
    table.add_section()
    table.add_row("time", *times)
    table.add_row("server", *(model.served_by for model in answer.models))
    terminal.show(table)
