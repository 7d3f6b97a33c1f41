"""How often a caller may come: `600/minute`."""

import re
from typing import TypeAlias

from limits import RateLimitItem, parse

Rate: TypeAlias = RateLimitItem

PATTERN = r"[1-9][0-9]{0,8}/(second|minute|hour|day)"


def parse_rate(text: str) -> Rate:
    """Read a number per second, minute, hour or day.

    Raises ValueError, with a sentence, where it is none.
    """
    if not re.fullmatch(PATTERN, text, re.ASCII):
        message = f"{text!r} is no rate: write it like 600/minute, per second, minute, hour or day"
        raise ValueError(message)
    return parse(text)
