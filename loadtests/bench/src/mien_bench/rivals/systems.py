"""What is measured: Mien's rows and the others', each with how it is asked."""

from dataclasses import dataclass
from enum import StrEnum

from mien_bench.rivals.sending import BASE64, FORM, RAW, Sending

MODEL = "fer2013-squeezenet"
"""The compact one: all but `fer` serve its weights."""


class Likeness(StrEnum):
    """How much of an answer can be as Mien's."""

    SAME = "same"
    """The same detection and weights: the same numbers."""
    CROPS = "crops"
    """The same detector file and weights, crops by other code: about the same numbers."""
    OWN = "own"
    """A detector and a model of its own."""


@dataclass(frozen=True, slots=True)
class System:
    """One row of the report."""

    name: str
    label: str
    program: str
    """What is started for it; several rows may ask the same program."""
    path: str
    sending: Sending
    likeness: Likeness
    detection: str = ""
    """`library` or `mien`, for those that share our baselines' detection."""
    cache: str = ""
    """What Mien must say of its cache."""


MIEN = "mien"
_ANALYZE = f"/v1/analyze?model={MODEL}"

_TORCH = System(
    *("mien-pytorch", "Mien, PyTorch", MIEN, f"{_ANALYZE}-pytorch", RAW, Likeness.SAME),
    cache="miss",
)
_TENSORFLOW = System(
    *("mien-tensorflow", "Mien, TensorFlow", MIEN, f"{_ANALYZE}-tensorflow", RAW, Likeness.SAME),
    cache="miss",
)
_CACHED = System(
    *("mien-cached", "Mien, same picture again", MIEN, f"{_ANALYZE}-pytorch", RAW, Likeness.SAME),
    cache="hit",
)


def _baseline(name: str, label: str, sending: Sending, detection: str, program: str) -> System:
    likeness = Likeness.SAME if detection == "mien" else Likeness.CROPS
    return System(name, label, program, "/predict", sending, likeness, detection)


SYSTEMS: dict[str, System] = {
    system.name: system
    for system in (
        _TORCH,
        _TENSORFLOW,
        _CACHED,
        _baseline("thesis", "theses' design", BASE64, "library", "thesis"),
        _baseline("litserve", "LitServe", FORM, "library", "litserve"),
        _baseline("litserve-mien", "LitServe, our detection", FORM, "mien", "litserve-mien"),
        _baseline("bentoml", "BentoML", RAW, "library", "bentoml"),
        _baseline("bentoml-mien", "BentoML, our detection", RAW, "mien", "bentoml-mien"),
        System("fer", "fer", "fer", "/predict", FORM, Likeness.OWN),
    )
}
OURS = _TORCH.name
"""The row that the others are held against."""
