"""Baseline: BentoML, as its documentation serves files: the picture is the body, a few workers."""

import os
from pathlib import Path
from typing import Annotated, Any

import bentoml
import cv2
from bentoml.validators import ContentType

from answering import answer
from detection import make_find
from torchscript import make_classify

# `bentoml serve` imports this file in every worker and passes nothing on but the environment.
WORKERS = int(os.environ.get("BASELINE_WORKERS", os.cpu_count() or 1))
THREADS = int(os.environ.get("BASELINE_THREADS", "1"))


@bentoml.service(
    workers=WORKERS,
    threads=THREADS,
    logging={"access": {"enabled": False}},
    metrics={"enabled": False},
)
class Expressions:
    """One of its workers."""

    def __init__(self) -> None:
        """Load everything, once per worker."""
        cv2.setNumThreads(1)
        environment = os.environ
        detection = environment.get("BASELINE_DETECTION", "library")
        self.find = make_find(detection, Path(environment["BASELINE_YUNET_DIR"]))
        self.classify = make_classify(Path(environment["BASELINE_MODEL_FILE"]))

    @bentoml.api
    def predict(self, picture: Annotated[Path, ContentType("image/jpeg")], /) -> dict[str, Any]:
        """Answer one picture; BentoML hands a file's contents over as a file."""
        faces = self.find(picture.read_bytes())
        return answer(faces, self.classify(faces))
