"""The report: one page with plots and faces inside it, and the same figures as JSON."""

import json
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import numpy as np

from mien_training.datasets.faces import Bytes, Faces, Floats
from mien_training.evaluation.metrics import Figures, confusions
from mien_training.evaluation.pictures import notable_rows, png, sheet
from mien_training.evaluation.plots import class_plot, confusion_plot, reliability_plot
from mien_training.evaluation.reliability import reliability, without_temperature

PAGE, DATA = "report.html", "report.json"

_COLUMNS = 8
_TITLES = {
    "right": "Surest right answers",
    "wrong": "Surest wrong answers",
    "uncertain": "Least certain answers",
}


@dataclass(frozen=True)
class Evaluated:
    """What a report tells of.

    Attributes:
        name: the served name, or the run's.
        facts: one sentence: data, epoch, temperature, framework.
        labels: names of the classes.
        faces: what was looked at.
        probabilities: float32 [N, classes].
        temperature: the divisor inside the probabilities.
        figures: measured from them.
        maps: a face of each class under its Grad-CAM map, uint8 [H, W, 3], with its caption.
    """

    name: str
    facts: str
    labels: tuple[str, ...]
    faces: Faces
    probabilities: Floats
    temperature: float
    figures: Figures
    maps: list[tuple[str, Bytes]]


def write_report(folder: Path, what: Evaluated) -> Path:
    """Write page and figures into ``folder`` and return the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    template = jinja2.Environment(
        autoescape=True, loader=jinja2.PackageLoader("mien_training.evaluation", ".")
    ).get_template(PAGE)
    page = folder / PAGE
    _replace(page, template.render(_contents(what)))
    figures = {"name": what.name, "labels": what.labels, **what.figures.model_dump()}
    _replace(folder / DATA, json.dumps(figures, indent=2) + "\n")
    return page


def _contents(what: Evaluated) -> dict[str, Any]:
    figures, labels = what.figures, what.labels
    after = reliability(what.probabilities, what.faces.labels)
    plain = without_temperature(what.probabilities, what.temperature)
    before = reliability(plain, what.faces.labels)
    counts = [sum(row) for row in figures.confusion]
    notable = confusions(np.array(figures.confusion), most=10)
    return {
        "name": what.name,
        "facts": what.facts,
        "summary": summary(figures, len(what.faces)),
        "classes": list(
            zip(labels, counts, figures.precision, figures.recall, figures.f1, strict=True)
        ),
        "confusions": [(labels[t], labels[g], faces, share) for t, g, faces, share in notable],
        "sheets": _sheets(what),
        "map_captions": [caption for caption, _ in what.maps],
        "images": {
            "classes": _uri(class_plot(figures, labels)),
            "confusion": _uri(confusion_plot(figures, labels)),
            "reliability": _uri(reliability_plot(before, after)),
            "maps": _uri(png(sheet([picture for _, picture in what.maps], _COLUMNS))),
        },
    }


def summary(figures: Figures, faces: int) -> list[tuple[str, str]]:
    """Return the figures of the whole, with what each is, in the order of their weight."""
    low, high = figures.accuracy_interval
    return [
        ("faces", f"{faces:,}"),
        ("accuracy", f"{figures.accuracy:.4f} (95 %: {low:.4f} to {high:.4f})"),
        (
            "accuracy without faces that are in the training part too",
            f"{figures.unseen_accuracy:.4f}",
        ),
        ("accuracy with ten crops", f"{figures.ten_crop_accuracy:.4f}"),
        ("balanced accuracy", f"{figures.balanced_accuracy:.4f}"),
        ("macro F1", f"{figures.macro_f1:.4f}"),
        ("weighted F1", f"{figures.weighted_f1:.4f}"),
        ("negative log-likelihood", f"{figures.nll:.4f}"),
        ("calibration error (ECE) as served", f"{figures.ece:.4f}"),
        ("calibration error without temperature", f"{figures.ece_uncalibrated:.4f}"),
    ]


def _sheets(what: Evaluated) -> list[tuple[str, str, list[str]]]:
    rows = notable_rows(what.probabilities, what.faces.labels, most=3 * _COLUMNS)
    return [
        (
            _TITLES[kind],
            _uri(png(sheet([what.faces.images[row] for row in chosen], _COLUMNS))),
            [_caption(what, row) for row in chosen],
        )
        for kind, chosen in rows.items()
        if chosen
    ]


def _caption(what: Evaluated, row: int) -> str:
    given = int(what.probabilities[row].argmax())
    true = what.labels[int(what.faces.labels[row])]
    answer = f"{what.labels[given]} {what.probabilities[row, given]:.2f}"
    return answer if what.labels[given] == true else f"{answer} (true: {true})"


def _uri(data: bytes) -> str:
    return f"data:image/png;base64,{b64encode(data).decode()}"


def _replace(path: Path, text: str) -> None:
    temporary = path.with_suffix(".tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
