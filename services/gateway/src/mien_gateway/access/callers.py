"""Who calls, as far as this gateway wants to know."""

from dataclasses import dataclass, field

from mien_gateway.access.api_keys import ApiKey
from mien_gateway.access.rates import Rate


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a caller brings; a transport fills it in."""

    key: str | None = field(default=None, repr=False)
    """The API key as it was presented, or None."""
    address: str = field(default="", repr=False)
    """Where the call comes from, for those without a key."""


@dataclass(frozen=True, slots=True)
class Caller:
    """One who was let in; the rate holds for all that has the same identity."""

    identity: str = field(repr=False)
    """`key:<name>` or `address:<network>`; never shown, since an address is personal."""
    rate: Rate | None = None
    key: ApiKey | None = field(default=None, repr=False, compare=False)
    """What let him in, to be checked again in long calls."""

    def own(self, session: str) -> str:
        """Return a session's id as this caller's alone; without keys, who knows it owns it."""
        return f"{self.identity}/{session}" if session and self._has_key else session

    @property
    def _has_key(self) -> bool:
        return self.identity.startswith("key:")


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a caller's rate."""

    limit: int
    remaining: int
    reset_seconds: float
