"""The client for asyncio: the methods of `Client`, whose docstrings tell more."""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, TypeVar

from mien_client import operations as ops
from mien_client import types
from mien_client.address import read_address
from mien_client.attempts import Attempts, Patience
from mien_client.errors import BusyError, MienError
from mien_client.opening import open_async_transport
from mien_client.operations import Operation, Options, StreamStart, VideoWish
from mien_client.pictures import Picture, async_pictures, picture_bytes
from mien_client.streaming.aio import AsyncFeed
from mien_client.transport import Outcome
from mien_client.upload import Progress, opened
from mien_client.videos import Following, ResultName, arriving, destination

T = TypeVar("T")


class AsyncClient:
    """Asks a running Mien, from one event loop.

    Every method raises the MienError that says what a caller can do; see `mien_client.errors`.
    """

    def __init__(
        self, url: str, *, api_key: str | None = None, timeout: float = 10.0, retries: int = 2
    ) -> None:
        """Take a gateway's address, as `Client` does; nothing is opened yet."""
        self._address = read_address(url)
        self._patience = Patience(seconds=timeout, retries=retries)
        self._transport = open_async_transport(self._address, api_key)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Give the connections back."""
        await self._transport.close()

    # Pictures

    async def analyze(
        self,
        image: Picture,
        *,
        model: str = "",
        minimum_confidence: float | None = None,
        allow_twin: bool = False,
        session: str = "",
        no_store: bool = False,
    ) -> types.Analysis:
        """Return the faces of a picture, largest first, each with its expressions."""
        options = Options(
            minimum_confidence=minimum_confidence,
            allow_twin=allow_twin,
            session=session,
            no_store=no_store,
        )
        return await self._ask(ops.Analyze(picture_bytes(image), model, options))

    async def analyze_many(
        self,
        images: Iterable[Picture],
        *,
        model: str = "",
        minimum_confidence: float | None = None,
        allow_twin: bool = False,
        no_store: bool = False,
    ) -> list[types.Analysis | types.Problem]:
        """Return an analysis or a problem for each picture, in their order."""
        options = Options(
            minimum_confidence=minimum_confidence, allow_twin=allow_twin, no_store=no_store
        )
        pictures = tuple(picture_bytes(image) for image in images)
        return await self._ask(ops.AnalyzeMany(pictures, model, options)) if pictures else []

    async def annotated(
        self,
        image: Picture,
        *,
        model: str = "",
        picture_format: Literal["jpeg", "png"] = "jpeg",
        minimum_confidence: float | None = None,
    ) -> bytes:
        """Return the picture with boxes, labels and bars drawn on it, encoded."""
        options = Options(minimum_confidence=minimum_confidence)
        return await self._ask(ops.Annotate(picture_bytes(image), model, picture_format, options))

    async def compare(self, image: Picture, *, model: str = "") -> types.Comparison:
        """Return what both twins of a model say of the same faces; any twin's name will do."""
        return await self._ask(ops.Compare(picture_bytes(image), model))

    async def explain(
        self, image: Picture, *, model: str = "", label: str = "", overlay: bool = False
    ) -> types.Explanation:
        """Return where in each face the model found an expression, by Grad-CAM."""
        return await self._ask(ops.Explain(picture_bytes(image), model, label, overlay))

    # What there is

    async def models(self) -> list[types.Model]:
        """Return every model that can be asked for, the default first."""
        return await self._ask(ops.ListModels())

    async def model(self, name: str) -> types.Model:
        """Return one model."""
        return await self._ask(ops.FindModel(name))

    async def card(self, name: str) -> str:
        """Return a model's card: data, licence, figures per class, limits; Markdown."""
        return await self._ask(ops.ReadCard(name))

    async def status(self) -> types.Status:
        """Return whether pictures can be analysed now, and how each part of Mien is."""
        return await self._ask(ops.AskStatus())

    async def notice(self, language: str = "en") -> types.Notice:
        """Return what people whose faces are looked at must be told, in `en` or `de`."""
        return await self._ask(ops.ReadNotice(language))

    # What moves

    async def stream(  # noqa: PLR0913 - as analyze
        self,
        frames: AsyncIterable[Picture] | Iterable[Picture],
        *,
        consent: bool,
        model: str = "",
        session: str = "",
        smoothing_seconds: float | None = None,
        hold_seconds: float | None = None,
        allow_twin: bool = False,
        minimum_confidence: float | None = None,
        newest_wins: bool = False,
    ) -> AsyncGenerator[Outcome, None]:
        """Yield a result, or a problem, for the frames of a live stream.

        `frames` may be an asynchronous iterable; a plain one is taken from in a thread.
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
        encoded = async_pictures(frames)
        attempts = self._attempts(self._patience.seconds)
        while True:
            feed = AsyncFeed(encoded, self._patience.seconds, newest_wins=newest_wins)
            try:
                async with aclosing(self._transport.stream(start, feed)) as outcomes:
                    async for outcome in outcomes:
                        yield outcome
            except MienError as error:
                if feed.has_begun:
                    raise
                await asyncio.sleep(attempts.pause_after(error))
            else:
                return

    async def timeline(
        self, session: str, *, start: float = 0.0, end: float | None = None
    ) -> list[types.TimelineEntry]:
        """Return what was seen under a session's id, oldest first; seconds since 1970."""
        entries: list[types.TimelineEntry] = []
        following: float | None = start
        while following is not None:
            page = await self._ask(ops.ReadTimeline(session, following, end))
            entries += page.entries
            following = page.next
        return entries

    async def forget(self, session: str) -> None:
        """Delete everything that is kept under a session's id."""
        await self._ask(ops.ForgetTimeline(session))

    # Videos, over REST alone

    async def upload_video(  # noqa: PLR0913 - as analyze
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
        timeout: float = 300.0,  # noqa: ASYNC109 - as Client's; it bounds all attempts together
    ) -> types.VideoJob:
        """Send a video, and return the job that analyses it."""
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
                    return await self._transport.upload(upload, wish, attempts.seconds_left)
                except TimeoutError as error:
                    raise attempts.timeout() from error
                except BusyError as error:
                    await asyncio.sleep(attempts.pause_after(error))

    async def video(self, video: str) -> types.VideoJob:
        """Return how a job is, by its id."""
        return await self._ask(ops.FindVideo(video))

    async def follow_video(self, video: str) -> AsyncGenerator[types.VideoJob, None]:
        """Yield a job as it is now, after each change, and at last in its final state."""
        following = Following(self._patience.seconds, self._address.url)
        while not following.is_over:
            try:
                async with aclosing(self._transport.events(video)) as events:
                    async for job in events:
                        if following.is_news(job):
                            yield job
            except MienError as error:
                await asyncio.sleep(following.pause(error))
            else:
                await asyncio.sleep(following.pause(None))

    async def cancel_video(self, video: str) -> types.VideoJob:
        """End a job that is under way; one that has ended stays as it is."""
        return await self._ask(ops.CancelVideo(video))

    async def delete_video(self, video: str) -> None:
        """Delete a job and everything that came of it, ending it where it is under way."""
        await self._ask(ops.DeleteVideo(video))

    async def video_results(self, video: str) -> types.VideoResults:
        """Return everything that was found in a video, frame by frame."""
        return await self._ask(ops.ReadResults(video))

    async def save_video(self, video: str, name: ResultName, path: str | os.PathLike[str]) -> Path:
        """Write one of a job's results to a file, or to a folder, and return the file's path."""
        whole = destination(path, name)
        with arriving(whole) as partial:
            await self._transport.download(video, name, partial)
        return whole

    async def _ask(self, operation: Operation[T]) -> T:
        attempts = self._attempts(self._patience.seconds)
        while True:
            try:
                return await self._transport.ask(operation, attempts.seconds_left)
            except TimeoutError as error:
                raise attempts.timeout() from error
            except MienError as error:
                await asyncio.sleep(attempts.pause_after(error))

    def _attempts(self, seconds: float) -> Attempts:
        return Attempts(replace(self._patience, seconds=seconds), self._address.url)
