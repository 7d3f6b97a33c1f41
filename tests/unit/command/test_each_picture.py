"""One picture after the other: what ends the run, what is waited for, and how the command ends."""

import asyncio
import io
from collections import Counter
from collections.abc import Callable, Sequence

import pytest

from mien_client import errors
from mien_client.command.each_picture import LONGEST_WAIT_SECONDS, EachPicture
from mien_client.command.pictures import Picture, Selection
from mien_client.command.statuses import ExitStatus
from mien_client.command.terminal import Terminal
from mien_client.types import Problem

NAMES = ("a", "b", "c", "d", "e", "f")


def busy(seconds: float | None) -> errors.BusyError:
    return errors.BusyError("rate_limited", "The rate is used up", retry_after_seconds=seconds)


class Run:
    """A run over pictures, of which some fail at first or for ever."""

    def __init__(self, fail: Callable[[str, int], errors.MienError | None]) -> None:
        self._fail = fail
        self._err = io.StringIO()
        self.tries: dict[str, int] = {}
        self.slept: list[float] = []
        self.left_out = Counter[str]()
        self.answers: dict[str, str] = {}
        self.status = ExitStatus.WELL

    @property
    def said(self) -> str:
        """What stands on stderr."""
        return self._err.getvalue()

    def over(self, names: Sequence[str]) -> None:
        """Ask about all of them."""
        asyncio.run(self._over(names))

    async def _over(self, names: Sequence[str]) -> None:
        terminal = Terminal(io.StringIO(), self._err)
        each = EachPicture(terminal, self._ask, show_progress=False, sleep=self._sleep)
        pictures = [Picture(name, None, name.encode()) for name in names]
        async for name, answer in each.answers(Selection([*pictures], self.left_out)):
            self.answers[name] = answer.code if isinstance(answer, Problem) else answer
        self.status = each.status

    async def _ask(self, content: bytes, picture: Picture) -> str:
        self.tries[picture.name] = self.tries.get(picture.name, 0) + 1
        if error := self._fail(picture.name, self.tries[picture.name]):
            raise error
        return content.decode().upper()

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (errors.BadInputError("unreadable_image", "Broken"), "unreadable_image", 1),
        (errors.AnswerTimeoutError("http://there", "10 s"), "deadline_exceeded", 3),
        (errors.UnavailableError("detector_unavailable", "Away"), "detector_unavailable", 3),
        (busy(None), "rate_limited", 3),
        (busy(LONGEST_WAIT_SECONDS + 1), "rate_limited", 3),
        (errors.UnreachableError("http://there", "reset", connected=True), "connection_broken", 3),
    ],
)
def test_a_picture_that_fails_does_not_stop_the_rest(
    error: errors.MienError, code: str, status: int
) -> None:
    """It is told, and counted at the end; the status says whether another try may help."""
    run = Run(lambda name, _: error if name == "b" else None)
    run.over(NAMES)
    assert run.answers == {name: name.upper() for name in NAMES} | {"b": code}
    assert run.said.count("mien: b: ") == 1
    assert "1 of 6 could not be analysed" in run.said
    assert run.status == status
    assert run.slept == []


def test_the_worst_status_wins() -> None:
    """A picture that is broken does not hide that another one can be tried again."""
    failures = {
        "a": errors.AnswerTimeoutError("http://there", "10 s"),
        "b": errors.BadInputError("unreadable_image", "Broken"),
    }
    run = Run(lambda name, _: failures.get(name))
    run.over(NAMES)
    assert run.status is ExitStatus.AWAY


@pytest.mark.parametrize(
    "error",
    [
        errors.UnreachableError("http://there", "refused"),
        errors.NotAllowedError("unauthenticated", "A key is needed"),
    ],
)
def test_what_concerns_all_pictures_ends_the_run(error: errors.MienError) -> None:
    """The next one would fail alike."""
    run = Run(lambda name, _: error if name == "b" else None)
    with pytest.raises(type(error)):
        run.over(NAMES)
    assert run.answers == {"a": "A"}


def test_a_rate_limit_is_waited_out() -> None:
    """For as long as the server says, which is told once, and all pictures get their answer."""
    run = Run(lambda _, tries: busy(40.0) if tries == 1 else None)
    run.over(NAMES)
    assert run.answers == {name: name.upper() for name in NAMES}
    assert run.status is ExitStatus.WELL
    assert set(run.tries.values()) == {2}
    assert all(39 < seconds <= 40 for seconds in run.slept)
    assert run.said == "mien: the server is busy: waiting 40 s\n"


def test_a_server_that_stays_busy_is_not_waited_for_for_ever() -> None:
    """The picture fails, and the next one is asked about."""
    run = Run(lambda name, _: busy(1.0) if name == "b" else None)
    run.over(NAMES)
    assert (run.tries["b"], len(run.slept)) == (4, 3)
    assert run.answers == {name: name.upper() for name in NAMES} | {"b": "rate_limited"}


def test_a_single_picture_is_not_waited_for() -> None:
    """Whoever sits in front of it can ask again himself, and is told when."""
    run = Run(lambda *_: busy(40.0))
    run.over(["a"])
    assert run.slept == []
    assert "Try again in 40 s" in run.said
    assert run.status is ExitStatus.AWAY


def test_what_a_folder_leaves_out_is_named() -> None:
    """With what to do about it; a run that leaves nothing out says nothing."""
    run = Run(lambda *_: None)
    run.left_out.update([".heic", ".gif", ".heic", ""])
    run.over(["a"])
    first, second = run.said.splitlines()
    assert first == "mien: left out: 1 without a suffix, 1 .gif, 2 .heic"
    assert ".jpg, .jpeg, .png" in second
    assert "Convert other pictures" in second
    assert run.status is ExitStatus.WELL
