"""Turns JSON documents into the values of `types`, by the annotations of their fields.

What a newer gateway adds is passed over; what is missing or of another kind is named by its
place.
"""

import base64
import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


class UnexpectedDocumentError(Exception):
    """A document is not what it should be; the text says where and how."""


def structured(kind: type[T], document: Any) -> T:
    """Return the value that a document describes.

    Raises UnexpectedDocumentError.
    """
    value: T = _value(kind, document, "document")
    return value


def _value(kind: Any, document: Any, place: str) -> Any:
    if is_dataclass(kind):
        return _instance(kind, document, place)
    origin = get_origin(kind)
    if origin is tuple:
        return _items(get_args(kind)[0], document, place)
    if origin is Mapping:
        return _mapping(get_args(kind)[1], document, place)
    if origin in (types.UnionType, Union):
        return None if document is None else _value(get_args(kind)[0], document, place)
    return _scalar(kind, document, place)


def _instance(kind: Any, document: Any, place: str) -> Any:
    _expect(document, dict, place)
    values = {}
    for field, hint in _fields(kind):
        if field.name in document:
            values[field.name] = _value(hint, document[field.name], f"{place}.{field.name}")
        elif field.default is MISSING:
            message = f"{place} lacks `{field.name}`"
            raise UnexpectedDocumentError(message)
    return kind(**values)


def _items(kind: Any, document: Any, place: str) -> tuple[Any, ...]:
    _expect(document, list, place)
    return tuple(_value(kind, item, f"{place}[{index}]") for index, item in enumerate(document))


def _mapping(kind: Any, document: Any, place: str) -> dict[str, Any]:
    _expect(document, dict, place)
    return {key: _value(kind, value, f"{place}[{key!r}]") for key, value in document.items()}


def _scalar(kind: Any, document: Any, place: str) -> Any:
    if kind is float:
        _expect(document, (int, float), place)
        return float(document)
    if kind in (bytes, datetime):
        _expect(document, str, place)
        try:
            return _FROM_TEXT[kind](document)
        except ValueError as error:
            message = f"{place} cannot be read: {error}"
            raise UnexpectedDocumentError(message) from error
    _expect(document, kind, place)
    return document


_FROM_TEXT: Mapping[Any, Any] = {bytes: base64.b64decode, datetime: datetime.fromisoformat}


def _expect(document: Any, kind: Any, place: str) -> None:
    # A bool is an int for Python, but a document that has one for a number is wrong.
    if not isinstance(document, kind) or (isinstance(document, bool) and kind is not bool):
        message = f"{place} is {type(document).__name__}"
        raise UnexpectedDocumentError(message)


@cache
def _fields(kind: Any) -> tuple[tuple[Field[Any], Any], ...]:
    hints = get_type_hints(kind)
    return tuple((field, hints[field.name]) for field in fields(kind))
