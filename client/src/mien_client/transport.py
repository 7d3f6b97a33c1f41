"""What a client needs of a transport, be it REST or gRPC; the methods raise MienError.

There is one for threads and one for asyncio. Both only carry: what is asked, how it is worded
and how it is read stands in modules that do no I/O.
"""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Protocol, TypeVar

from mien_client.operations import Operation, StreamStart, VideoWish
from mien_client.streaming.aio import AsyncFeed
from mien_client.streaming.feed import Feed
from mien_client.types import FrameProblem, FrameResult, VideoJob
from mien_client.upload import Upload
from mien_client.videos import ResultName

T = TypeVar("T")

Outcome = FrameResult | FrameProblem


class Transport(Protocol):
    """Carries questions, and waits for their answers."""

    def ask(self, operation: Operation[T], seconds: float) -> T:
        """Ask once; raises TimeoutError after so many seconds."""

    def stream(self, start: StreamStart, feed: Feed) -> Generator[Outcome, None, None]:
        """Send the frames that the feed gives out, and yield what comes of them."""

    def upload(self, upload: Upload, wish: VideoWish, seconds: float) -> VideoJob:
        """Send a video once; raises TimeoutError after so many seconds."""

    def events(self, video: str) -> Generator[VideoJob, None, None]:
        """Yield a job's states over one connection, until it is over or breaks."""

    def download(self, video: str, name: ResultName, path: Path) -> None:
        """Write one of a job's results to a file."""

    def close(self) -> None:
        """Give the connections back."""


class AsyncTransport(Protocol):
    """As Transport, for asyncio."""

    async def ask(self, operation: Operation[T], seconds: float) -> T:
        """Ask once; raises TimeoutError after so many seconds."""

    def stream(self, start: StreamStart, feed: AsyncFeed) -> AsyncGenerator[Outcome, None]:
        """Send the frames that the feed gives out, and yield what comes of them."""

    async def upload(self, upload: Upload, wish: VideoWish, seconds: float) -> VideoJob:
        """Send a video once; raises TimeoutError after so many seconds."""

    def events(self, video: str) -> AsyncGenerator[VideoJob, None]:
        """Yield a job's states over one connection, until it is over or breaks."""

    async def download(self, video: str, name: ResultName, path: Path) -> None:
        """Write one of a job's results to a file."""

    async def close(self) -> None:
        """Give the connections back."""
