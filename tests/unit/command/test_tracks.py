"""What was seen of faces over time."""

import io

from mien_client.command.terminal import Terminal
from mien_client.command.tracks import Tracks, clock


def test_a_track_counts_its_labels() -> None:
    """From the first time to the last one, with the most frequent label first."""
    tracks = Tracks()
    for seconds, label in ((1.0, "sad"), (1.5, "happy"), (2.0, "happy"), (62.0, "happy")):
        tracks.see(7, seconds, label)
    tracks.see(2, 3.0, "neutral")
    out = io.StringIO()
    Terminal(out, io.StringIO()).show(tracks.table())
    second, seventh = (line.split() for line in out.getvalue().splitlines() if line[1:2].isdigit())
    assert second[:2] == ["2", "0:03.0"]
    assert seventh[:6] == ["7", "0:01.0", "-", "1:02.0", "4", "happy"]
    assert "75%" in seventh
    assert seventh[-2:] == ["sad", "25%"]


def test_times_are_minutes_and_seconds() -> None:
    """As players show them."""
    assert [clock(seconds) for seconds in (0, 9.96, 75.25)] == ["0:00.0", "0:10.0", "1:15.2"]
