"""Baseline: the package `fer` behind one FastAPI worker, with its own detector and model."""

import argparse
from importlib.resources import files
from typing import Any

import cv2
import numpy as np
import uvicorn
from fastapi import FastAPI, UploadFile
from fer.fer import FER

# The package brings the cascade that OpenCV 5 no longer does; its constructor takes the path.
CASCADE = files("fer") / "data" / "haarcascade_frontalface_default.xml"


def make_app(fer: FER) -> FastAPI:
    """Return the service."""
    app = FastAPI()

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    # Not in FastAPI's threads: neither the cascade nor TensorFlow Lite takes two pictures at once.
    @app.post("/predict")
    async def predict(image: UploadFile) -> dict[str, Any]:
        data = np.frombuffer(await image.read(), np.uint8)
        return {
            "faces": list(map(_face, fer.detect_emotions(cv2.imdecode(data, cv2.IMREAD_COLOR))))
        }

    return app


def _face(found: dict[str, Any]) -> dict[str, Any]:
    x, y, width, height = map(float, found["box"])
    scores = found["emotions"]
    top = max(scores, key=lambda label: scores[label])
    return {
        "box": {"x": x, "y": y, "width": width, "height": height},
        "top": {"label": top, "probability": scores[top]},
        "probabilities": scores,
    }


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    app = make_app(FER(cascade_file=str(CASCADE)))
    uvicorn.run(app, host="127.0.0.1", port=options.port, log_level="warning")


if __name__ == "__main__":
    main()
