"""Probabilities as bars of characters."""

_EIGHTHS = " ▏▎▍▌▋▊▉█"


def bar(share: float, width: int) -> str:
    """Return a horizontal bar, `width` characters wide where the share (0 to 1) is 1."""
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (_EIGHTHS[rest] if rest else "")).ljust(width)


def percent(share: float) -> str:
    """Return a share (0 to 1) as whole percents."""
    return f"{share:.0%}"
