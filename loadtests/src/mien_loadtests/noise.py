"""Pictures that no cache knows, for next to nothing: a load generator has no time to draw.

A JPEG holds a table of what each frequency of its blocks is multiplied by. One step up or down
in the low ones changes pixels everywhere by a few shades, as a camera's noise does, without
decoding anything: thirty entries give 2 * 10^14 pictures, so many that whoever begins at a number
drawn at random meets nobody else.
"""

import itertools
import random
from collections.abc import Iterator

_DQT, _SOI_LENGTH = 0xDB, 2
_LUMINANCE = 0
_LARGEST = 255
# In zigzag order, behind the mean of the block: the lower half of the frequencies, which every
# face has. Numbers in a row differ in the lowest ones, which survive the scaling to a crop.
_ENTRIES = range(1, 31)
_STEPS = (0, 1, -1)
VARIANTS = len(_STEPS) ** len(_ENTRIES)
"""So many different pictures come of one."""


def noisy(jpeg: bytes, number: int) -> bytes:
    """Return the picture with the noise of that number, 0 being none.

    Args:
        jpeg: a JPEG file with eight-bit tables.
        number: other numbers give other pixels, up to `VARIANTS`.

    Raises:
        ValueError: there is no table of eight-bit luminance in the file, or no such number.
    """
    if not 0 <= number < VARIANTS:
        message = f"{number} is not from 0 to {VARIANTS - 1}: there is no such noise"
        raise ValueError(message)
    start = _luminance_table(jpeg)
    changed = bytearray(jpeg)
    for entry in _ENTRIES:
        number, step = divmod(number, len(_STEPS))
        changed[start + entry] = _stepped(changed[start + entry], _STEPS[step])
    return bytes(changed)


def numbers() -> Iterator[int]:
    """Count on for ever from a number drawn at random.

    Nobody has to agree with anybody: of a thousand users in any number of processes, each with a
    thousand pictures, two meet with a probability of about 5 in a million, as do two runs.
    """
    start = random.SystemRandom().randrange(VARIANTS)
    return (number % VARIANTS for number in itertools.count(start))


def _stepped(value: int, step: int) -> int:
    """Step away from a value of 1 to 255; at the ends both steps lead inwards, apart."""
    if not 1 <= value + step <= _LARGEST:
        return value - 2 * step
    return value + step


def _luminance_table(jpeg: bytes) -> int:
    """Return where the 64 bytes of the table begin."""
    place = _SOI_LENGTH
    while place + 4 < len(jpeg) and jpeg[place] == 0xFF:  # noqa: PLR2004 - begins a marker
        length = int.from_bytes(jpeg[place + 2 : place + 4])
        if jpeg[place + 1] == _DQT and jpeg[place + 4] == _LUMINANCE:
            return place + 5
        place += 2 + length
    message = "no JPEG with an eight-bit table of luminance at the front"
    raise ValueError(message)
