"""What a scenario is: who asks for what, how often, for how long, and what is good enough."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm
from typing import Final

from mien_loadtests.stages import Stage
from mien_loadtests.verdict import Limits

FRAMEWORKS: Final = ("pytorch", "tensorflow")
REST: Final = ("rest-raw", "rest-multipart", "rest-base64")
STREAMS: Final = ("grpc-stream", "websocket")
PROTOCOLS: Final = (*REST, "grpc", *STREAMS)
OFF, MISS, HIT = "off", "miss", "hit"
CACHES: Final = {OFF: "bypass", MISS: "miss", HIT: "hit"}
"""How a request meets the cache, and what the answer must say of it."""

Shares = Mapping[str, float]
"""Names, and how often each is drawn beside the others."""


def whole_numbers(shares: Shares) -> dict[str, int]:
    """Return the smallest whole numbers that stand to each other as the shares do."""
    exact = {name: Fraction(share).limit_denominator(1000) for name, share in shares.items()}
    common = lcm(*(share.denominator for share in exact.values()))
    whole = {name: int(share * common) for name, share in exact.items()}
    return {name: number // gcd(*whole.values()) for name, number in whole.items()}


class ScenarioError(Exception):
    """One clear sentence for whoever wrote or asked for a scenario."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One kind of load, as written in a file."""

    name: str
    about: str
    """One line for the list."""
    pictures: Shares
    caches: Shares
    """`off`: no-store; `miss`: a picture that nobody sent before; `hit`: the same one again."""
    protocols: Shares
    """Of the users."""
    frameworks: Shares
    rate: float
    """Requests a second of each user; 0 is a closed loop: each asks as fast as it is answered."""
    stages: tuple[Stage, ...]
    limits: Limits

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises:
            ScenarioError: streams pass every cache by, so none of their answers can be a hit.
        """
        streams = sorted(set(self.protocols) & set(STREAMS))
        if streams and set(self.caches) == {HIT}:
            message = f"{self.name}: streams know no cache, so {', '.join(streams)} cannot hit it"
            raise ScenarioError(message)

    @property
    def seconds(self) -> float:
        """How long it takes."""
        return sum(stage.seconds for stage in self.stages)

    @property
    def most_users(self) -> int:
        """Users at its height."""
        return max(stage.users for stage in self.stages)
