"""The live display and its figures."""

import io

from rich.console import Console

from mien_client.command.terminal import Terminal
from mien_client.command.watching.display import Display
from mien_client.command.watching.tally import Tally
from mien_client.types import FrameProblem
from tests.fakes.analyses import LABELS, analysis, face


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def drawn(tally: Tally, *, columns: int) -> str:
    """Return what the display shows on a terminal that is so wide."""
    screen = Screen()
    terminal = Terminal(io.StringIO(), screen)
    terminal.err = Console(file=screen, force_terminal=True, width=columns, no_color=True)
    with Display(terminal, "clip.mp4", tally, shown=True):
        pass
    return screen.getvalue()


def tally_of_one_face() -> Tally:
    tally = Tally()
    tally.answer(analysis(face()), seconds=1.5, latency_ms=20)
    tally.answer(analysis(face()), seconds=2.5, latency_ms=40)
    tally.dropped = 3
    return tally


def test_the_display_shows_faces_and_figures() -> None:
    """Every label has a column where there is room."""
    shown = drawn(tally_of_one_face(), columns=120)
    assert all(label in shown for label in LABELS)
    for part in ("clip.mp4", "0:02.5", "latency 30 ms", "dropped 3", "80%", "Ctrl+C ends it"):
        assert part in shown


def test_a_narrow_terminal_shows_the_leading_expressions() -> None:
    """Nothing is cut off."""
    shown = drawn(tally_of_one_face(), columns=70)
    assert "Probability" in shown
    assert "sad 5%, neutral 5%" in shown
    assert "…" not in shown


def test_a_frame_without_a_face_says_so() -> None:
    """As does the time before the first answer."""
    tally = Tally()
    assert "waiting for the first answer" in drawn(tally, columns=80)
    tally.answer(analysis(), seconds=0.0, latency_ms=5)
    assert "no face" in drawn(tally, columns=80)


def test_a_pipe_gets_one_sentence() -> None:
    """And nothing that would redraw it."""
    err = io.StringIO()
    with Display(Terminal(io.StringIO(), err), "clip.mp4", tally_of_one_face(), shown=True):
        pass
    assert err.getvalue() == "mien: watching clip.mp4; Ctrl+C ends it\n"


def test_a_stream_is_summed_up_in_a_sentence() -> None:
    """With the median latency, and what was dropped or failed."""
    tally = tally_of_one_face()
    tally.fail(FrameProblem(3, "unreadable_image", "It is broken", 0))
    for part in ("2 frames in 0:02.5", "median latency 30 ms", "3 dropped", "1 failed"):
        assert part in tally.sentence
    assert not tally.all_failed


def test_a_stream_of_failures_is_a_failure() -> None:
    """The first reason is kept."""
    tally = Tally()
    problem = FrameProblem(1, "unreadable_image", "It is broken", 0)
    tally.fail(problem)
    tally.fail(FrameProblem(2, "overloaded", "Too much", 0))
    assert (tally.all_failed, tally.first_problem, tally.failed) == (True, problem, 2)
