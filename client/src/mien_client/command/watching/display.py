"""The live display: tracks, their expressions as bars, and how fast it goes."""

from types import TracebackType
from typing import Self

from rich import box
from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from mien_client.command import probabilities
from mien_client.command.bars import bar, percent
from mien_client.command.terminal import CAPTION, Terminal, printable
from mien_client.command.tracks import clock
from mien_client.command.watching.tally import Tally
from mien_client.types import Analysis, Face

_BAR_WIDTH = 5
_CELL_WIDTH = _BAR_WIDTH + 4
_LABEL_WIDTH = 11
_GAP = 3
_REFRESH_PER_SECOND = 10


class Display:
    """Redraws a few lines of stderr while it is open; nothing where that is no terminal."""

    def __init__(self, terminal: Terminal, name: str, tally: Tally, *, shown: bool) -> None:
        """Take the figures that are shown; a stream of JSON on the same terminal is left alone."""
        self._name = printable(name)
        self._width = terminal.err.width
        self._tally = tally
        self._live: Live | None = None
        if terminal.err.is_terminal and (shown or not terminal.out.is_terminal):
            self._live = Live(
                console=terminal.err,
                get_renderable=self._picture,
                refresh_per_second=_REFRESH_PER_SECOND,
                transient=True,
            )
        else:
            terminal.say(f"watching {name}; Ctrl+C ends it")

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._live:
            self._live.stop()

    def _picture(self) -> RenderableType:
        latest = self._tally.latest
        if latest is None:
            return Text(f"{self._name}: waiting for the first answer; Ctrl+C ends it")
        return Group(
            self._figures(latest),
            _faces(latest, self._width),
            Text(f"{CAPTION} Ctrl+C ends it.", style="dim"),
        )

    def _figures(self, latest: Analysis) -> Text:
        tally = self._tally
        return Text.assemble(
            (self._name, "bold"),
            f"  {clock(tally.seconds)}  {tally.recent_fps:.1f} fps",
            f"  latency {tally.recent_latency_ms:.0f} ms",
            f"  dropped {tally.dropped}",
            f"  failed {tally.failed}" if tally.failed else "",
            (f"  {latest.model.name}", "dim"),
        )


def _faces(latest: Analysis, width: int) -> RenderableType:
    """Return a row per face, with a bar per label where the terminal is wide enough."""
    if not latest.faces:
        return Text("no face", style="dim")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Track")
    table.add_column("Expression", min_width=_LABEL_WIDTH, no_wrap=True)
    labels = latest.faces[0].probabilities
    needed = 2 * _LABEL_WIDTH + sum(max(len(label), _CELL_WIDTH) + _GAP for label in labels)
    headings = tuple(labels) if needed <= width else ("Probability", "Next")
    for heading in headings:
        table.add_column(heading, no_wrap=True)
    for face in latest.faces:
        shown = _bars(face) if needed <= width else _leading(face)
        number = "-" if face.track is None else str(face.track)
        table.add_row(number, Text(face.top.label, style="bold"), *shown)
    return table


def _bars(face: Face) -> list[Text]:
    return [
        Text.assemble((bar(share, _BAR_WIDTH), "cyan"), f"{percent(share):>4}")
        for share in face.probabilities.values()
    ]


def _leading(face: Face) -> list[Text]:
    following = probabilities.others(face.probabilities, face.top)
    return [probabilities.with_bar(face.top), Text(following)]
