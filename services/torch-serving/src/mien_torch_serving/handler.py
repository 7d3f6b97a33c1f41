"""The code that TorchServe's worker runs; it travels in the archive with `face_requests`.

A request holds faces as raw uint8, each height x width x channels as the archive's
`metadata.json` says, one or many; the answer is float32 little-endian, one row of
probabilities per face. A request may also hold one JPEG, PNG or WebP file of one face; the
answer is then JSON with a probability per label.

Through TorchServe's explanations API the probabilities are followed by a heat from 0 to 1 for
every pixel of every face, height x width float32: what speaks for a class. `classes` in the
request names one per face, int64 little-endian; the others' is their own most probable one.

A request that cannot be read is answered with status 400 and spoils no other request of
its batch. TorchServe's gRPC knows one status per batch only: there the answer is
INVALID_ARGUMENT when no request of the batch can be read, else a JSON body that a caller
tells from probabilities by its length, which is no multiple of four.

Of TorchServe's streaming calls, `StreamPredictions` is answered with a stream of one answer.
"""

import json
import logging
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import torch
from ts.utils.util import PredictionException

from face_requests import OWN_CLASS, Reader, Request, Tensors

Answer: TypeAlias = bytes | str | dict[str, Any]

WARM_UP_FACES = (1, 2, 10)
"""PyTorch prepares itself at the first runs of each size."""
WARM_UP_ROUNDS = 3
BAD_REQUEST = 400

STREAM_NEXT = "ts_stream_next"
SEQUENCE_ID = "ts_request_sequence_id"


class FaceHandler:
    """Computes expression probabilities; TorchServe makes one per worker."""

    def initialize(self, context: Any) -> None:
        """Load the model onto this worker's device and run it until it is warm."""
        _quieten()
        folder = Path(context.system_properties["model_dir"])
        self.metadata = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
        options = context.model_yaml_config["handler"]
        torch.set_num_threads(options["threads"])
        self.labels: list[str] = self.metadata["labels"]
        height, width, channels = (
            self.metadata["input"][key] for key in ("height", "width", "channels")
        )
        self.reader = Reader(
            shape=(height, width, channels),
            classes=len(self.labels),
            max_faces=options["maxRequestFaces"],
            max_pixels=options["maxImagePixels"],
        )
        self.max_forward_faces: int = options["maxForwardFaces"]
        self.device = _device(context.system_properties.get("gpu_id"))
        file = folder / context.manifest["model"]["serializedFile"]
        self.model = _load(file, self.device)
        self._warm_up()

    def handle(self, data: list[dict[str, Any]], context: Any) -> list[Answer]:
        """Answer every request of one batch, in order.

        Raises PredictionException with status 400 when none of them can be read, except where
        that would end the worker.
        """
        if len(data) == 1 and context.get_request_header(0, "describe") == "True":
            # TorchServe itself sets this header for `customized=true`, and joins it with nothing.
            return [self.metadata]
        for index in range(len(data)):
            _end_stream(index, context)
        requests = [
            # TorchServe itself sets this header for its explanations API.
            self.reader.read(parts, explain=context.get_request_header(index, "explain") == "True")
            for index, parts in enumerate(data)
        ]
        results = self._compute(requests)
        if not results and not any(_in_sequence(index, context) for index in range(len(data))):
            reasons = dict.fromkeys(reason for reason in requests if isinstance(reason, str))
            raise PredictionException("; ".join(reasons), BAD_REQUEST)
        return [
            self._refuse(request, index, context)
            if isinstance(request, str)
            else self._answer(request, results[index], index, context)
            for index, request in enumerate(requests)
        ]

    def _warm_up(self) -> None:
        for count in WARM_UP_FACES * WARM_UP_ROUNDS:
            self._run((torch.zeros((count, *self.reader.shape), dtype=torch.uint8),))
        face = torch.zeros((1, *self.reader.shape), dtype=torch.uint8)
        for _ in range(WARM_UP_ROUNDS):
            self._run((face, torch.tensor([OWN_CLASS])))

    def _compute(self, requests: Sequence[Request | str]) -> dict[int, Tensors]:
        """Results of the readable requests by index; those of a kind go through together."""
        results: dict[int, Tensors] = {}
        for explains in (False, True):
            group = {
                index: request.given
                for index, request in enumerate(requests)
                if isinstance(request, Request) and (len(request.given) > 1) is explains
            }
            if group:
                found = self._run(tuple(map(torch.cat, zip(*group.values(), strict=True))))
                sizes = [len(faces) for faces, *_ in group.values()]
                parts = zip(*(column.split_with_sizes(sizes) for column in found), strict=True)
                results |= zip(group, parts, strict=True)
        return results

    def _run(self, given: Tensors) -> Tensors:
        """Probabilities float32 [N, classes], and heat [N, H, W] where classes are given."""
        step = self.max_forward_faces
        parts = [
            self._forward(*(column[start : start + step].to(self.device) for column in given))
            for start in range(0, len(given[0]), step)
        ]
        return tuple(map(torch.cat, zip(*parts, strict=True)))

    def _forward(self, faces: torch.Tensor, classes: torch.Tensor | None = None) -> Tensors:
        if classes is None:
            with torch.inference_mode():
                return (self.model(faces).cpu(),)
        # Inference mode would keep the model from finding the gradients it explains by.
        with torch.no_grad():
            probabilities, heat = self.model.explain(faces, classes)
            return probabilities.cpu(), heat.cpu()

    def _answer(self, request: Request, result: Tensors, index: int, context: Any) -> Answer:
        if request.is_picture:
            context.set_response_content_type(index, "application/json")
            return dict(zip(self.labels, result[0][0].tolist(), strict=True))
        context.set_response_content_type(index, "application/octet-stream")
        return b"".join(map(_little_endian, result))

    def _refuse(self, reason: str, index: int, context: Any) -> Answer:
        context.set_response_status(code=BAD_REQUEST, phrase="Bad Request", idx=index)
        context.set_response_content_type(index, "application/json")
        body = json.dumps({"code": BAD_REQUEST, "type": "BadRequest", "message": reason})
        return body if len(body) % 4 else body + "\n"


