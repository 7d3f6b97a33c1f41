"""Baseline: LitServe, as its documentation serves pictures: multipart, several workers."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import litserve
from fastapi import Request

from answering import answer
from detection import FoundFace, make_find
from torchscript import make_classify

Faces = list[FoundFace]
Classified = tuple[Faces, list[list[float]]]


class Expressions(litserve.LitAPI):
    """Decodes and detects in `decode_request`, classifies in `predict`."""

    def __init__(self, options: argparse.Namespace) -> None:
        """Take what every worker needs; each loads its own in `setup`."""
        super().__init__(max_batch_size=options.batch, batch_timeout=options.batch_seconds)
        self.options = options

    def setup(self, device: str) -> None:
        """Load everything, once per worker."""
        del device  # there is one: the CPU
        cv2.setNumThreads(1)
        self.find = make_find(self.options.detection, self.options.yunet_dir)
        self.classify = make_classify(self.options.model_file)

    def decode_request(self, request: Request) -> Faces:
        """Return the faces of the picture in the form's field `image`."""
        return self.find(request["image"].file.read())  # it is the form

    def batch(self, inputs: Sequence[Faces]) -> Sequence[Faces]:
        """Keep pictures apart: they have different numbers of faces."""
        return inputs

    def predict(self, x: Any) -> Any:
        """Classify the faces of one picture, or of a batch of them at once."""
        if self.max_batch_size == 1:
            return x, self.classify(x)
        rows = iter(self.classify([face for faces in x for face in faces]))
        return [(faces, [next(rows) for _ in faces]) for faces in x]

    def encode_response(self, output: Classified) -> dict[str, Any]:
        """Return the document of one picture."""
        return answer(*output)


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--model-file", type=Path, required=True, help="TorchScript")
    parser.add_argument("--yunet-dir", type=Path, required=True)
    parser.add_argument("--detection", choices=("library", "mien"), default="library")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--api-servers", type=int, default=1)
    parser.add_argument("--fast-queue", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--batch", type=int, default=1, help="pictures at most")
    parser.add_argument("--batch-seconds", type=float, default=0.0)
    options = parser.parse_args()
    server = litserve.LitServer(
        Expressions(options),
        accelerator="cpu",
        devices=1,
        workers_per_device=options.workers,
        fast_queue=options.fast_queue,
    )
    server.run(
        host="127.0.0.1",
        port=options.port,
        num_api_servers=options.api_servers,
        log_level="warning",
        generate_client_file=False,
    )


if __name__ == "__main__":
    main()
