"""What can go wrong here; the gRPC codes stand in `transport.errors`.

DetectorError
+-- ImageError                 the picture itself is refused
|   +-- EmptyImageError        no bytes
|   +-- UnsupportedFormatError not JPEG, PNG, WebP or BMP by its first bytes
|   +-- UnreadableImageError   truncated or corrupt
|   +-- TooManyBytesError      over the byte limit
|   +-- TooManyPixelsError     over the pixel limit, by the header
+-- RequestError               an option of the request is out of its range
+-- OverloadedError            every worker is busy and the queue is full
+-- TooSlowError               the answer was not ready within the request timeout
+-- StartError                 the service cannot start
    +-- ModelUnavailableError  the wanted detector cannot be made
"""


class DetectorError(Exception):
    """Everything this service raises on purpose; the message is for the caller."""


class ImageError(DetectorError):
    """The picture is refused."""


class EmptyImageError(ImageError):
    """There are no bytes."""


class UnsupportedFormatError(ImageError):
    """The first bytes are of no format that is read here."""


class UnreadableImageError(ImageError):
    """The format is known, but the picture is truncated or corrupt."""


class TooManyBytesError(ImageError):
    """The encoded picture is larger than the limit."""


class TooManyPixelsError(ImageError):
    """The header claims more pixels than the limit; nothing was decoded."""


class RequestError(DetectorError):
    """An option of the request is out of its range."""


class OverloadedError(DetectorError):
    """Every worker is busy and the queue is full."""


class TooSlowError(DetectorError):
    """The answer was not ready within the request timeout."""


class StartError(DetectorError):
    """The service cannot start."""


class ModelUnavailableError(StartError):
    """The wanted detector cannot be made on this machine."""
