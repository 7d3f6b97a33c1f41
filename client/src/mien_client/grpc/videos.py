"""Videos, which REST alone takes."""

from typing import Never

from mien_client.address import Address
from mien_client.errors import NotOfferedError


class NoVideos:
    """Says so for every part of a transport that has to do with videos."""

    def __init__(self, address: Address) -> None:
        """Take the address that cannot be used for them."""
        self._url = address.url

    def upload(self, *_: object, **__: object) -> Never:
        """Raise NotOfferedError."""
        self._refuse("upload_video")

    def events(self, *_: object, **__: object) -> Never:
        """Raise NotOfferedError."""
        self._refuse("follow_video")

    def download(self, *_: object, **__: object) -> Never:
        """Raise NotOfferedError."""
        self._refuse("save_video")

    def _refuse(self, call: str) -> Never:
        raise NotOfferedError(call, self._url)
