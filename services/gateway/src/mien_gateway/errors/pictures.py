"""What can be wrong with a picture."""

from mien_gateway.errors.base import CallerError


class EmptyImageError(CallerError):
    """There are no bytes."""

    code = "empty_image"

    def __init__(self) -> None:
        super().__init__("The picture is empty: send the bytes of a JPEG, PNG, WebP or BMP")


class UnsupportedMediaTypeError(CallerError):
    """These are not the bytes of a picture that can be read here."""

    code = "unsupported_media_type"

    def __init__(
        self,
        found: str = "This is not a picture of a known format",
        remedy: str = "send a JPEG, PNG, WebP or BMP",
    ) -> None:
        super().__init__(f"{found}: {remedy}")


class UnreadableImageError(CallerError):
    """The format is known, but the picture is truncated or corrupt."""

    code = "unreadable_image"

    def __init__(self) -> None:
        super().__init__("The picture is truncated or corrupt: send a complete file")


class ImageTooLargeError(CallerError):
    """There are more bytes than allowed."""

    code = "image_too_large"

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(
            f"The picture has more than {limit_bytes} bytes: scale it down or compress it more"
        )


class TooManyPixelsError(CallerError):
    """There are more pixels than allowed."""

    code = "too_many_pixels"

    def __init__(self) -> None:
        super().__init__("The picture has too many pixels: scale it down")


class InvalidBase64Error(CallerError):
    """The text is not base64."""

    code = "invalid_base64"

    def __init__(self, field: str) -> None:
        super().__init__(
            f"`{field}` is not base64: encode the file's bytes by RFC 4648, with padding, "
            "bare or as a data URL"
        )


class NoFaceError(CallerError):
    """A face was asked for and none was found."""

    code = "no_face_found"

    def __init__(self) -> None:
        super().__init__("No face was found: send a picture that shows one, upright and larger")


class UploadTooSlowError(CallerError):
    """The body did not arrive in time."""

    code = "upload_too_slow"

    def __init__(self, limit_seconds: float) -> None:
        super().__init__(f"The request's body did not arrive within {limit_seconds:g} seconds")
