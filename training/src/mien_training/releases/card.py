"""The figures in a model card, written from the sidecar so that nobody types numbers."""

from collections.abc import Callable, Iterable
from pathlib import Path

import jinja2

from mien_training.datasets import DataSet
from mien_training.errors import WeightsError
from mien_training.evaluation.metrics import Figures
from mien_training.releases.sidecar import Sidecar, read_sidecar

CARD = "README.md"
_TEMPLATE = "card.md"
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


def new_card(sidecar: Sidecar, dataset: DataSet) -> str:
    """Return the card of a model that has none: all but what only people can add."""
    environment = jinja2.Environment(
        autoescape=False,  # noqa: S701 - Markdown from our own names
        keep_trailing_newline=True,
        loader=jinja2.PackageLoader("mien_training.releases", "."),
    )
    return environment.get_template(_TEMPLATE).render(
        sidecar=sidecar, dataset=dataset, begin=_BEGIN, end=_END
    )


def figures_table(sidecar: Sidecar) -> str:
    """Return the figures of every measured twin as Markdown."""
    parts = [_facts(sidecar), _summary(sidecar)]
    # The twins agree, so one of them shows the details.
    first = next(iter(sidecar.evaluation.values()), None)
    if first is not None:
        parts += [_classes(sidecar, first), _confusion(sidecar, first), _commands(sidecar)]
    return "\n\n".join(parts)


def _facts(sidecar: Sidecar) -> str:
    facts = (
        f"Version {sidecar.version}, epoch {sidecar.best_epoch}, temperature {sidecar.temperature}."
    )
    if sidecar.twins_max_difference is not None:
        facts += f" Largest difference between the twins: {sidecar.twins_max_difference:.1e}."
    return facts


def _summary(sidecar: Sidecar) -> str:
    """Return one row a figure and one column a twin."""
    twins = sidecar.evaluation
    rows = [(title, *(show(figures) for figures in twins.values())) for title, show in _ROWS]
    return _table(("figure", *twins), rows)


_ROWS: tuple[tuple[str, Callable[[Figures], str]], ...] = (
    ("accuracy", lambda f: f"{f.accuracy:.4f}"),
    ("95 % interval", lambda f: "{:.4f} to {:.4f}".format(*f.accuracy_interval)),
    (
        "accuracy on pictures that are not in the training part too",
        lambda f: f"{f.unseen_accuracy:.4f}",
    ),
    ("accuracy with ten crops (not served)", lambda f: f"{f.ten_crop_accuracy:.4f}"),
    ("balanced accuracy", lambda f: f"{f.balanced_accuracy:.4f}"),
    ("macro F1", lambda f: f"{f.macro_f1:.4f}"),
    ("weighted F1", lambda f: f"{f.weighted_f1:.4f}"),
    ("negative log-likelihood", lambda f: f"{f.nll:.4f}"),
    ("ECE as served", lambda f: f"{f.ece:.4f}"),
    ("ECE without temperature", lambda f: f"{f.ece_uncalibrated:.4f}"),
)


def _classes(sidecar: Sidecar, figures: Figures) -> str:
    counts = [sum(row) for row in figures.confusion]
    rows = zip(sidecar.labels, counts, figures.precision, figures.recall, figures.f1, strict=True)
    return _table(("expression", "faces", "precision", "recall", "F1"), rows)


def _commands(sidecar: Sidecar) -> str:
    """Return what measured the figures, and what holds them to the data."""
    command = f"python -m mien_training.evaluate --model {sidecar.name} --framework"
    lines = "\n".join(f"{command} {framework}" for framework in sidecar.evaluation)
    return (
        f"Measured by these, and held to the data by the same with `--check`:\n\n```\n{lines}\n```"
    )


def _confusion(sidecar: Sidecar, figures: Figures) -> str:
    rows = [(label, *row) for label, row in zip(sidecar.labels, figures.confusion, strict=True)]
    return _table(("true \\ given", *sidecar.labels), rows)


def _table(head: tuple[object, ...], rows: Iterable[tuple[object, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
