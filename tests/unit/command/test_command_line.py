"""The command as it is called: help, wrong arguments, servers that answer badly."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mien_client.command.statuses import ExitStatus
from mien_client.command.terminal import CAPTION
from tests.fakes.answering import Prepared, answering, problem
from tests.running_mien import MIEN, environment, run

SUBCOMMANDS = ("analyze", "video", "watch", "compare", "explain", "models", "status")
MODEL = {
    "name": "fer2013-squeezenet-pytorch",
    "version": 1,
    "framework": "pytorch",
    "architecture": "squeezenet",
    "dataset": "fer2013",
    "labels": ["happy", "sad"],
    "input": {"height": 48, "width": 48, "channels": 1},
    "licence": "for tests",
    "metrics": {"public_test_accuracy": 0.5},
    "card": "/card",
    "server": "torchserve",
    "default": True,
    "ready": True,
}
NOT_READY = Prepared(
    503,
    {"status": "not ready", "parts": {"redis": "up"}, "models": {"m": False}, "detector": ""},
)


@pytest.fixture
def picture(tmp_path: Path) -> str:
    """A file that a server of these tests does not look at."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"a picture")
    return str(path)


def test_the_help_says_what_there_is() -> None:
    """Every subcommand, what statuses mean, and what an expression is."""
    done = run("--help", COLUMNS="200")
    assert done.returncode == 0
    assert all(name in done.stdout for name in (*SUBCOMMANDS, "MIEN_URL", "MIEN_API_KEY"))
    assert "130 interrupted" in done.stdout
    assert CAPTION in done.stdout
    assert "--install-completion" in done.stdout


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_each_subcommand_has_help_and_takes_the_address(name: str) -> None:
    """In front of the subcommand or after it."""
    done = run(name, "--help", COLUMNS="200")
    assert done.returncode == 0
    assert "--url" in done.stdout


def test_the_version_is_the_packages() -> None:
    """One line."""
    assert run("--version").stdout == "mien 0.1.0\n"


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ((), "Usage"),
        (("analyse", "photo.jpg"), "No such command"),
        (("analyze",), "Missing argument"),
        (("analyze", "a.jpg", "--json", "--csv"), "exclude each other"),
        (("analyze", "a.jpg", "--minimum-confidence", "2"), "minimum-confidence"),
        (("analyze", "-", "-"), "only once"),
        (("analyze", ""), "is empty"),
        (("video", "missing.mp4"), "does not exist"),
        (("video", __file__, "--start", "9", "--end", "3"), "later than --start"),
        (("video", __file__, "--csv", "/no/such/folder/x.csv"), "no folder /no/such/folder"),
        (("video", __file__, "--vtt", __file__), "is the video itself"),
        (("watch", "missing.mp4", "--consent"), "no file and no camera"),
        (("watch", __file__), "--consent"),
        (("explain", "."), "one picture at a time"),
        (("models", "--card"), "needs the name"),
        (("status", "--url", "localhost:8000"), "http://HOST:PORT"),
        (("--timeout", "0", "status"), "--timeout"),
        (("--timeout", "inf", "status"), "--timeout"),
    ],
)
def test_wrong_arguments_are_told_on_stderr(arguments: tuple[str, ...], part: str) -> None:
    """With status 2, and nothing on stdout that a script could take for data."""
    done = run(*arguments, COLUMNS="200")
    assert done.returncode == ExitStatus.MISUSED
    assert part in done.stderr + done.stdout * (not arguments)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["analyze", "compare", "explain", "models", "status"])
def test_nobody_there_is_told_with_what_to_do(name: str, picture: str) -> None:
    """Status 3, the address, how to start Mien, and how to name another address."""
    arguments = [picture] if name in ("analyze", "compare", "explain") else []
    done = run(name, *arguments, MIEN_URL="http://127.0.0.1:1")
    assert done.returncode == ExitStatus.AWAY
    assert done.stdout == ""
    for part in ("http://127.0.0.1:1", "make up", "--url"):
        assert part in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_key_is_told_and_a_given_one_is_sent() -> None:
    """It is never shown, not even where it is refused."""
    refusal = problem(401, "unauthenticated", "An API key is needed")
    with answering(refusal) as server:
        done = run("models", MIEN_URL=server.url, MIEN_API_KEY="secret-key")
        assert done.returncode == ExitStatus.MISUSED
        assert "An API key is needed" in done.stderr
        assert "MIEN_API_KEY" in done.stderr
        run("--api-key", "other-key", "models", "--url", server.url, MIEN_API_KEY="secret-key")
        run("models", "--api-key", "third-key", "--url", server.url)
    sent = [" ".join(headers.values()) for _, headers in server.asked]
    assert [key in text for key, text in zip(("secret", "other", "third"), sent, strict=True)]
    assert "secret-key" not in done.stdout + done.stderr
    assert "secret-key" not in run("--help", MIEN_API_KEY="secret-key").stdout


