"""Keys are made, written down as hashes, read, and found again."""

import hmac
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from mien_gateway.auth.api_keys import (
    ApiKeysError,
    KeyFile,
    line_of,
    new_key,
    parse_api_keys,
    read_api_keys,
)
from mien_gateway.make_key import main as make_key
from tests.fakes.access import ALICE, ALICE_NEW, BOB, Clock, key_file, keys

NAMES = st.from_regex(r"[A-Za-z0-9._-]{1,64}", fullmatch=True)
RATES = st.sampled_from(["", "1/second", "600/minute", "20000/hour", "999999999/day"])
HASH = "sha256:" + "0" * 64


def test_a_new_key_is_long_and_never_the_same() -> None:
    """32 bytes, in letters that a header, a URL and a subprotocol can carry."""
    made = {new_key() for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"mien_[A-Za-z0-9_-]{43}", key) for key in made)


@given(
    entries=st.dictionaries(st.text(max_size=200), st.tuples(NAMES, RATES), min_size=1, max_size=5)
)
def test_what_is_written_is_found(entries: dict[str, tuple[str, str]]) -> None:
    """Whatever stands around it; a key that was not written is not."""
    lines = ["# our callers", ""]
    for key, (name, rate) in entries.items():
        lines.append(f"  {line_of(name, key, rate)}   # comment")
    found = parse_api_keys("\r\n".join(lines), "a test")
    for key, (name, rate) in entries.items():
        entry = found.find(key)
        assert entry
        assert entry.name == name
        assert bool(entry.rate) == bool(rate)
    assert found.find("mien_another") is None


@given(text=st.text())
def test_whatever_is_read_is_keys_or_a_sentence_with_the_line(text: str) -> None:
    """And the sentence does not quote what may be a secret."""
    key = "mien_in-the-wrong-place"
    with pytest.raises(ApiKeysError, match=r"^keys\.txt, line \d+: ") as caught:
        parse_api_keys(f"{text}\n{key} {key}", "keys.txt")
    assert "wrong-place" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("alice", "expected NAME sha256:"),
        (f"alice {'0' * 64}", "expected NAME sha256:"),
        (f"alice sha256:{'0' * 63}", "expected NAME sha256:"),
        (f"alice sha256:{'G' * 64}", "expected NAME sha256:"),
        (f"al/ice {HASH}", "the name must be"),
        (f"{'a' * 65} {HASH}", "the name must be"),
        (f"alice {HASH} often", "'often' is no rate"),
        (f"alice {HASH} 0/minute", "'0/minute' is no rate"),
        (f"alice {HASH} 5/fortnight", "'5/fortnight' is no rate"),
        (f"alice {HASH} 5/minute more", "expected NAME sha256:"),
        (f"alice {HASH}\nbob {HASH}", "this key is there already"),
    ],
)
def test_a_bad_line(line: str, words: str) -> None:
    """Is named by its number, with what is wrong with it."""
    number = 2 + line.count("\n")
    with pytest.raises(ApiKeysError, match=re.escape(f"keys.txt, line {number}: {words}")):
        parse_api_keys(f"# first\n{line}", "keys.txt")


@pytest.mark.parametrize("text", ["", "# nobody\n", "\n\n"])
def test_a_file_without_keys_is_a_mistake(text: str) -> None:
    """It would let nobody in."""
    with pytest.raises(ApiKeysError, match=r"keys\.txt: there is no key"):
        parse_api_keys(text, "keys.txt")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """Is named, with the reason."""
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe")
    for path, reason in ((tmp_path / "none", "No such file"), (binary, "not UTF-8")):
        with pytest.raises(ApiKeysError, match=f"{path.name}: .*{reason}"):
            read_api_keys(path)


@pytest.mark.parametrize(
    "presented",
    ["", " ", "mien_", ALICE[:-1], f"{ALICE} ", ALICE.upper(), "ключ", "\udcff", "x" * 10**6],
    ids=lambda value: ascii(value[:20]),
)
def test_a_wrong_key_is_not_found(presented: str) -> None:
    """However odd it is."""
    assert keys().find(presented) is None


