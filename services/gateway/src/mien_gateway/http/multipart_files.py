"""Reads the one file of a multipart form while the form still arrives."""

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from mien_gateway.errors import InvalidRequestError
from mien_gateway.http.multipart import boundary_of


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
