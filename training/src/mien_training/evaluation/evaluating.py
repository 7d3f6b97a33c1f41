"""Measuring a model through the very graph that is served."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import keras
import numpy as np

from mien_training.architectures import find_architecture
from mien_training.augmentation.batches import resize_faces
from mien_training.backend import FRAMEWORKS, Framework
from mien_training.datasets.faces import Bytes, Faces, Floats, Parts
from mien_training.datasets.fingerprints import fingerprint
from mien_training.evaluation.crops import ten_crop
from mien_training.evaluation.gradcam import class_maps, overlay
from mien_training.evaluation.metrics import Figures, measure
from mien_training.evaluation.report import Evaluated
from mien_training.graphs import scaled_bytes
from mien_training.releases.released import load_released
from mien_training.releases.sidecar import WEIGHTS, read_sidecar

Predict = Callable[[Bytes], Floats]


@dataclass(frozen=True)
class Measured:
    """What one twin says of the validation part, and how good that is."""

    probabilities: Floats
    figures: Figures


def measure_twin(
    folder: Path, framework: Framework, parts: Parts, say: Callable[[str], None]
) -> Measured:
    """Export the model in ``folder`` and measure that very graph on the validation part.

    Raises:
        WeightsError: the model folder is incomplete.
        ExportError: the exported graph disagrees with the model.
    """
    sidecar = read_sidecar(folder)
    faces = parts.validation
    images = resize_faces(faces.images, sidecar.input_shape)
    with tempfile.TemporaryDirectory() as scratch:
        say(f"exporting {sidecar.name} for {framework}")
        predict = _exported(folder, framework, Path(scratch) / "graph")
        say(f"looking at {len(faces):,} faces")
        probabilities = predict(images)
        say("looking at ten crops of each")
        views = ten_crop(predict, images)
    seen = shared_pictures(parts)
    figures = measure(probabilities, views, faces.labels, seen, sidecar.temperature)
    return Measured(probabilities, figures)


def shared_pictures(parts: Parts) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which validation faces [N] are in the training part too, pixel by pixel."""
    known = {fingerprint(image) for image in parts.training.images}
    return np.array([fingerprint(image) in known for image in parts.validation.images])


def compare_twins(folder: Path, framework: Framework, mine: Floats, kept: Path) -> float | None:
    """Keep these probabilities; return the largest difference to the twin's, if it has some."""
    kept.mkdir(parents=True, exist_ok=True)
    # Named by the weights and the temperature, so that another model's are never compared.
    sidecar = read_sidecar(folder)
    key = sha256((folder / WEIGHTS).read_bytes() + str(sidecar.temperature).encode()).hexdigest()
    np.save(kept / f"public-{key[:16]}-{framework}.npy", mine)
    twin = next(other for other in FRAMEWORKS if other != framework)
    path = kept / f"public-{key[:16]}-{twin}.npy"
    if not path.exists():
        return None
    return float(np.abs(np.load(path) - mine).max())


def explain(folder: Path, framework: Framework, parts: Parts, measured: Measured) -> Evaluated:
    """Return what the report tells of a measured twin, with Grad-CAM maps of sure faces."""
    sidecar, network = load_released(folder)
    layer = find_architecture(sidecar.architecture).last_map
    faces = parts.validation
    return Evaluated(
        name=f"{sidecar.name}-{framework}",
        facts=(
            f"Version {sidecar.version}, epoch {sidecar.best_epoch}, temperature "
            f"{sidecar.temperature}; validation part of {sidecar.dataset}, {len(faces):,} faces."
        ),
        labels=sidecar.labels,
        faces=faces,
        probabilities=measured.probabilities,
        temperature=sidecar.temperature,
        figures=measured.figures,
        maps=_gallery(network, layer, faces, measured.probabilities, sidecar.labels),
    )


def _gallery(
    network: keras.Model, layer: str, faces: Faces, probabilities: Floats, labels: tuple[str, ...]
) -> list[tuple[str, Bytes]]:
    """Return the surest face of each class under its map, with a caption."""
    rows = probabilities.argmax(axis=0)
    images = resize_faces(faces.images[rows], network.input_shape[1:])
    maps = class_maps(network, layer, scaled_bytes(images), list(range(len(labels))))
    return [
        (f"{label} {probabilities[row, index]:.2f}", overlay(image, shares))
        for index, (label, row, image, shares) in enumerate(
            zip(labels, rows, images, maps, strict=True)
        )
    ]


def _exported(folder: Path, framework: Framework, out: Path) -> Predict:
    # Only the framework that was chosen for this process is imported.
    if framework == "pytorch":
        from mien_training.export.torchscript import (  # noqa: PLC0415
            export_torchscript,
            run_torchscript,
        )

        export_torchscript(folder, out)
        return lambda images: run_torchscript(out, images)
    from mien_training.export.savedmodel import export_savedmodel, run_savedmodel  # noqa: PLC0415

    export_savedmodel(folder, out)
    return lambda images: run_savedmodel(out, images)
