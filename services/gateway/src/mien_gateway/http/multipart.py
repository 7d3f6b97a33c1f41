"""Parses multipart forms, in memory or into a file."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from mien_gateway.errors import InvalidRequestError

# A form for one picture has a handful; thousands are an attack on the parser.
MOST_PARTS = 32
_LONGEST_NAME = 256


@dataclass
class Part:
    """One part of a form."""

    name: str = ""
    is_file: bool = False
    filename: str = ""
    chunks: list[bytes] = field(default_factory=list)

    @property
    def content(self) -> bytes:
        """The part's bytes."""
        return b"".join(self.chunks)


def parse_multipart(body: bytes, content_type: str, *, most_parts: int = MOST_PARTS) -> list[Part]:
    """Return the parts of a form.

    Raises InvalidRequestError for what is no such form.
    """
    boundary = boundary_of(content_type)
    collector = _Collector(most_parts)
    try:
        parser = MultipartParser(boundary, collector.callbacks())  # type: ignore[arg-type]
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        message = "The body is not a multipart form with the boundary that its header names"
        raise InvalidRequestError(message) from error
    if not collector.complete:
        message = "The multipart form ends before its last boundary"
        raise InvalidRequestError(message)
    return collector.parts


def model_of_form(parts: Iterable[Part]) -> str:
    """Return the model's name in a form, or nothing.

    Raises InvalidRequestError where two fields name different ones.
    """
    named = {part.content for part in parts if part.name == "model"}
    if len(named) > 1:
        message = "The form has several fields `model`: name it once"
        raise InvalidRequestError(message)
    return next(iter(named), b"").decode(errors="replace")


def boundary_of(content_type: str) -> bytes:
    """Return what stands between a form's parts; raises InvalidRequestError where it is missing."""
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if not boundary:
        message = "The multipart form's Content-Type names no boundary"
        raise InvalidRequestError(message)
    return boundary


class _Collector:
    """Gathers parts from the parser's events."""

    def __init__(self, most_parts: int) -> None:
        self.parts: list[Part] = []
        self._most_parts = most_parts
        self.complete = False
        self._header = b""
        self._value = b""

    def callbacks(self) -> dict[str, object]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_part_data": self._data,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        if len(self.parts) == self._most_parts:
            message = f"The multipart form has more than {self._most_parts} parts"
            raise InvalidRequestError(message)
        self.parts.append(Part())

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            _, options = parse_options_header(self._value)
            part = self.parts[-1]
            part.name = options.get(b"name", b"").decode(errors="replace")
            part.is_file = b"filename" in options
            part.filename = options.get(b"filename", b"").decode(errors="replace")[:_LONGEST_NAME]
        self._header = self._value = b""

    def _data(self, data: bytes, start: int, end: int) -> None:
        self.parts[-1].chunks.append(data[start:end])

    def _end(self) -> None:
        self.complete = True


class FileOfForm:
    """A form with one file and nothing else: what is asked for stands in the query."""

    def __init__(self, content_type: str) -> None:
        """Raises InvalidRequestError where the header names no boundary."""
        boundary = boundary_of(content_type)
        self._content = bytearray()
        self._header = bytearray()
        self._value = bytearray()
        self._files = 0
        self._complete = False
        self._parser = MultipartParser(boundary, self._callbacks())  # type: ignore[arg-type]

    def feed(self, chunk: bytes) -> bytes:
        """Take a piece of the form; return what it holds of the file."""
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            message = "The body is not a multipart form with the boundary that its header names"
            raise InvalidRequestError(message) from error
        content = bytes(self._content)
        self._content.clear()
        return content

    def finish(self) -> None:
        """Raise InvalidRequestError unless the form was complete and had its file."""
        if not self._complete:
            message = "The multipart form ends before its last boundary"
            raise InvalidRequestError(message)
        if not self._files:
            message = "The multipart form has no file: send the video in the field `video`"
            raise InvalidRequestError(message)

    def _callbacks(self) -> dict[str, object]:
        return {
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_part_data": self._data,
            "on_end": self._end,
        }

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            _, options = parse_options_header(bytes(self._value))
            if b"filename" not in options or self._files:
                message = "Send one file in the form, and what you ask for in the query"
                raise InvalidRequestError(message)
            self._files = 1
        self._header.clear()
        self._value.clear()

    def _data(self, data: bytes, start: int, end: int) -> None:
        if not self._files:
            message = "A part of the multipart form does not say what it is"
            raise InvalidRequestError(message)
        self._content += data[start:end]

    def _end(self) -> None:
        self._complete = True
