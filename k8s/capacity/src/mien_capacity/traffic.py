"""A day of frames: low at night, high in the afternoon, uneven, and once far above all that."""

from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

DAY_SECONDS = 86_400
_HOUR = 3600
# So fast the noise forgets.
_NOISE_SECONDS = 120


class Traffic(BaseModel):
    """The shape of a day; `peak` is what the spike reaches, in frames a second."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    peak: Annotated[float, Field(gt=0)]
    usual_share: Annotated[float, Field(gt=0, le=1)] = 0.6
    """The afternoon's height, of the peak."""
    night_share: Annotated[float, Field(ge=0, le=1)] = 0.05
    """The night's, of the peak."""
    busiest_hour: Annotated[float, Field(ge=0, lt=24)] = 15
    noise: Annotated[float, Field(ge=0, lt=1)] = 0.06
    """Standard deviation of the slow noise, as a share."""
    spike_hour: Annotated[float, Field(ge=0, lt=24)] = 19
    spike_minutes: Annotated[float, Field(gt=0)] = 30
    spike_rise_seconds: Annotated[float, Field(gt=0)] = 120
    seed: int = 5


def frames_per_second(traffic: Traffic, seconds: int = DAY_SECONDS) -> npt.NDArray[np.float64]:
    """Return the mean rate of every second; what happens within a second is the queues' affair."""
    time = np.arange(seconds, dtype=np.float64)
    turn = 2 * np.pi * (time / DAY_SECONDS - traffic.busiest_hour / 24)
    day = ((1 + np.cos(turn)) / 2) ** 1.5
    usual = traffic.night_share + (traffic.usual_share - traffic.night_share) * day
    share = usual * _noise(traffic, seconds)
    # The spike adds what is missing to the peak and goes as fast as it came.
    start = traffic.spike_hour * _HOUR
    end = start + traffic.spike_minutes * 60
    rise = traffic.spike_rise_seconds
    inside = np.clip(np.minimum((time - start) / rise, (end - time) / rise), 0, 1)
    return traffic.peak * np.clip(share + inside * (1 - share), 0, 1)


def _noise(traffic: Traffic, seconds: int) -> npt.NDArray[np.float64]:
    """Return factors around 1 that wander: a first-order autoregression, in logarithms."""
    keep = np.exp(-1 / _NOISE_SECONDS)
    steps = np.random.default_rng(traffic.seed).normal(0, np.sqrt(1 - keep**2), seconds)
    wander = np.empty(seconds)
    level = 0.0
    for second, step in enumerate(steps):
        level = keep * level + step
        wander[second] = level
    return np.exp(traffic.noise * wander - traffic.noise**2 / 2)
