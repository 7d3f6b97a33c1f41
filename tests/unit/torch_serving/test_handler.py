import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image
from ts.context import Context, RequestProcessor
from ts.utils.util import PredictionException, get_yaml_config

from mien_torch_serving.handler import FaceHandler
from mien_torch_serving.settings import TorchServeSettings
from tests.fakes.torch_model import (
    LABELS,
    SERVED_NAME,
    build_tiny,
    explained,
    probabilities,
    write_registry,
)

Faces = npt.NDArray[np.uint8]


class Worker:
    """A handler with TorchServe's own context around it, from a real archive."""

    def __init__(self, settings: TorchServeSettings, folder: Path) -> None:
        build_tiny(settings)
        with zipfile.ZipFile(settings.store / f"{SERVED_NAME}.mar") as archive:
            archive.extractall(folder)
        manifest = json.loads((folder / "MAR-INF" / "MANIFEST.json").read_text())
        config = get_yaml_config(folder / "model-config.yaml")
        self.context = Context(
            SERVED_NAME, str(folder), manifest, 8, None, "0.12.0", model_yaml_config=config
        )
        self.handler = FaceHandler()
        self.handler.initialize(self.context)

    def ask(self, *bodies: Any, part: str = "data") -> list[Any]:
        """Have one batch answered."""
        return self.handle([({part: body}, {}) for body in bodies])

    def explain(self, faces: Faces, *classes: int) -> bytes:
        """Have one request answered as through the explanations API."""
        (answer,) = self.handle([explanation(faces, *classes)])
        assert isinstance(answer, bytes)
        return answer

    def handle(self, batch: list[tuple[dict[str, Any], dict[str, str]]]) -> list[Any]:
        """Have one batch of parts and headers answered."""
        self.context.request_processor = [RequestProcessor(headers) for _, headers in batch]
        return self.handler.handle([received(parts) for parts, _ in batch], self.context)

    def status(self, index: int) -> int:
        """The HTTP status of one answer."""
        code: int = self.context.get_response_status(index)[0]
        return code


def received(parts: dict[str, Any]) -> dict[str, Any]:
    """TorchServe hands over what it received as a bytearray."""
    return {
        name: bytearray(part) if isinstance(part, bytes) else part for name, part in parts.items()
    }


def explanation(faces: Faces, *classes: int) -> tuple[dict[str, Any], dict[str, str]]:
    """Parts and headers of a request to `POST /explanations/<model>`."""
    parts = {"data": faces.tobytes()}
    if classes:
        parts["classes"] = np.array(classes, "<i8").tobytes()
    return parts, {"explain": "True"}


def assert_explained(answer: bytes, faces: Faces, classes: list[int]) -> None:
    """N x 7 probabilities are followed by N x 48 x 48 heats."""
    floats = np.frombuffer(answer, "<f4")
    said, heat = explained(torch.from_numpy(faces), classes)
    assert floats.size == said.numel() + heat.numel()
    np.testing.assert_allclose(floats[: said.numel()].reshape(said.shape), said, atol=1e-6)
    np.testing.assert_allclose(floats[said.numel() :].reshape(heat.shape), heat, atol=1e-6)


@pytest.fixture
def worker(settings: TorchServeSettings, tmp_path: Path) -> Iterator[Worker]:
    threads = torch.get_num_threads()
    yield Worker(settings, tmp_path / "unpacked")
    torch.set_num_threads(threads)


@pytest.fixture
def faces() -> Faces:
    drawn: Faces = np.random.default_rng(0).integers(0, 256, (6, 48, 48, 1), dtype=np.uint8)
    return drawn


def expected(faces: Faces) -> npt.NDArray[np.float32]:
    result: npt.NDArray[np.float32] = probabilities(torch.from_numpy(faces)).numpy()
    return result


def rows(answer: bytes) -> npt.NDArray[np.float32]:
    return np.frombuffer(answer, "<f4").reshape(-1, len(LABELS))


