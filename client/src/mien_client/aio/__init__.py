"""The client for asyncio: the methods of `Client`, whose docstrings tell more."""

from mien_client.aio.live import LiveCalls
from mien_client.aio.pictures import PictureCalls
from mien_client.aio.service import ServiceCalls
from mien_client.aio.videos import VideoCalls


class AsyncClient(PictureCalls, ServiceCalls, LiveCalls, VideoCalls):
    """Asks a running Mien, from one event loop.

    Every method raises the MienError that says what a caller can do; see `mien_client.errors`.
    """
