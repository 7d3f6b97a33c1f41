"""Results as JSON."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any


def plain(value: Any) -> Any:
    """Return what JSON knows: dataclasses as objects, without pictures (bytes)."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: plain(content)
            for field in fields(value)
            if not isinstance(content := getattr(value, field.name), bytes)
        }
    match value:
        case Enum():
            return value.value
        case datetime():
            return value.isoformat()
        case Mapping():
            return {str(key): plain(content) for key, content in value.items()}
        case str() | int() | float() | None:
            return value
        case _:
            return [plain(content) for content in value]


def line(document: Mapping[str, Any]) -> str:
    """Return a document as one line."""
    return json.dumps(plain(document), ensure_ascii=False) + "\n"


def pretty(document: Any) -> str:
    """Return a document as people read it too."""
    return json.dumps(plain(document), ensure_ascii=False, indent=2) + "\n"
