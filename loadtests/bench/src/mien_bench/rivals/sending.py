"""How a picture goes into a request, as each system wants it."""

import base64
from collections.abc import Callable
from dataclasses import dataclass

# Made by hand: a client that builds forms would take time from the servers on the same cores.
_BOUNDARY = b"mien-bench-4c1d0f6b"
_HEAD = (
    b"--" + _BOUNDARY + b"\r\n"
    b'Content-Disposition: form-data; name="image"; filename="picture.jpg"\r\n'
    b"Content-Type: image/jpeg\r\n\r\n"
)
_TAIL = b"\r\n--" + _BOUNDARY + b"--\r\n"


@dataclass(frozen=True, slots=True)
class Sending:
    """The media type, and what makes a body of a picture."""

    media_type: str
    body: Callable[[bytes], bytes]


RAW = Sending("image/jpeg", lambda picture: picture)
FORM = Sending(
    f"multipart/form-data; boundary={_BOUNDARY.decode()}",
    lambda picture: _HEAD + picture + _TAIL,
)
BASE64 = Sending(
    "application/json",
    lambda picture: b'{"image_data":"' + base64.b64encode(picture) + b'"}',
)