def encoded(face: Faces, form: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(face.squeeze()).save(file, form)
    return file.getvalue()


def test_requests_of_one_batch_get_their_own_rows(worker: Worker, faces: Faces) -> None:
    """One, three and two faces go through one forward pass and come back apart."""
    parts = [faces[:1], faces[1:4], faces[4:]]
    answers = worker.ask(*(part.tobytes() for part in parts))
    for part, answer in zip(parts, answers, strict=True):
        np.testing.assert_allclose(rows(answer), expected(part), atol=1e-6)


@pytest.mark.parametrize("bad", [b"\0" * 2303, b"", {"not": "bytes"}, b"\xff\xd8\xffcut off"])
def test_a_bad_request_spoils_no_other_of_its_batch(
    worker: Worker, faces: Faces, bad: object
) -> None:
    """It is answered with 400 and a reason, in a body that cannot be taken for floats."""
    good = faces[:2].tobytes()
    first, refusal, last = worker.ask(good, bad, good)
    for answer in (first, last):
        np.testing.assert_allclose(rows(answer), expected(faces[:2]), atol=1e-6)
    assert [worker.status(index) for index in range(3)] == [200, 400, 200]
    assert json.loads(refusal)["code"] == 400
    assert len(refusal) % 4 != 0


def test_a_batch_without_any_readable_request_fails_as_a_whole(worker: Worker) -> None:
    """So that a gRPC caller, alone in its batch, gets INVALID_ARGUMENT with the reason."""
    with pytest.raises(PredictionException, match="2303 bytes are no faces") as raised:
        worker.ask(b"\0" * 2303)
    assert raised.value.error_code == 400


def test_a_description_has_the_metadata(worker: Worker) -> None:
    """What callers of `customized=true` are told, of a request that is alone as TorchServe's is."""
    (described,) = worker.handle([({}, {"describe": "True"})])
    assert described["labels"] == list(LABELS)
    assert described["input"] == {"height": 48, "width": 48, "channels": 1}


@pytest.mark.parametrize(
    ("headers", "answer_header"),
    [
        ({"data": {"content-type": ""}}, "false"),
        ({"body": {"content-type": ""}, "Host": "x"}, None),
    ],
)
def test_only_a_grpc_request_is_told_that_its_stream_ends(
    worker: Worker, faces: Faces, headers: dict[str, Any], answer_header: str | None
) -> None:
    """TorchServe needs it for streaming calls, and would answer REST with half a response."""
    good, bad = {"data": faces[:1].tobytes()}, {"data": b"\0"}
    worker.handle([(good, headers), (bad, headers)])
    for index in range(2):
        assert worker.context.get_response_headers(index).get("ts_stream_next") == answer_header


def test_an_unreadable_request_of_a_sequence_is_answered(worker: Worker) -> None:
    """TorchServe would lose its worker for good over an error of its batch."""
    sequence = {"ts_request_sequence_id": "a"}
    first, second = worker.handle([({"data": b"\0"}, {}), ({"data": b"\0"}, sequence)])
    for index, refusal in enumerate((first, second)):
        assert json.loads(refusal)["code"] == worker.status(index) == 400


@pytest.mark.parametrize(("form", "tolerance"), [("PNG", 1e-6), ("WEBP", 0.2), ("JPEG", 0.05)])
def test_a_picture_is_answered_with_a_probability_per_label(
    worker: Worker, faces: Faces, form: str, tolerance: float
) -> None:
    """People with curl get JSON, and the same answer up to what the file format loses."""
    (answer,) = worker.ask(encoded(faces[0], form), part="body")
    assert tuple(answer) == LABELS
    np.testing.assert_allclose(list(answer.values()), expected(faces[:1])[0], atol=tolerance)
    assert worker.context.get_response_content_type(0) == "application/json"


def test_a_large_picture_is_shrunk_by_area(worker: Worker, faces: Faces) -> None:
    """A face enlarged four times is the same face."""
    large = faces[0].repeat(4, axis=0).repeat(4, axis=1)
    (answer,) = worker.ask(encoded(large, "PNG"), part="body")
    np.testing.assert_allclose(list(answer.values()), expected(faces[:1])[0], atol=1e-6)


def test_a_picture_of_too_many_pixels_is_refused(
    settings: TorchServeSettings, tmp_path: Path
) -> None:
    """The header's size decides, before any pixel is decoded."""
    small = Worker(settings.model_copy(update={"max_image_pixels": 99}), tmp_path / "unpacked")
    with pytest.raises(PredictionException, match="more than 99 pixels"):
        small.ask(encoded(np.zeros((10, 10, 1), np.uint8), "PNG"), part="body")


def test_faces_that_begin_like_a_jpeg_file_are_faces(worker: Worker, faces: Faces) -> None:
    """Three bright pixels in a corner do not make a file of the right number of bytes."""
    body = b"\xff\xd8\xff" + faces[0].tobytes()[3:]
    (answer,) = worker.ask(body)
    start = np.frombuffer(bytearray(body), np.uint8).reshape(1, 48, 48, 1)
    np.testing.assert_allclose(rows(answer), expected(start), atol=1e-6)


def test_many_faces_are_computed_in_steps(
    settings: TorchServeSettings, tmp_path: Path, faces: Faces
) -> None:
    """The steps bound the memory and do not show in the answer."""
    steps = Worker(settings.model_copy(update={"max_forward_faces": 4}), tmp_path / "unpacked")
    np.testing.assert_allclose(rows(steps.ask(faces.tobytes())[0]), expected(faces), atol=1e-6)


def test_too_many_faces_are_refused(
    settings: TorchServeSettings, tmp_path: Path, faces: Faces
) -> None:
    """A request that would hold the worker until TorchServe kills it is not begun."""
    few = Worker(settings.model_copy(update={"max_request_faces": 5}), tmp_path / "unpacked")
    assert len(rows(few.ask(faces[:5].tobytes())[0])) == 5
    with pytest.raises(PredictionException, match="6 faces are too many: send 5 at most"):
        few.ask(faces.tobytes())


def test_the_shape_comes_from_the_registry(tmp_path: Path) -> None:
    """A colour model of another size needs no change of the handler."""
    registry = write_registry(tmp_path / "models", height=6, width=5, channels=3)
    other = Worker(
        TorchServeSettings(registry=registry, store=tmp_path / "store"), tmp_path / "unpacked"
    )
    drawn = np.random.default_rng(1).integers(0, 256, (2, 6, 5, 3), dtype=np.uint8)
    np.testing.assert_allclose(rows(other.ask(drawn.tobytes())[0]), expected(drawn), atol=1e-6)


@pytest.mark.parametrize("classes", [(), (-1, -1), (0, 6), (3, -1)])
def test_faces_are_explained(worker: Worker, faces: Faces, classes: tuple[int, ...]) -> None:
    """By the classes that are named, else by each face's own."""
    answer = worker.explain(faces[:2], *classes)
    assert_explained(answer, faces[:2], list(classes) or [-1, -1])
    assert worker.context.get_response_content_type(0) == "application/octet-stream"


def test_explanations_and_predictions_share_a_batch(worker: Worker, faces: Faces) -> None:
    """Each request is answered by its own header, bad ones among them too."""
    plain, bad = {"data": faces[2:5].tobytes()}, {"data": b"\0"}
    first, second, third, fourth, fifth = worker.handle(
        [
            explanation(faces[:2], 4, -1),
            (plain, {}),
            (bad, {"explain": "True"}),
            explanation(faces[5:]),
            (plain, {"explain": "False"}),
        ]
    )
    assert_explained(first, faces[:2], [4, -1])
    assert_explained(fourth, faces[5:], [-1])
    for answer in (second, fifth):
        np.testing.assert_allclose(rows(answer), expected(faces[2:5]), atol=1e-6)
    assert json.loads(third)["code"] == 400
    assert [worker.status(index) for index in range(5)] == [200, 200, 400, 200, 200]


@pytest.mark.parametrize(
    ("classes", "reason"),
    [
        (b"\0" * 8, "`classes` must be 2 x 8 bytes"),
        ("0 1", "`classes` must be 2 x 8 bytes"),
        (np.array([0, 7], "<i8").tobytes(), "classes are 0 to 6, or -1"),
        (np.array([0, -2], "<i8").tobytes(), "classes are 0 to 6, or -1"),
    ],
)
def test_classes_that_do_not_fit_are_refused(
    worker: Worker, faces: Faces, classes: object, reason: str
) -> None:
    """One for each face, and all of them known."""
    parts = {"data": faces[:2].tobytes(), "classes": classes}
    with pytest.raises(PredictionException, match=reason) as raised:
        worker.handle([(parts, {"explain": "True"})])
    assert raised.value.error_code == 400


def test_a_picture_is_explained_like_a_face(worker: Worker, faces: Faces) -> None:
    """Its heat is of the face as the model sees it, and comes as floats."""
    body = {"body": encoded(faces[0], "PNG")}
    (answer,) = worker.handle([(body, {"explain": "True"})])
    assert_explained(answer, faces[:1], [-1])


def test_many_faces_are_explained_in_steps(
    settings: TorchServeSettings, tmp_path: Path, faces: Faces
) -> None:
    """The steps bound the memory and do not show in the answer."""
    steps = Worker(settings.model_copy(update={"max_forward_faces": 4}), tmp_path / "unpacked")
    assert_explained(steps.explain(faces, *range(6)), faces, list(range(6)))
