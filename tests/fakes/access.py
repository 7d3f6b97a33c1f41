"""Keys and callers for tests of the door."""

from pathlib import Path

from mien_gateway.auth.api_keys import ApiKeys, line_of, parse_api_keys

ALICE = "mien_alices-first-key"
ALICE_NEW = "mien_alices-second-key"
BOB = "mien_bobs-key"


class Clock:
    """A clock that a test moves."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        """The time."""
        return self.now


def key_file(path: Path, *lines: str) -> Path:
    """Write a file of keys."""
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def keys(alice_rate: str = "") -> ApiKeys:
    """Two keys of alice, who is changing hers, and one of bob."""
    lines = (
        line_of("alice", ALICE, alice_rate),
        line_of("alice", ALICE_NEW, alice_rate),
        line_of("bob", BOB),
    )
    return parse_api_keys("\n".join(lines), "a test")
