"""The client for threads; `aio` has the one for asyncio."""

import os
import time
from collections.abc import Generator, Iterable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, TypeVar

from mien_client import operations as ops
from mien_client import types
from mien_client.address import read_address
from mien_client.attempts import Attempts, Patience
from mien_client.errors import BusyError, MienError
from mien_client.opening import open_transport
from mien_client.operations import Operation, Options, StreamStart, VideoWish
from mien_client.pictures import Picture, picture_bytes
from mien_client.streaming.feed import Feed
from mien_client.transport import Outcome
from mien_client.upload import Progress, opened
from mien_client.videos import Following, ResultName, arriving, destination

T = TypeVar("T")


class Client:
    """Asks a running Mien; several threads may share one.

    Every method raises the MienError that says what a caller can do; see `mien_client.errors`.
    """

    def __init__(
        self, url: str, *, api_key: str | None = None, timeout: float = 10.0, retries: int = 2
    ) -> None:
        """Take a gateway's address; nothing is opened before the first question.

        Args:
            url: `http://` or `https://` for REST and WebSocket, `grpc://` or `grpcs://` for
                gRPC, with host and port.
            api_key: where the gateway asks for one.
            timeout: seconds for an answer, all attempts and the pauses between them together.
            retries: attempts after the first one, where Mien was busy or a part of it away.

        Raises:
            ValueError: the URL has none of these forms.
            MissingExtraError: gRPC's packages are not installed.
        """
        self._address = read_address(url)
        self._patience = Patience(seconds=timeout, retries=retries)
        self._transport = open_transport(self._address, api_key)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._transport.close()

    # Pictures

    def analyze(
        self,
        image: Picture,
        *,
        model: str = "",
        minimum_confidence: float | None = None,
        allow_twin: bool = False,
        session: str = "",
        no_store: bool = False,
    ) -> types.Analysis:
        """Return the faces of a picture, largest first, each with its expressions.

        Args:
            image: the encoded picture (JPEG, PNG, WebP or BMP): bytes, a path, or a file that
                is open for reading bytes.
            model: a name from `models()`; the gateway's default where it is empty.
            minimum_confidence: below it a face's top label is `uncertain`, 0 to 1; the
                gateway's setting where it is None.
            allow_twin: whether the same model in the other framework may answer while the
                model's server is away; `served_by` says which one did.
            session: the id under which the expressions are kept for `timeline`.
            no_store: neither look the answer up in the cache nor keep it there.
        """
        options = Options(
            minimum_confidence=minimum_confidence,
            allow_twin=allow_twin,
            session=session,
            no_store=no_store,
        )
        return self._ask(ops.Analyze(picture_bytes(image), model, options))

    def analyze_many(
        self,
        images: Iterable[Picture],
        *,
        model: str = "",
        minimum_confidence: float | None = None,
        allow_twin: bool = False,
        no_store: bool = False,
    ) -> list[types.Analysis | types.Problem]:
        """Return an analysis or a problem for each picture, in their order.

        All pictures travel together; 64 and 50 MB is what a gateway takes as it comes. The
        options are those of `analyze`.
        """
        options = Options(
            minimum_confidence=minimum_confidence, allow_twin=allow_twin, no_store=no_store
        )
        pictures = tuple(picture_bytes(image) for image in images)
        return self._ask(ops.AnalyzeMany(pictures, model, options)) if pictures else []

    def annotated(
        self,
        image: Picture,
        *,
        model: str = "",
        picture_format: Literal["jpeg", "png"] = "jpeg",
        minimum_confidence: float | None = None,
    ) -> bytes:
        """Return the picture with boxes, labels and bars drawn on it, encoded."""
        options = Options(minimum_confidence=minimum_confidence)
        return self._ask(ops.Annotate(picture_bytes(image), model, picture_format, options))

    def compare(self, image: Picture, *, model: str = "") -> types.Comparison:
        """Return what both twins of a model say of the same faces; any twin's name will do."""
        return self._ask(ops.Compare(picture_bytes(image), model))

    def explain(
        self, image: Picture, *, model: str = "", label: str = "", overlay: bool = False
    ) -> types.Explanation:
        """Return where in each face the model found an expression, by Grad-CAM.

        Args:
            image: as for `analyze`.
            model: as for `analyze`.
            label: the expression to explain; each face's most probable one where it is empty.
            overlay: whether each face is also wanted as a PNG under its map.
        """
        return self._ask(ops.Explain(picture_bytes(image), model, label, overlay))

    # What there is

    def models(self) -> list[types.Model]:
        """Return every model that can be asked for, the default first."""
        return self._ask(ops.ListModels())

    def model(self, name: str) -> types.Model:
        """Return one model."""
        return self._ask(ops.FindModel(name))

    def card(self, name: str) -> str:
        """Return a model's card: data, licence, figures per class, limits; Markdown."""
        return self._ask(ops.ReadCard(name))

    def status(self) -> types.Status:
        """Return whether pictures can be analysed now, and how each part of Mien is."""
        return self._ask(ops.AskStatus())

    def notice(self, language: str = "en") -> types.Notice:
        """Return what people whose faces are looked at must be told, in `en` or `de`."""
        return self._ask(ops.ReadNotice(language))

    # What moves

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
        following: float | None = start
        while following is not None:
            page = self._ask(ops.ReadTimeline(session, following, end))
            entries += page.entries
            following = page.next
        return entries

    def forget(self, session: str) -> None:
        """Delete everything that is kept under a session's id."""
        self._ask(ops.ForgetTimeline(session))

    # Videos, over REST alone

    def upload_video(  # noqa: PLR0913 - as analyze
        self,
        video: Picture,
        *,
        model: str = "",
        sample_rate: float | None = None,
        start: float | None = None,
        end: float | None = None,
        annotate: bool | None = None,
        smoothing_seconds: float | None = None,
        on_progress: Progress | None = None,
        timeout: float = 300.0,
    ) -> types.VideoJob:
        """Send a video, and return the job that analyses it; `follow_video` goes on from there.

        It is sent again only where Mien was too busy to take it, since it might be analysed
        twice where nobody knows what became of it.

        Args:
            video: a path, bytes, or a file that is open for reading bytes and can be rewound.
            model: as for `analyze`.
            sample_rate: frames analysed per second; 5 where it is None.
            start: where to begin, in seconds.
            end: where to stop, in seconds; at the video's end where it is None.
            annotate: whether to make an annotated video, too, as it is done where it is None.
            smoothing_seconds: over which probabilities are smoothed; 0 is not at all.
            on_progress: called with the bytes sent so far, and with all of them.
            timeout: seconds for all of it, in place of the client's own.
        """
        wish = VideoWish(
            model=model,
            sample_rate=sample_rate,
            start=start,
            end=end,
            annotate=annotate,
            smoothing_seconds=smoothing_seconds,
        )
        attempts = self._attempts(timeout)
        with opened(video, on_progress) as upload:
            while True:
                try:
                    return self._transport.upload(upload, wish, attempts.seconds_left)
                except TimeoutError as error:
                    raise attempts.timeout() from error
                except BusyError as error:
                    time.sleep(attempts.pause_after(error))

    def video(self, video: str) -> types.VideoJob:
        """Return how a job is, by its id."""
        return self._ask(ops.FindVideo(video))

    def follow_video(self, video: str) -> Generator[types.VideoJob, None, None]:
        """Yield a job as it is now, after each change, and at last in its final state.

        A connection that breaks is made again; the gateway may be away for as long as the
        client's timeout.
        """
        following = Following(self._patience.seconds, self._address.url)
        while not following.is_over:
            try:
                for job in self._transport.events(video):
                    if following.is_news(job):
                        yield job
            except MienError as error:
                time.sleep(following.pause(error))
            else:
                time.sleep(following.pause(None))

    def cancel_video(self, video: str) -> types.VideoJob:
        """End a job that is under way; one that has ended stays as it is."""
        return self._ask(ops.CancelVideo(video))

    def delete_video(self, video: str) -> None:
        """Delete a job and everything that came of it, ending it where it is under way."""
        self._ask(ops.DeleteVideo(video))

    def video_results(self, video: str) -> types.VideoResults:
        """Return everything that was found in a video, frame by frame."""
        return self._ask(ops.ReadResults(video))

    def save_video(self, video: str, name: ResultName, path: str | os.PathLike[str]) -> Path:
        """Write one of a job's results to a file and return its path.

        Args:
            video: the job's id.
            name: `timeline.csv`, `subtitles.vtt`, `annotated.mp4` or `results.json`.
            path: the file, which appears whole or not at all; or a folder, for a file of the
                result's name.
        """
        whole = destination(path, name)
        with arriving(whole) as partial:
            self._transport.download(video, name, partial)
        return whole

    def _ask(self, operation: Operation[T]) -> T:
        attempts = self._attempts(self._patience.seconds)
        while True:
            try:
                return self._transport.ask(operation, attempts.seconds_left)
            except TimeoutError as error:
                raise attempts.timeout() from error
            except MienError as error:
                time.sleep(attempts.pause_after(error))

    def _attempts(self, seconds: float) -> Attempts:
        return Attempts(replace(self._patience, seconds=seconds), self._address.url)
