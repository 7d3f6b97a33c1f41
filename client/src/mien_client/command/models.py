"""`mien models`: what can be asked for."""

from collections.abc import Iterator
from typing import Annotated

import typer
from rich import box
from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text

from mien_client import Client
from mien_client.command.clients import client
from mien_client.command.completing import model_names
from mien_client.command.connection import Invocation
from mien_client.command.documents import pretty
from mien_client.command.options import AsJson
from mien_client.command.terminal import Terminal
from mien_client.types import Model


def models(
    invocation: Invocation,
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", autocompletion=model_names, help="Only this one.")
    ] = "",
    card: Annotated[
        bool,
        typer.Option("--card", help="The model's card: data, licence, figures, limits, misuse."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the models, or tell more about one."""
    if card and not name:
        message = "--card needs the name of a model"
        raise typer.BadParameter(message, param_hint="NAME")
    if card and as_json:
        message = "--card and --json exclude each other; choose one"
        raise typer.BadParameter(message)
    with client(invocation.connection) as asking:
        if card:
            _show_card(invocation.terminal, asking.card(name))
        elif name:
            _show_one(invocation.terminal, asking.model(name), as_json=as_json)
        else:
            _show_all(invocation.terminal, asking, as_json=as_json)


def _show_card(terminal: Terminal, card: str) -> None:
    if terminal.out.is_terminal:
        terminal.show(Markdown(card))
    else:
        terminal.write(card)


def _show_all(terminal: Terminal, asking: Client, *, as_json: bool) -> None:
    known = asking.models()
    if as_json:
        terminal.write(pretty({"models": known}))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("Model", "Version", "Framework", "Data set", "Labels", "Accuracy", "Ready"):
        table.add_column(heading, no_wrap=heading == "Model")
    for each in known:
        table.add_row(
            Text.assemble(each.name, (" *", "bold") if each.default else ""),
            str(each.version),
            each.framework,
            each.dataset,
            str(len(each.labels)),
            _accuracy(each),
            _ready(each),
        )
    terminal.show(table, "* answers where no model is named")


def _show_one(terminal: Terminal, model: Model, *, as_json: bool) -> None:
    if as_json:
        terminal.write(pretty(model))
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column()
    for heading, content in _facts(model):
        table.add_row(heading, content)
    terminal.show(table)


def _facts(model: Model) -> Iterator[tuple[str, str | Text]]:
    shape = model.input
    colours = "grey" if shape.channels == 1 else "RGB"
    yield "Model", f"{model.name}, version {model.version}"
    yield "Framework", model.framework
    yield "Served by", model.server or "not told"
    yield "Architecture", model.architecture
    yield "Data set", model.dataset
    yield "Labels", ", ".join(model.labels)
    yield "Input", f"{shape.width}x{shape.height} pixels, {colours}"
    for name, value in model.metrics.items():
        yield name.replace("_", " ").capitalize(), f"{value:.4g}"
    yield "Licence", model.licence
    yield "Ready", _ready(model)


def _accuracy(model: Model) -> str:
    """Return the first accuracy among the figures; the card says on which pictures."""
    found = [value for name, value in model.metrics.items() if name.endswith("accuracy")]
    return f"{found[0]:.1%}" if found else "-"


def _ready(model: Model) -> Text:
    if model.ready is None:
        return Text("not told", style="dim")
    return Text("yes", style="green") if model.ready else Text("no", style="red")
