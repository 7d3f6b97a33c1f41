"""The client for threads; `aio` has the one for asyncio."""

from mien_client.client.live import LiveCalls
from mien_client.client.pictures import PictureCalls
from mien_client.client.service import ServiceCalls
from mien_client.client.videos import VideoCalls


class Client(PictureCalls, ServiceCalls, LiveCalls, VideoCalls):
    """Asks a running Mien; several threads may share one.

    Every method raises the MienError that says what a caller can do; see `mien_client.errors`.
    """
