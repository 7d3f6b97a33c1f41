"""Measuring a released model through the very graph that is served."""

import tempfile
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mien_training.backend import FRAMEWORKS, Framework
from mien_training.data import Faces
from mien_training.evaluation.metrics import Figures, measure
from mien_training.releases.sidecar import WEIGHTS, read_sidecar, write_sidecar

Floats = npt.NDArray[np.float32]


def evaluate(folder: Path, framework: Framework, faces: Faces, kept: Path) -> Figures:
    """Export the model in ``folder``, measure it on ``faces`` and write its sidecar.

    The probabilities stay in ``kept``, so that the twin measured later is compared with them.

    Raises:
        WeightsError: the model folder is incomplete.
        ExportError: the exported graph disagrees with the model.
    """
    probabilities = _through_export(folder, framework, faces)
    sidecar = read_sidecar(folder)
    figures = measure(probabilities, faces.labels, sidecar.temperature)
    change = {
        "evaluation": {**sidecar.evaluation, framework: figures},
        "twins_max_difference": _compare(folder, framework, probabilities, kept),
    }
    write_sidecar(folder, sidecar.model_copy(update=change))
    return figures


def _through_export(folder: Path, framework: Framework, faces: Faces) -> Floats:
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "graph"
        # Only the framework that was chosen for this process is imported.
        if framework == "pytorch":
            from mien_training.export.torchscript import (  # noqa: PLC0415
                export_torchscript,
                run_torchscript,
            )

            export_torchscript(folder, out)
            return run_torchscript(out, faces.images)
        from mien_training.export.savedmodel import (  # noqa: PLC0415
            export_savedmodel,
            run_savedmodel,
        )

        export_savedmodel(folder, out)
        return run_savedmodel(out, faces.images)


def _compare(folder: Path, framework: Framework, mine: Floats, kept: Path) -> float | None:
    """Keep these probabilities; return the largest difference to the twin's, if it has some."""
    kept.mkdir(parents=True, exist_ok=True)
    # Named by the weights and sidecar, so that another model's figures are never compared.
    sidecar = read_sidecar(folder)
    key = sha256((folder / WEIGHTS).read_bytes() + str(sidecar.temperature).encode()).hexdigest()
    np.save(kept / f"public-{key[:16]}-{framework}.npy", mine)
    twin = next(other for other in FRAMEWORKS if other != framework)
    path = kept / f"public-{key[:16]}-{twin}.npy"
    if not path.exists():
        return None
    return float(np.abs(np.load(path) - mine).max())
