"""What a caller likes best, by headers like `Accept: text/html;q=0.9, */*`."""

from collections.abc import Collection


def preferred(header: str, offered: Collection[str], default: str) -> str:
    """Return what of the offered the header ranks highest, else the default.

    A language matches its regional forms: `de-AT` asks for `de`.
    """
    ranked = sorted(map(_weighted, header.split(",")), key=lambda item: -item[1])
    for name, weight in ranked:
        for candidate in (name, name.partition("-")[0]):
            if weight > 0 and candidate in offered:
                return candidate
    return default


def _weighted(item: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in item.split(";"))
    weight = next((part[2:] for part in parameters if part.startswith("q=")), "1")
    try:
        return name, float(weight)
    except ValueError:
        return name, 0.0
