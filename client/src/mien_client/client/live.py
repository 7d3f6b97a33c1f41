"""What is asked of live streams and sessions, for threads."""

import time
from collections.abc import Generator, Iterable

from mien_client import operations as ops
from mien_client import types
from mien_client.client.asking import Asking
from mien_client.errors import MienError
from mien_client.operations import StreamStart
from mien_client.pictures import Picture, picture_bytes
from mien_client.streaming.feed import Feed
from mien_client.transport import Outcome


class LiveCalls(Asking):
    """Live frames, and what was seen under a session's id."""

    def stream(  # noqa: PLR0913 - as analyze
        self,
        frames: Iterable[Picture],
        *,
        consent: bool,
        model: str = "",
        session: str = "",
        smoothing_seconds: float | None = None,
        hold_seconds: float | None = None,
        allow_twin: bool = False,
        minimum_confidence: float | None = None,
        newest_wins: bool = False,
    ) -> Generator[Outcome, None, None]:
        """Yield a result, or a problem, for the frames of a live stream.

        Frames are taken in a thread of their own, as fast as Mien has room for them, so that
        none is dropped. Closing the generator ends the stream. It is tried again only until the
        first frame was taken; the client's timeout is for each frame.

        Args:
            frames: pictures as for `analyze`, in the order of time.
            consent: whether the people in front of the camera were told and agreed; nothing
                starts without it.
            model: as for `analyze`.
            session: as for `analyze`.
            smoothing_seconds: the time constant by which probabilities are smoothed per face.
            hold_seconds: how long another label must lead before it is shown.
            allow_twin: as for `analyze`.
            minimum_confidence: as for `analyze`.
            newest_wins: take frames as fast as they come, and pass over those that a newer one
                has overtaken, so that no result is late: for cameras.
        """
        start = StreamStart(
            consent=consent,
            model=model,
            session=session,
            smoothing_seconds=smoothing_seconds,
            hold_seconds=hold_seconds,
            allow_twin=allow_twin,
            minimum_confidence=minimum_confidence,
        )
        encoded = (picture_bytes(frame) for frame in frames)
        attempts = self._attempts(self._patience.seconds)
        while True:
            feed = Feed(encoded, self._patience.seconds, newest_wins=newest_wins)
            try:
                yield from self._transport.stream(start, feed)
            except MienError as error:
                if feed.has_begun:
                    raise
                time.sleep(attempts.pause_after(error))
            else:
                return

    def timeline(
        self, session: str, *, start: float = 0.0, end: float | None = None
    ) -> list[types.TimelineEntry]:
        """Return what was seen under a session's id, oldest first; seconds since 1970."""
        entries: list[types.TimelineEntry] = []
        following: float | str | None = start
        while following is not None:
            page = self._ask(ops.ReadTimeline(session, following, end))
            entries += page.entries
            following = page.next
        return entries

    def forget(self, session: str) -> None:
        """Delete everything that is kept under a session's id."""
        self._delete(ops.ForgetTimeline(session))
