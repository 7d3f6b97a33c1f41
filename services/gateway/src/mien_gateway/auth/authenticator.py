"""Authentication and rate limiting, shared by all transports."""

from typing import Protocol

from mien_gateway.auth.api_keys import ApiKey
from mien_gateway.auth.principal import Credentials, Principal, RateLimitStatus, network_of
from mien_gateway.auth.rate_limit import Limiter
from mien_gateway.auth.rates import Rate
from mien_gateway.errors import RateLimitedError, UnauthenticatedError
from mien_gateway.telemetry.metrics import Metrics

_MISSING = "An API key is needed"
_WRONG = "This API key is not valid"


class Keys(Protocol):
    """Finds keys, wherever they are kept."""

    def find(self, presented: str) -> ApiKey | None:
        """Return the entry of a presented key, or None."""

    def holds(self, key: ApiKey) -> bool:
        """Whether an entry that was found before is still valid."""


class Authenticator:
    """Admits callers and counts what they do; every transport asks the same one."""

    def __init__(
        self,
        *,
        limiter: Limiter,
        metrics: Metrics,
        keys: Keys | None = None,
        anonymous: bool = True,
        rate: Rate | None = None,
    ) -> None:
        """Without keys nobody is asked for one.

        `anonymous` lets callers without a key in; one who brings a key must bring a right
        one all the same. `rate` is for those without a rate of their own.
        """
        self._limiter = limiter
        self._metrics = metrics
        self._keys = keys
        self._anonymous = anonymous or keys is None
        self._rate = rate

    def authenticate(self, credentials: Credentials) -> Principal:
        """Return who it is.

        Raises UnauthenticatedError where a key is missing or wrong.
        """
        if self._keys and credentials.key is not None:
            found = self._keys.find(credentials.key)
            if not found:
                raise self._refused(_WRONG)
            return Principal(f"key:{found.name}", found.rate or self._rate, found)
        if not self._anonymous:
            raise self._refused(_MISSING)
        return Principal(f"address:{network_of(credentials.address)}", self._rate)

    async def spend_frame(self, caller: Principal) -> None:
        """Count one frame of a stream, whose key may have been revoked since it began.

        Raises UnauthenticatedError then, and RateLimitedError when it is too much.
        """
        if self._keys and caller.key and not self._keys.holds(caller.key):
            raise self._refused(_WRONG)
        await self.spend(caller)

    async def spend(self, caller: Principal, cost: int = 1) -> RateLimitStatus | None:
        """Count `cost` calls of his; None where there is no limit.

        Raises RateLimitedError when it is too much.
        """
        if not caller.rate:
            return None
        try:
            return await self._limiter.spend(caller.identity, caller.rate, cost)
        except RateLimitedError as error:
            self._metrics.count_refusal(error.code)
            raise

    def _refused(self, reason: str) -> UnauthenticatedError:
        error = UnauthenticatedError(reason)
        self._metrics.count_refusal(error.code)
        return error
