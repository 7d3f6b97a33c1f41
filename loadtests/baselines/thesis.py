"""Baseline: the theses' design, one FastAPI process that does everything.

A picture comes as base64 in JSON; an ordinary `def` endpoint runs in FastAPI's pool of threads;
OpenCV decodes and detects; Keras' `predict` classifies.
"""

import argparse
import base64
from pathlib import Path
from typing import Any

import keras
import numpy as np
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from answering import answer
from detection import Find, make_find
from mien_training.graphs import serving_model
from mien_training.releases.released import load_released


class Picture(BaseModel):
    """What a caller sends."""

    image_data: str
    """The encoded picture as base64."""


def make_app(model: keras.Model, find: Find) -> FastAPI:
    """Return the service."""
    app = FastAPI()

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/predict")
    def predict(picture: Picture) -> dict[str, Any]:
        faces = find(base64.b64decode(picture.image_data))
        if not faces:
            return answer([], [])
        crops = np.stack([face.crop for face in faces])
        return answer(faces, model.predict(crops, verbose=0).tolist())

    return app


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--model-dir", type=Path, required=True, help="models/<name>/<version>")
    parser.add_argument("--yunet-dir", type=Path, required=True)
    parser.add_argument("--detection", choices=("library", "mien"), default="library")
    options = parser.parse_args()
    sidecar, network = load_released(options.model_dir)
    model = serving_model(network, sidecar.temperature)
    model.predict(np.zeros((1, *sidecar.input_shape), np.uint8), verbose=0)
    app = make_app(model, make_find(options.detection, options.yunet_dir))
    uvicorn.run(app, host="127.0.0.1", port=options.port, log_level="warning")


if __name__ == "__main__":
    main()
