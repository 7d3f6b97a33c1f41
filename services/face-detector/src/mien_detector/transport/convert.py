"""Between protobuf messages and this service's own words."""

from mien.v1 import face_detector_pb2 as pb

from mien_detector.crop import COLOUR, GREY
from mien_detector.errors import RequestError
from mien_detector.types import CropShape, Face, Findings, FoundFace, Point, Selection

_MAXIMUM_CROP_SIDE = 1024


def read_selection(request: pb.DetectRequest, default: Selection) -> Selection:
    """Return which faces the request wants.

    Raises:
        RequestError: an option is out of its range.
    """
    score, faces = default.minimum_score, default.maximum_faces
    if request.HasField("minimum_score"):
        score = request.minimum_score
        if not 0 < score <= 1:
            message = f"minimum_score is {score:g}, it must be above 0 and at most 1"
            raise RequestError(message)
    if request.HasField("maximum_faces"):
        if request.maximum_faces == 0:
            message = "maximum_faces is 0, it must be at least 1"
            raise RequestError(message)
        faces = min(request.maximum_faces, faces)
    pixels = default.minimum_face_pixels
    if request.HasField("minimum_face_pixels"):
        pixels = request.minimum_face_pixels
    return Selection(minimum_score=score, minimum_face_pixels=pixels, maximum_faces=faces)


def read_shape(request: pb.DetectRequest) -> CropShape | None:
    """Return the shape of the wanted crops, or None where none are wanted.

    Raises:
        RequestError: no crop can have that shape.
    """
    if not request.HasField("crop"):
        return None
    shape = CropShape(request.crop.height, request.crop.width, request.crop.channels)
    for name, side in (("height", shape.height), ("width", shape.width)):
        if not 1 <= side <= _MAXIMUM_CROP_SIDE:
            message = f"crop.{name} is {side}, it must be 1 to {_MAXIMUM_CROP_SIDE}"
            raise RequestError(message)
    if shape.channels not in (GREY, COLOUR):
        message = f"crop.channels is {shape.channels}, it must be {GREY} (grey) or {COLOUR} (RGB)"
        raise RequestError(message)
    return shape


def write_findings(findings: Findings, detector: pb.DetectorInfo) -> pb.DetectResponse:
    """Return the answer to a request."""
    timings = findings.timings
    return pb.DetectResponse(
        image=pb.ImageSize(width=findings.size.width, height=findings.size.height),
        faces=[_write_face(found) for found in findings.faces],
        detector=detector,
        timings=pb.DetectTimings(
            decode_ms=timings.decode_ms,
            detect_ms=timings.detect_ms,
            crop_ms=timings.crop_ms,
        ),
    )


def _write_face(found: FoundFace) -> pb.DetectedFace:
    box = found.face.box
    return pb.DetectedFace(
        box=pb.Box(x=box.x, y=box.y, width=box.width, height=box.height),
        landmarks=_write_landmarks(found.face),
        score=found.face.score,
        crop=found.crop,
        sharpness=found.sharpness,
    )


def _write_landmarks(face: Face) -> pb.Landmarks:
    marks = face.landmarks
    return pb.Landmarks(
        left_eye=_write_point(marks.left_eye),
        right_eye=_write_point(marks.right_eye),
        nose=_write_point(marks.nose),
        left_mouth=_write_point(marks.left_mouth),
        right_mouth=_write_point(marks.right_mouth),
    )


def _write_point(point: Point) -> pb.Point:
    return pb.Point(x=point.x, y=point.y)