@pytest.mark.parametrize("key", ["secret\nkey", "secret-schlüssel"])
def test_a_broken_key_is_not_shown_either(key: str) -> None:
    """Libraries quote headers that they refuse."""
    done = run("models", MIEN_API_KEY=key)
    assert done.returncode == ExitStatus.MISUSED
    assert "API key" in done.stderr
    assert "secret" not in done.stdout + done.stderr


def test_a_full_disk_is_said_in_words() -> None:
    """Data that did not arrive is no success."""
    with models_server() as url, Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*MIEN, "models", "--json", "--url", url],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            check=False,
            timeout=60,
        )
    assert done.returncode == ExitStatus.FAILED
    assert done.stderr == b"mien: No space left on device\n"


def test_one_bad_picture_does_not_stop_the_rest(picture: str) -> None:
    """Each is told on stderr, and the status is 1."""
    with answering(problem(422, "unreadable_image", "The picture is broken")) as server:
        done = run("analyze", picture, "nothing.jpg", picture, "--json", MIEN_URL=server.url)
    assert done.returncode == ExitStatus.FAILED
    codes = [json.loads(line)["problem"]["code"] for line in done.stdout.splitlines()]
    assert codes == ["unreadable_image", "unreadable_file", "unreadable_image"]
    assert done.stderr.count("The picture is broken") == 2
    assert "nothing.jpg: No such file" in done.stderr


def test_a_wrong_name_stops_at_once(picture: str) -> None:
    """All other pictures would fail alike."""
    with answering(problem(404, "unknown_model", "There is no model 'x'")) as server:
        done = run("analyze", picture, picture, "--model", "x", MIEN_URL=server.url)
    assert done.returncode == ExitStatus.MISUSED
    assert done.stderr.count("There is no model 'x'") == 1


def test_a_busy_server_is_status_3(picture: str) -> None:
    """With the wait that it asked for."""
    busy = problem(429, "rate_limited", "The rate is used up", Retry_After="40")
    with answering(busy) as server:
        done = run("analyze", picture, MIEN_URL=server.url)
    assert done.returncode == ExitStatus.AWAY
    assert "40 s" in done.stderr


def test_another_server_is_not_taken_for_mien() -> None:
    """A page of HTML is no answer."""
    page = Prepared(200, "<html>Welcome</html>", {"Content-Type": "text/html"})
    with answering(page) as server:
        done = run("models", MIEN_URL=server.url)
    assert done.returncode == ExitStatus.AWAY
    assert "Traceback" not in done.stderr
    assert server.url in done.stderr


def test_status_is_3_until_mien_is_ready() -> None:
    """What is known is shown all the same; waiting has an end."""
    with answering(NOT_READY) as server:
        for arguments in ((), ("--wait", "1")):
            done = run("status", *arguments, MIEN_URL=server.url)
            assert done.returncode == ExitStatus.AWAY
            assert "Mien is not ready" in done.stdout
        document = json.loads(run("status", "--json", MIEN_URL=server.url).stdout)
    assert (document["ready"], document["parts"]) == (False, {"redis": "up"})


@contextmanager
def models_server() -> Iterator[str]:
    with answering(Prepared(200, {"models": [MODEL]})) as server:
        yield server.url


def completions(typed: str, url: str = "http://127.0.0.1:1") -> list[str]:
    """Return what bash would be offered for the last word."""
    done = run(
        COMP_WORDS=typed,
        COMP_CWORD=str(len(typed.split(" ")) - 1),
        _MIEN_COMPLETE="complete_bash",
        MIEN_URL=url,
    )
    return done.stdout.split()


def test_names_of_models_are_completed() -> None:
    """From the server, if it answers; nothing is said if it does not."""
    with models_server() as url:
        offered = completions("mien analyze --model fer", url)
    assert offered == ["fer2013-squeezenet-pytorch"]
    assert completions("mien analyze --model fer") == []


def test_subcommands_are_completed() -> None:
    """Without a server."""
    assert completions("mien st") == ["status"]


def test_a_reader_that_has_had_enough_ends_it_quietly() -> None:
    """As `head` does: no message, and no status that ends a script."""
    with models_server() as url:
        command = " ".join([*MIEN, "models", "--json", "--url", url])
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {command} | true"],
            capture_output=True,
            env=environment(),
            check=False,
            timeout=60,
        )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("redirections", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_stream_is_no_fault(redirections: str) -> None:
    """Whoever closes it does not want to hear anything."""
    with models_server() as url:
        command = " ".join([*MIEN, "models", "--url", url, redirections])
        done = subprocess.run(
            ["bash", "-c", command],
            capture_output=True,
            env=environment(),
            check=False,
            timeout=60,
        )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("library", ["httpx", "typer"])
def test_an_interrupt_while_modules_load(library: str, tmp_path: Path) -> None:
    """It ends the command as ever, without a traceback."""
    interrupting = "import os, signal, time; os.kill(os.getpid(), signal.SIGINT); time.sleep(60)"
    (tmp_path / f"{library}.py").write_text(interrupting, encoding="utf-8")
    done = run("status", PYTHONPATH=str(tmp_path))
    assert (done.returncode, done.stderr) == (ExitStatus.INTERRUPTED, "")
