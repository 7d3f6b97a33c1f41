"""Access: who is let in, as whom, and how often."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien_gateway.auth.authenticator import Authenticator
from mien_gateway.auth.principal import Credentials, Principal, is_loopback, network_of
from mien_gateway.auth.rate_limit import Limiter
from mien_gateway.auth.rates import parse_rate
from mien_gateway.errors import RateLimitedError, UnauthenticatedError
from mien_gateway.telemetry.metrics import Metrics
from tests.fakes.access import ALICE, ALICE_NEW, BOB, Clock, keys

SECRET = b"a secret for tests"
HERE = "192.0.2.1"


def door(clock: Clock | None = None, rate: str = "", **options: object) -> Authenticator:
    return Authenticator(
        limiter=Limiter(SECRET, clock=clock or Clock()),
        metrics=Metrics(),
        rate=parse_rate(rate) if rate else None,
        **options,  # type: ignore[arg-type] # passed through
    )


def test_without_keys_everybody_is_let_in() -> None:
    """A key that he brings all the same changes nothing: it might be anybody's."""
    access = door()
    plain = access.authenticate(Credentials(address=HERE))
    assert plain == access.authenticate(Credentials("mien_whatever", HERE))
    assert plain == Principal(f"address:{HERE}")


@pytest.mark.parametrize("key", [None, "", "mien_wrong"])
def test_with_keys_nobody_else_is(key: str | None) -> None:
    """Neither without one nor with a wrong one; the refusal is counted and quotes no key."""
    access = door(keys=keys(), anonymous=False)
    with pytest.raises(UnauthenticatedError) as caught:
        access.authenticate(Credentials(key, HERE))
    assert "mien_wrong" not in caught.value.detail


def test_where_both_are_let_in_a_wrong_key_is_still_wrong() -> None:
    """Its owner would wonder at his rate."""
    access = door(keys=keys(), anonymous=True)
    assert access.authenticate(Credentials(address=HERE)).identity == f"address:{HERE}"
    assert access.authenticate(Credentials(BOB, HERE)).identity == "key:bob"
    with pytest.raises(UnauthenticatedError):
        access.authenticate(Credentials("mien_wrong", HERE))


def test_a_keys_own_rate_comes_first() -> None:
    """Else the general one holds; both keys of one caller are one caller."""
    access = door(keys=keys("7/second"), rate="600/minute")
    assert access.authenticate(Credentials(ALICE)) == access.authenticate(Credentials(ALICE_NEW))
    assert access.authenticate(Credentials(ALICE)).rate == parse_rate("7/second")
    assert access.authenticate(Credentials(BOB)).rate == parse_rate("600/minute")


async def test_without_a_rate_nothing_is_counted() -> None:
    """None is what the transport makes no headers of."""
    access = door()
    assert await access.spend(access.authenticate(Credentials(address=HERE))) is None


async def test_n_calls_are_allowed_and_no_more() -> None:
    """The wait is the real one: a moment before it is over is too early."""
    clock = Clock()
    access = door(clock, "3/minute")
    caller = access.authenticate(Credentials(address=HERE))
    for left in (2, 1, 0):
        allowance = await access.spend(caller)
        assert allowance
        assert (allowance.limit, allowance.remaining) == (3, left)
    with pytest.raises(RateLimitedError) as caught:
        await access.spend(caller)
    wait = caught.value.retry_after_seconds
    assert 0 < wait <= 60
    clock.now += wait - 0.01
    with pytest.raises(RateLimitedError):
        await access.spend(caller)
    clock.now += 0.02
    assert await access.spend(caller)


async def test_one_callers_rate_is_not_anothers() -> None:
    """Addresses and names never meet."""
    access = door(rate="1/hour", keys=keys(), anonymous=True)
    for credentials in (Credentials(BOB), Credentials(ALICE), Credentials(address=HERE)):
        await access.spend(access.authenticate(credentials))
        with pytest.raises(RateLimitedError):
            await access.spend(access.authenticate(credentials))


async def test_what_costs_more_uses_up_more() -> None:
    """Ten pictures at once are ten calls."""
    access = door(rate="10/hour")
    caller = access.authenticate(Credentials(address=HERE))
    allowance = await access.spend(caller, cost=9)
    assert allowance
    assert allowance.remaining == 1
    with pytest.raises(RateLimitedError):
        await access.spend(caller, cost=2)
    # What was refused used nothing up.
    assert (allowance := await access.spend(caller))
    assert allowance.remaining == 0


async def test_not_all_callers_come_back_at_the_same_moment() -> None:
    """Their windows begin at different times."""
    access = door(rate="1/hour")
    resets = set()
    for number in range(20):
        allowance = await access.spend(
            access.authenticate(Credentials(address=f"192.0.2.{number}"))
        )
        assert allowance
        resets.add(round(allowance.reset_seconds))
    assert len(resets) > 15


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8::1", "2001:db8:0:0:ffff::2", True),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("unix:", "", False),
    ],
)
def test_which_addresses_are_one_caller(one: str, other: str, *, same: bool) -> None:
    """Nobody gets a rate for each of his 2**64 addresses."""
    assert (network_of(one) == network_of(other)) == same


@given(st.text())
def test_any_address_is_some_caller(text: str) -> None:
    """What proxies and sockets write there is not always an address."""
    assert isinstance(network_of(text), str)
    assert is_loopback(text) in (True, False)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("", False),
        ("192.168.1.5", False),
        ("example.org", False),
    ],
)
def test_what_only_this_machine_reaches(host: str, *, expected: bool) -> None:
    """An empty host is every address."""
    assert is_loopback(host) == expected
