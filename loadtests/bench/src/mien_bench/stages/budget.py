"""From answers to a budget: what each stage takes, and what is not the detector's or the model's.

The gateway times its stages; the detector tells its own; how long a model computes is
measured in a process with nothing but the graph. What is left of a hop is the way: to the other
process and back, and waiting there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from mien_bench.stages.asking import Answered


class Stage(StrEnum):
    """In the order in which a request comes by."""

    HTTP = "HTTP, with the client"
    RECEIVE = "receive"
    HASH = "hash"
    REDIS = "Redis"
    DETECTOR_HOP = "detector hop"
    DECODE = "decode"
    DETECT = "detect"
    CROP = "crop"
    MODEL_HOP = "model hop and queue"
    INFERENCE = "inference"
    PIPELINE = "gateway's own"
    ENCODE = "encode"


WORK = (Stage.DECODE, Stage.DETECT, Stage.CROP, Stage.INFERENCE)
"""What would have to be done anyway; all else is what the system costs."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Milliseconds of one kind of request to one model, at the median."""

    requests: int
    waited: float
    stages: dict[Stage, float]
    overhead: float
    """What the client waited beyond the detector's and the model's own work."""


def budget(answers: Sequence[Answered], inference: float) -> Budget:
    """Return the medians of all answers.

    Args:
        answers: at least one.
        inference: milliseconds in which the model computes what one answer needs.
    """
    each = [split(answer, inference) for answer in answers]
    return Budget(
        requests=len(answers),
        waited=median(answer.waited for answer in answers),
        stages={stage: median(one[stage] for one in each) for stage in Stage},
        overhead=median(
            answer.waited - sum(one[stage] for stage in WORK)
            for answer, one in zip(answers, each, strict=True)
        ),
    )


def split(answer: Answered, inference: float) -> dict[Stage, float]:
    """Return where one answer's time went; the stages add up to what the client waited."""
    told = answer.stages
    work = min(inference, told["infer"])
    detector = told["decode"] + told["find"] + told["crop"]
    timed = ("hash", "cache", "detect", "infer")
    return {
        Stage.HTTP: answer.waited - told["receive"] - told["total"] - told["encode"],
        Stage.RECEIVE: told["receive"],
        Stage.HASH: told["hash"],
        Stage.REDIS: told["cache"],
        Stage.DETECTOR_HOP: told["detect"] - detector,
        Stage.DECODE: told["decode"],
        Stage.DETECT: told["find"],
        Stage.CROP: told["crop"],
        Stage.MODEL_HOP: told["infer"] - work,
        Stage.INFERENCE: work,
        Stage.PIPELINE: told["total"] - sum(told[name] for name in timed),
        Stage.ENCODE: told["encode"],
    }
