"""Results as a server gives them, made up."""

from mien_client.types import (
    Analysis,
    Box,
    Detector,
    Expression,
    Face,
    ImageSize,
    Landmarks,
    ModelRef,
    Point,
    Quality,
)

LABELS = ("happy", "sad", "neutral", "surprise", "fear")


def face(
    label: str = "happy", share: float = 0.8, *, index: int = 0, issues: tuple[str, ...] = ()
) -> Face:
    """Return a face that shows an expression; the others share the rest."""
    rest = (1 - share) / (len(LABELS) - 1)
    point = Point(1.0, 2.0)
    return Face(
        index=index,
        box=Box(10.0, 20.0, 30.0, 40.0),
        landmarks=Landmarks(point, point, point, point, point),
        detection_score=0.9,
        top=Expression(label, share),
        probabilities={each: share if each == label else rest for each in LABELS},
        quality=Quality(30.0, 0.5, 0.0, 0.0, issues),
    )


def analysis(*faces: Face) -> Analysis:
    """Return the analysis of a picture with these faces."""
    return Analysis(
        request_id="4b1d",
        model=ModelRef("fer2013-squeezenet-pytorch", 1, "pytorch"),
        detector=Detector("yunet", "1"),
        image=ImageSize(320, 240),
        faces=faces,
        cache="miss",
        served_by="torchserve" if faces else "",
        timings_ms={"total": 12.5},
    )
