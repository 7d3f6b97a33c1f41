"""The code that TorchServe's worker runs; it travels alone in the archive.

A request holds faces as raw uint8, each height x width x channels as the archive's
`metadata.json` says, one or many; the answer is float32 little-endian, one row of
probabilities per face. A request may also hold one JPEG, PNG or WebP file of one face; the
answer is then JSON with a probability per label.

A request that cannot be read is answered with status 400 and spoils no other request of
its batch. TorchServe's gRPC knows one status per batch only: there the answer is
INVALID_ARGUMENT when no request of the batch can be read, else a JSON body that a caller
tells from probabilities by its length, which is no multiple of four.
"""

import io
import json
import logging
import sys
import warnings
from pathlib import Path
from typing import Any, TypeAlias

import torch
from PIL import Image, ImageOps
from ts.utils.util import PredictionException

Faces: TypeAlias = tuple[torch.Tensor, bool]
"""uint8 [N, H, W, C], and whether they came as a picture."""
Answer: TypeAlias = bytes | str | dict[str, float]

WARM_UP_FACES = (1, 2, 10)
"""PyTorch prepares itself at the first runs of each size."""
WARM_UP_ROUNDS = 3
BAD_REQUEST = 400
_MODES = {1: "L", 3: "RGB"}


class FaceHandler:
    """Computes expression probabilities; TorchServe makes one per worker."""

    def initialize(self, context: Any) -> None:
        """Load the model onto this worker's device and run it until it is warm."""
        _quieten()
        folder = Path(context.system_properties["model_dir"])
        metadata = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
        options = context.model_yaml_config["handler"]
        torch.set_num_threads(options["threads"])
        self.labels: list[str] = metadata["labels"]
        self.shape = tuple(metadata["input"][key] for key in ("height", "width", "channels"))
        self.max_request_faces: int = options["maxRequestFaces"]
        self.max_forward_faces: int = options["maxForwardFaces"]
        self.max_pixels: int = options["maxImagePixels"]
        self.device = _device(context.system_properties.get("gpu_id"))
        file = folder / context.manifest["model"]["serializedFile"]
        self.model = _load(file, self.device)
        for count in WARM_UP_FACES * WARM_UP_ROUNDS:
            self._probabilities(torch.zeros((count, *self.shape), dtype=torch.uint8))

    def handle(self, data: list[dict[str, Any]], context: Any) -> list[Answer]:
        """Answer every request of one batch, in order.

        Raises PredictionException with status 400 when none of them can be read.
        """
        requests = [self._read(parts) for parts in data]
        readable = [request[0] for request in requests if not isinstance(request, str)]
        if not readable:
            reasons = dict.fromkeys(reason for reason in requests if isinstance(reason, str))
            raise PredictionException("; ".join(reasons), BAD_REQUEST)
        rows = self._probabilities(torch.cat(readable))
        parts = iter(rows.split_with_sizes([len(faces) for faces in readable]))
        return [
            self._refuse(request, index, context)
            if isinstance(request, str)
            else self._answer(next(parts), index, context, is_picture=request[1])
            for index, request in enumerate(requests)
        ]

    def _read(self, parts: dict[str, Any]) -> Faces | str:
        """The faces of one request, or the reason why there are none."""
        body = parts.get("data", parts.get("body"))
        if not isinstance(body, bytearray) or not body:
            return "send faces as bytes in `data`, or a JPEG, PNG or WebP file as the body"
        height, width, channels = self.shape
        size = height * width * channels
        whole = len(body) % size == 0
        if _is_picture(body, whole=whole):
            return self._decode(body)
        if not whole:
            return (
                f"{len(body)} bytes are no faces: each is {height} x {width} x {channels} uint8,"
                f" {size} bytes; nor are they a JPEG, PNG or WebP file"
            )
        if len(body) > self.max_request_faces * size:
            return f"{len(body) // size} faces are too many: send {self.max_request_faces} at most"
        return torch.frombuffer(body, dtype=torch.uint8).view(-1, *self.shape), False

    def _decode(self, body: bytearray) -> Faces | str:
        """One face from a picture that shows nothing else, shrunk as the detector shrinks."""
        height, width, channels = self.shape
        try:
            with Image.open(io.BytesIO(body), formats=("JPEG", "PNG", "WEBP")) as picture:
                if picture.width * picture.height > self.max_pixels:
                    return f"the picture has more than {self.max_pixels} pixels"
                upright = ImageOps.exif_transpose(picture.convert(_MODES[channels]))
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            return "the picture cannot be decoded: is the file whole?"
        shrinks = upright.width >= width and upright.height >= height
        how = Image.Resampling.BOX if shrinks else Image.Resampling.BILINEAR
        face = bytearray(upright.resize((width, height), how).tobytes())
        return torch.frombuffer(face, dtype=torch.uint8).view(1, *self.shape), True

    def _probabilities(self, faces: torch.Tensor) -> torch.Tensor:
        """Probabilities float32 [N, classes] of faces uint8 [N, H, W, C]."""
        step = self.max_forward_faces
        with torch.inference_mode():
            parts = [
                self.model(faces[start : start + step].to(self.device)).cpu()
                for start in range(0, len(faces), step)
            ]
            return torch.cat(parts)

    def _answer(self, rows: torch.Tensor, index: int, context: Any, *, is_picture: bool) -> Answer:
        if is_picture:
            context.set_response_content_type(index, "application/json")
            return dict(zip(self.labels, rows[0].tolist(), strict=True))
        context.set_response_content_type(index, "application/octet-stream")
        numbers = rows.numpy()
        return (numbers if sys.byteorder == "little" else numbers.byteswap()).tobytes()

    def _refuse(self, reason: str, index: int, context: Any) -> Answer:
        context.set_response_status(code=BAD_REQUEST, phrase="Bad Request", idx=index)
        context.set_response_content_type(index, "application/json")
        body = json.dumps({"code": BAD_REQUEST, "type": "BadRequest", "message": reason})
        return body if len(body) % 4 else body + "\n"


def _is_picture(body: bytearray, *, whole: bool) -> bool:
    """Whether the bytes are a picture file; `whole` says that they might also be faces.

    Faces could begin with the three bytes of a JPEG file by chance, but hardly end like one.
    """
    if body.startswith(b"\xff\xd8\xff"):
        return not whole or body.endswith(b"\xff\xd9")
    return body.startswith(b"\x89PNG\r\n\x1a\n") or (
        body.startswith(b"RIFF") and body[8:12] == b"WEBP"
    )


def _device(gpu_id: int | None) -> torch.device:
    has_gpu = gpu_id is not None and torch.cuda.is_available()
    return torch.device(f"cuda:{gpu_id}" if has_gpu else "cpu")


def _load(file: Path, device: torch.device) -> torch.jit.ScriptModule:
    with warnings.catch_warnings():
        # TorchServe loads TorchScript; what torch recommends instead is no file of one graph.
        warnings.simplefilter("ignore", DeprecationWarning)
        module: torch.jit.ScriptModule = torch.jit.load(str(file), map_location=device)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return module.eval()


def _quieten() -> None:
    """Drop two log lines per request, and the stack trace of each request that is refused."""
    logging.getLogger().setLevel(logging.WARNING)
    logging.getLogger("ts.service").addFilter(
        lambda record: not (record.exc_info and isinstance(record.exc_info[1], PredictionException))
    )
