"""What is asked of videos, over REST alone, for asyncio."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

from mien_client import operations as ops
from mien_client import types
from mien_client.aio.asking import Asking
from mien_client.errors import BusyError, MienError
from mien_client.operations import VideoWish
from mien_client.pictures import Picture
from mien_client.upload import Progress, opened
from mien_client.videos import Following, ResultName, arriving, destination


class VideoCalls(Asking):
    """Videos as jobs: sent, followed, fetched, deleted."""

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
        await self._delete(ops.DeleteVideo(video))

    async def video_results(self, video: str) -> types.VideoResults:
        """Return everything that was found in a video, frame by frame."""
        return await self._ask(ops.ReadResults(video))

    async def save_video(self, video: str, name: ResultName, path: str | os.PathLike[str]) -> Path:
        """Write one of a job's results to a file, or to a folder, and return the file's path."""
        whole = destination(path, name)
        with arriving(whole) as partial:
            await self._transport.download(video, name, partial)
        return whole
