"""What is asked of videos, over REST alone, for threads."""

import os
import time
from collections.abc import Generator
from pathlib import Path

from mien_client import operations as ops
from mien_client import types
from mien_client.client.asking import Asking
from mien_client.errors import BusyError, MienError
from mien_client.operations import VideoWish
from mien_client.pictures import Picture
from mien_client.upload import Progress, opened
from mien_client.videos import Following, ResultName, arriving, destination


class VideoCalls(Asking):
    """Videos as jobs: sent, followed, fetched, deleted."""

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
        self._delete(ops.DeleteVideo(video))

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