def test_every_entry_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """In constant time, and wherever the right one stands."""
    compared = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append(one)
        return one == other

    monkeypatch.setattr(hmac, "compare_digest", compare)
    for presented, name in ((ALICE, "alice"), (ALICE_NEW, "alice"), (BOB, "bob")):
        compared.clear()
        entry = keys().find(presented)
        assert entry
        assert (entry.name, len(compared)) == (name, 3)


def test_no_key_and_no_hash_is_shown() -> None:
    """By printing what is kept of it."""
    assert "digest" not in repr(keys())


def test_two_keys_are_valid_while_one_replaces_the_other(tmp_path: Path) -> None:
    """Added, moved to, and the old one taken out, without a restart."""
    clock = Clock()
    path = key_file(tmp_path / "keys", line_of("alice", ALICE))
    file = KeyFile(path, clock)
    key_file(path, line_of("alice", ALICE), line_of("alice", ALICE_NEW))
    assert (bool(file.find(ALICE)), bool(file.find(ALICE_NEW))) == (True, False)
    clock.now += 1
    assert (bool(file.find(ALICE)), bool(file.find(ALICE_NEW))) == (True, True)
    key_file(path, line_of("alice", ALICE_NEW))
    clock.now += 1
    assert (bool(file.find(ALICE)), bool(file.find(ALICE_NEW))) == (False, True)


def test_a_broken_new_file_leaves_the_old_keys(tmp_path: Path) -> None:
    """The log says so, once, and a mended one is taken."""
    clock = Clock()
    path = key_file(tmp_path / "keys", line_of("alice", ALICE))
    file = KeyFile(path, clock)
    key_file(path, "alice sha256:12")
    with capture_logs() as logs:
        for _ in range(5):
            clock.now += 1
            assert file.find(ALICE)
    (entry,) = logs
    assert (entry["log_level"], str(path) in entry["reason"]) == ("error", True)
    key_file(path, line_of("bob", BOB))
    clock.now += 1
    assert file.find(BOB)
    assert not file.find(ALICE)


@pytest.mark.parametrize("left", ["", "# nobody", None], ids=["empty", "comment", "deleted"])
def test_revoking_the_last_key_leaves_no_valid_key(tmp_path: Path, left: str | None) -> None:
    """The log says so, once, and a key that is added afterwards is valid."""
    clock = Clock()
    path = key_file(tmp_path / "keys", line_of("alice", ALICE))
    file = KeyFile(path, clock)
    alice = file.find(ALICE)
    assert alice
    assert file.holds(alice)
    if left is None:
        path.unlink()
    else:
        key_file(path, left)
    with capture_logs() as logs:
        for _ in range(5):
            clock.now += 1
            assert not file.find(ALICE)
            assert not file.holds(alice)
    (entry,) = logs
    assert (entry["log_level"], str(path) in entry["reason"]) == ("error", True)
    key_file(path, line_of("bob", BOB))
    clock.now += 1
    assert file.find(BOB)


def test_the_file_is_looked_at_once_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not at every request."""
    looks = []
    real = os.stat

    def counting(*arguments: object, **options: object) -> os.stat_result:
        looks.append(arguments)
        return real(*arguments, **options)  # type: ignore[arg-type] # passed through

    clock = Clock()
    file = KeyFile(key_file(tmp_path / "keys", line_of("alice", ALICE)), clock)
    monkeypatch.setattr(os, "stat", counting)
    for _ in range(100):
        file.find(ALICE)
    assert looks == []
    clock.now += 1
    for _ in range(100):
        file.find(ALICE)
    assert len(looks) == 1


def test_make_key_gives_a_key_and_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    """The line opens the door to the key, at the rate asked for."""
    assert make_key(["alice", "--rate", "5/minute"]) == 0
    said = capsys.readouterr().out
    key = re.search(r"mien_\S+", said)
    line = re.search(r"alice sha256:.*", said)
    assert key
    assert line
    entry = parse_api_keys(line[0], "a test").find(key[0])
    assert entry
    assert (entry.name, entry.rate and entry.rate.amount) == ("alice", 5)


@pytest.mark.parametrize("arguments", [[], ["al ice"], ["alice", "--rate", "often"]])
def test_make_key_refuses_what_the_file_would_not_take(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """With a sentence and status 2."""
    with pytest.raises(SystemExit) as ended:
        make_key(arguments)
    assert ended.value.code == 2
    assert "mien_gateway.make_key" in capsys.readouterr().err
