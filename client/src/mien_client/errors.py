"""What can go wrong, by what a caller can do about it.

```
MienError
├── UnreachableError          nobody answers at the address
├── AnswerTimeoutError        the timeout is over
├── BadAnswerError            what answers is no Mien, or another one than this client knows
├── NotOfferedError           this transport has no such call; another address does
├── MissingExtraError         a package of an extra is not installed
└── RefusedError              the gateway answered with an error: code, detail, status, request_id
    ├── BadInputError         the picture or video cannot be analysed: give another one
    ├── InvalidRequestError   an option is out of its range
    ├── UnknownNameError      no such model, expression, session or video, or not any more
    ├── NotAllowedError       a key is missing or wrong, or nobody has consented
    ├── NotReadyError         a video's results are not there yet, or never will be
    ├── BusyError             too many calls: retry_after_seconds
    ├── UnavailableError      a part of Mien is away: retry_after_seconds
    ├── StreamEndedError      a live stream was idle, read too slowly, or lasted too long
    └── GatewayFaultError     a fault of Mien's own; its log knows the request_id
```
"""

_START = (
    "Is Mien running there? `make up` starts it on this machine; another address goes in as the URL"
)
_TRUST = (
    "SSL_CERT_FILE, and for gRPC GRPC_DEFAULT_SSL_ROOTS_FILE_PATH, names a file of the "
    "certificates that are trusted"
)


class MienError(Exception):
    """The root; its text says what happened and what to do about it."""


class UnreachableError(MienError):
    """Nobody answers at the address.

    Attributes:
        address: where nobody answers.
        connected: whether there was a connection, which then broke.
    """

    def __init__(self, address: str, reason: str, *, connected: bool = False) -> None:
        happened = "The connection broke" if connected else "Nothing answers"
        remedy = _TRUST if "CERTIFICATE_VERIFY_FAILED" in reason else _START
        super().__init__(f"{happened} at {address} ({reason}). {remedy}")
        self.address = address
        self.connected = connected


class AnswerTimeoutError(MienError):
    """The answer did not come in time; the gateway may have given up first, and says on what."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(f"{address} has not answered in time: {reason}")
        self.address = address


class BadAnswerError(MienError):
    """The answer is not one of Mien's."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(
            f"{address} answers, but not as Mien does: {reason}. Is it the address of the gateway?"
        )


class NotOfferedError(MienError):
    """This transport has no such call."""

    def __init__(self, call: str, address: str) -> None:
        super().__init__(
            f"gRPC does not offer `{call}`: use the gateway's http:// address, "
            f"http://HOST:8000 as it comes, in place of {address}"
        )


class MissingExtraError(MienError, ImportError):
    """Packages that are only needed for this are not installed."""

    def __init__(self, purpose: str, extra: str) -> None:
        super().__init__(
            f"{purpose} needs the extra `{extra}` of mien-client: "
            f"pip install ./protos './client[{extra}]' in Mien's folder"
        )
        self.extra = extra


class RefusedError(MienError):
    """The gateway answered with an error.

    Attributes:
        code: what programs may rely on, the same over every transport; the table is in the
            gateway's README.
        detail: the sentence for people.
        status: of HTTP; None where another transport brought the error.
        request_id: leads to the gateway's log entries.
        retry_after_seconds: when the same request may succeed; None where nobody knows.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        status: int | None = None,
        request_id: str = "",
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.status = status
        self.request_id = request_id
        self.retry_after_seconds = retry_after_seconds


class BadInputError(RefusedError):
    """The picture or the video cannot be analysed."""


class InvalidRequestError(RefusedError):
    """The request's form, or one of its options."""


class UnknownNameError(RefusedError):
    """There is nothing of that name, or not any more."""


class NotAllowedError(RefusedError):
    """A key is missing or wrong, or consent was not given."""


class NotReadyError(RefusedError):
    """A video's job has not succeeded, or not yet."""


class BusyError(RefusedError):
    """The caller's rate is used up, or too much is under way."""


class UnavailableError(RefusedError):
    """A part of Mien is away for now."""


class StreamEndedError(RefusedError):
    """A live stream was idle, read too slowly, or has lasted as long as one may."""


class GatewayFaultError(RefusedError):
    """A fault of Mien's own."""
