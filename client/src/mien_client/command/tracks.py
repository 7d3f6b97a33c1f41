"""What was seen of each face over time."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from rich import box
from rich.table import Table
from rich.text import Text

from mien_client.command.bars import bar, percent

_BAR_WIDTH = 10
_SHOWN = 3


@dataclass(slots=True)
class Track:
    """One face over time, times in seconds; its labels count frames."""

    first: float
    last: float
    labels: Counter[str] = field(default_factory=Counter)


class Tracks:
    """The faces of a video or a live stream, by their numbers."""

    def __init__(self) -> None:
        self._tracks: dict[int, Track] = {}

    @property
    def seen(self) -> Mapping[int, Track]:
        """What was seen so far."""
        return self._tracks

    def see(self, number: int, seconds: float, label: str) -> None:
        """Count a frame in which a face showed an expression."""
        track = self._tracks.setdefault(number, Track(seconds, seconds))
        track.last = seconds
        track.labels[label] += 1

    def table(self) -> Table:
        """Return a row per face: from when to when, and which part of its frames showed what."""
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for heading in ("Track", "Seen", "Frames", "Mostly", "Share of frames", "Next"):
            table.add_column(heading, no_wrap=True)
        for number, track in sorted(self._tracks.items()):
            frames = track.labels.total()
            (label, count), *others = track.labels.most_common(_SHOWN)
            table.add_row(
                str(number),
                f"{clock(track.first)} - {clock(track.last)}",
                str(frames),
                Text(label, style="bold"),
                Text.assemble(
                    (bar(count / frames, _BAR_WIDTH), "cyan"), f" {percent(count / frames):>4}"
                ),
                ", ".join(f"{other} {percent(number / frames)}" for other, number in others),
            )
        return table


def clock(seconds: float) -> str:
    """Return a time as minutes and seconds."""
    minutes, rest = divmod(max(seconds, 0.0), 60)
    return f"{minutes:.0f}:{rest:04.1f}"
