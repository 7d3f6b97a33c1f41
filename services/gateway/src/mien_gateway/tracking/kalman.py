"""Where a box will be: a Kalman filter of constant velocity per coordinate.

After N. Wojke et al., Simple Online and Realtime Tracking with a Deep Association Metric
(2017), without the deep metric: the noise is in parts of the box's height, and time is in
seconds, so that frames may come at any rate.
"""

from dataclasses import dataclass

from mien_gateway.domain import Box

# Standard deviations in parts of the box's height: of a measurement, and of the change of
# velocity within one second.
_MEASURED = 0.05
_ACCELERATION = 2.0
# What is unknown of the velocity at first, in heights per second.
_FIRST_VELOCITY = 1.0


@dataclass(slots=True)
class _Coordinate:
    """Place and velocity of one number, with their covariance."""

    place: float
    place_variance: float
    velocity_variance: float
    velocity: float = 0.0
    covariance: float = 0.0

    def predict(self, seconds: float, noise: float) -> None:
        """Move on; `noise` is the variance of the acceleration."""
        self.place += self.velocity * seconds
        self.place_variance += (
            2 * seconds * self.covariance
            + seconds**2 * self.velocity_variance
            + noise * seconds**4 / 4
        )
        self.covariance += seconds * self.velocity_variance + noise * seconds**3 / 2
        self.velocity_variance += noise * seconds**2

    def update(self, measured: float, variance: float) -> None:
        """Believe a measurement as far as its variance allows."""
        total = self.place_variance + variance
        gain, velocity_gain = self.place_variance / total, self.covariance / total
        error = measured - self.place
        self.place += gain * error
        self.velocity += velocity_gain * error
        self.velocity_variance -= velocity_gain * self.covariance
        self.covariance *= 1 - gain
        self.place_variance *= 1 - gain


class BoxMotion:
    """One box's middle and size, filtered."""

    def __init__(self, box: Box) -> None:
        self._scale = box.height
        variance = (_MEASURED * box.height) ** 2
        velocity = (_FIRST_VELOCITY * box.height) ** 2
        self._coordinates = [_Coordinate(value, variance, velocity) for value in _values(box)]

    def predict(self, seconds: float) -> None:
        """Move on by so much time."""
        noise = (_ACCELERATION * self._scale) ** 2
        for coordinate in self._coordinates:
            coordinate.predict(seconds, noise)

    def update(self, box: Box) -> None:
        """Take a measured box in."""
        self._scale = box.height
        variance = (_MEASURED * box.height) ** 2
        for coordinate, value in zip(self._coordinates, _values(box), strict=True):
            coordinate.update(value, variance)

    @property
    def box(self) -> Box:
        """Where the box is believed to be."""
        x, y, width, height = (coordinate.place for coordinate in self._coordinates)
        width, height = max(width, 1.0), max(height, 1.0)
        return Box(x - width / 2, y - height / 2, width, height)


def _values(box: Box) -> tuple[float, float, float, float]:
    return (box.x + box.width / 2, box.y + box.height / 2, box.width, box.height)
