"""Pictures that no cache knows, for next to nothing: a load generator has no time to draw.

A JPEG holds a table of what each frequency of its blocks is multiplied by. One step up or down
in the low ones changes pixels everywhere by a few shades, as a camera's noise does, without
decoding anything: twelve entries give half a million pictures.
"""

_DQT, _SOI_LENGTH = 0xDB, 2
_LUMINANCE = 0
# In zigzag order, behind the mean of the block: the low frequencies, which every face has.
_ENTRIES = range(1, 13)
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
        message = f"{number} is not below {VARIANTS}: there is no more noise"
        raise ValueError(message)
    start = _luminance_table(jpeg)
    changed = bytearray(jpeg)
    for entry in _ENTRIES:
        number, step = divmod(number, len(_STEPS))
        changed[start + entry] = max(1, changed[start + entry] + _STEPS[step])
    return bytes(changed)


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
