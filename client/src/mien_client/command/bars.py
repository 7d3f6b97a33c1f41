"""Probabilities as bars of characters."""

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_LEVELS = " ▁▂▃▄▅▆▇█"


def bar(share: float, width: int) -> str:
    """Return a horizontal bar, `width` characters wide where the share (0 to 1) is 1."""
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (_EIGHTHS[rest] if rest else "")).ljust(width)


def column(share: float) -> str:
    """Return one character, the higher the greater the share (0 to 1)."""
    return _LEVELS[round(min(max(share, 0.0), 1.0) * (len(_LEVELS) - 1))]


def percent(share: float) -> str:
    """Return a share (0 to 1) as whole percents."""
    return f"{share:.0%}"
