"""The figures in a model card, written from the sidecar so that nobody types numbers."""

from collections.abc import Iterable
from pathlib import Path

from mien_training.errors import WeightsError
from mien_training.evaluation.metrics import Figures
from mien_training.releases.sidecar import Sidecar, read_sidecar

CARD = "README.md"
_BEGIN, _END = "<!-- figures: begin -->", "<!-- figures: end -->"


def write_card(folder: Path) -> None:
    """Renew the figures in the card that stands above the version folder.

    Raises:
        WeightsError: the card is missing or has lost its marks.
    """
    path = folder.parent / CARD
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        message = f"{path} needs the marks {_BEGIN} and {_END} around its figures"
        raise WeightsError(message)
    table = figures_table(read_sidecar(folder))
    path.write_text(f"{before}{_BEGIN}\n\n{table}\n\n{_END}{after}", encoding="utf-8")


def figures_table(sidecar: Sidecar) -> str:
    """Return the figures of every measured twin as Markdown."""
    parts = [_summary(sidecar)]
    # The twins agree, so one of them shows the details.
    first = next(iter(sidecar.evaluation.values()), None)
    if first is not None:
        parts += [_recall(sidecar, first), _confusion(sidecar, first)]
    return "\n\n".join(parts)


def _summary(sidecar: Sidecar) -> str:
    rows = [
        (framework, f.accuracy, f.macro_f1, f.ece_uncalibrated, f.ece)
        for framework, f in sidecar.evaluation.items()
    ]
    head = ("twin", "accuracy", "macro F1", "ECE without temperature", "ECE as served")
    facts = (
        f"Version {sidecar.version}, epoch {sidecar.best_epoch}, temperature {sidecar.temperature}."
    )
    if sidecar.twins_max_difference is not None:
        facts += f" Largest difference between the twins: {sidecar.twins_max_difference:.1e}."
    return f"{facts}\n\n{_table(head, rows)}"


def _recall(sidecar: Sidecar, figures: Figures) -> str:
    counts = [sum(row) for row in figures.confusion]
    rows = zip(sidecar.labels, counts, figures.recall, strict=True)
    return _table(("expression", "faces", "recall"), rows)


def _confusion(sidecar: Sidecar, figures: Figures) -> str:
    rows = [(label, *row) for label, row in zip(sidecar.labels, figures.confusion, strict=True)]
    return _table(("true \\ given", *sidecar.labels), rows)


def _table(head: tuple[object, ...], rows: Iterable[tuple[object, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
