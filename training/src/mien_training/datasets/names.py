"""How data sets spell the expressions, and the class folders that are named so."""

from pathlib import Path

from mien_training.errors import DataError

_SPELLINGS = {
    "angry": ("anger",),
    "disgust": ("disgusted",),
    "fear": ("fearful", "afraid"),
    "happy": ("happiness",),
    "sad": ("sadness",),
    "surprise": ("surprised",),
    "neutral": ("neutrality",),
    "contempt": ("contemptuous",),
}
_EXPRESSIONS = {
    spelling: expression
    for expression, others in _SPELLINGS.items()
    for spelling in (expression, *others)
}


def expression(name: str) -> str | None:
    """Return FER2013's name of an expression however it is spelled; None if it is none."""
    return _EXPRESSIONS.get(name.strip().casefold())


def class_folders(folder: Path, labels: tuple[str, ...], remedy: str) -> list[tuple[Path, int]]:
    """Return the class folders in ``folder``, each with the index of its label.

    Raises:
        DataError: a class has no folder, or a folder is no class.
    """
    numbers = {expression(label) or label: number for number, label in enumerate(labels)}
    found = []
    for path in sorted(path for path in folder.iterdir() if path.is_dir()):
        number = numbers.get(expression(path.name) or "")
        if number is None:
            message = f"{path} is no class; the classes are {', '.join(labels)}; {remedy}"
            raise DataError(message)
        found.append((path, number))
    missing = [label for number, label in enumerate(labels) if number not in {n for _, n in found}]
    if missing:
        message = f"{folder} has no folder for {', '.join(missing)}; {remedy}"
        raise DataError(message)
    return found