def _end_stream(index: int, context: Any) -> None:
    """Tell TorchServe that a gRPC request gets one answer only.

    `StreamPredictions` needs this header: without it TorchServe raises an exception and ends the
    worker. It does not say which call a request came by, but only those over REST have headers,
    whose values are texts; those of parts are dictionaries. REST would take it for a stream.
    """
    if not any(isinstance(value, str) for value in context.get_all_request_header(index).values()):
        context.set_response_header(index, STREAM_NEXT, "false")


def _in_sequence(index: int, context: Any) -> bool:
    """Whether it came by `StreamPredictions2`: TorchServe cannot pass on an error of its batch.

    It would raise an exception instead, and never start the model's worker again.
    """
    return context.get_request_header(index, SEQUENCE_ID) is not None


def _little_endian(floats: torch.Tensor) -> bytes:
    numbers = floats.numpy()
    return (numbers if sys.byteorder == "little" else numbers.byteswap()).tobytes()


def _device(gpu_id: int | None) -> torch.device:
    has_gpu = gpu_id is not None and torch.cuda.is_available()
    return torch.device(f"cuda:{gpu_id}" if has_gpu else "cpu")


def _load(file: Path, device: torch.device) -> torch.jit.ScriptModule:
    with warnings.catch_warnings():
        # TorchServe loads TorchScript; what torch recommends instead is no file of one graph.
        warnings.simplefilter("ignore", DeprecationWarning)
        module: torch.jit.ScriptModule = torch.jit.load(str(file), map_location=device)  # type: ignore[no-untyped-call]  # torch leaves it untyped
        # What the exporter left open for the weights to be packed; constants are faster.
        frozen: torch.jit.ScriptModule = torch.jit.freeze(
            module.eval(), preserved_attrs=["explain"]
        )
    return frozen


def _quieten() -> None:
    """Drop two log lines per request, and the stack trace of each request that is refused."""
    logging.getLogger().setLevel(logging.WARNING)
    logging.getLogger("ts.service").addFilter(
        lambda record: not (record.exc_info and isinstance(record.exc_info[1], PredictionException))
    )
