"""Locust, with our users, against the running system."""

import os
import re
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.running_system import ROOT, System, free_ports

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(200)]
PYTHON = ROOT / "build" / "tools" / "locust" / "bin" / "python"
PROTOCOLS = ("rest-raw", "rest-multipart", "rest-base64", "grpc", "grpc-stream", "websocket")
ONE_EACH = len(PROTOCOLS)
ANY_SPEED = ("--max-p95-seconds", "0", "--max-p99-seconds", "0", "--min-rate", "0")
LOOKUP = re.compile(
    r'^mien_gateway_cache_lookups_total\{kind="(\w+)",result="(\w+)"\} ', re.MULTILINE
)


@pytest.fixture(scope="module")
def locust() -> Path:
    """A Python that has Locust."""
    if not PYTHON.exists():
        pytest.skip("Locust is missing: `make loadtest` installs it into build/tools/locust")
    return PYTHON


def command(python: Path, system: System, *arguments: str) -> list[str]:
    return [
        *(str(python), "-m", "mien_loadtests"),
        *("-H", system.settings.rest_url),
        *("--grpc-target", f"127.0.0.1:{system.settings.grpc_port}"),
        *arguments,
    ]


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT / "loadtests" / "src")}


def run(python: Path, system: System, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(python, system, "--headless", "--only-summary", *arguments),
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
        env=environment(),
    )


@contextmanager
def silence() -> Iterator[int]:
    """Yield a port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        yield silent.getsockname()[1]


def answered(done: subprocess.CompletedProcess[str]) -> Counter[tuple[str, str]]:
    """Right answers by protocol and framework, from Locust's table of requests."""
    rows = re.findall(r"^(\S+) +\w+-\w+-(\w+).*? +(\d+) +0\(0\.00%\)", done.stderr, re.MULTILINE)
    found: Counter[tuple[str, str]] = Counter()
    for protocol, framework, number in rows:
        found[protocol, framework] += int(number)
    return found


def lookups(client: httpx.Client) -> Counter[tuple[str, str]]:
    """The gateway's lookups in its cache by kind and result."""
    text = client.get("/metrics").text
    return Counter(
        {
            (kind, result): int(float(text[match.end() :].split(maxsplit=1)[0]))
            for match in LOOKUP.finditer(text)
            for kind, result in [match.groups()]
        }
    )


def test_every_protocol_and_both_frameworks_are_asked_and_answer(
    locust: Path, system: System, tmp_path: Path
) -> None:
    """Two users each; the pace is kept, nothing fails, and the report is written."""
    done = run(
        *(locust, system, "-u", str(2 * ONE_EACH), "-t", "8s", "--min-pace", "0.8"),
        *("--html", f"{tmp_path}/r/run.html", "--csv", f"{tmp_path}/r/run"),
    )
    assert done.returncode == 0, done.stderr
    found = answered(done)
    assert found.keys() == {(one, two) for one in PROTOCOLS for two in ("pytorch", "tensorflow")}
    assert found.total() >= 2 * ONE_EACH * 8 * 0.7
    assert "fer2013-squeezenet-pytorch" in (tmp_path / "r" / "run.html").read_text()
    rows = (tmp_path / "r" / "run_stats.csv").read_text().splitlines()
    assert {row.partition(",")[0] for row in rows[1:-1]} == set(PROTOCOLS)


def test_several_users_hold_streams_at_once(locust: Path, system: System) -> None:
    """Eight of them, with a stream per framework each."""
    done = run(locust, system, "-u", "8", "-t", "5s", "--min-pace", "0.8", "--tags", "stream")
    assert done.returncode == 0, done.stderr
    assert {protocol for protocol, _ in answered(done)} == {"grpc-stream", "websocket"}
    assert answered(done).total() >= 8 * 5 * 0.6


def test_who_waits_for_grpc_holds_nobody_up(locust: Path, system: System) -> None:
    """A thread that waited would hold up every greenlet, and with it the user of REST."""
    with silence() as port:
        done = run(
            *(locust, system, "--grpc-target", f"127.0.0.1:{port}", "-u", "3", "-t", "6s"),
            *("RestRawUser", "GrpcUser", "GrpcStreamUser"),
        )
    assert answered(done).keys() <= {("rest-raw", "pytorch"), ("rest-raw", "tensorflow")}
    assert answered(done).total() >= 4


def test_a_hot_cache_is_hit(locust: Path, system: System, client: httpx.Client) -> None:
    """By every request that counts, though none was kept before the run."""
    before = lookups(client)
    line = ("--scenario", "cache-hot", "--duration-scale", "0.08", *ANY_SPEED)
    done = run(locust, system, *line)
    assert done.returncode == 0, done.stderr
    found = lookups(client) - before
    assert found["frame", "hit"] >= answered(done).total() >= 100
    assert found["frame", "miss"] <= 10  # asked until it was kept


def test_new_pictures_miss_every_cache(locust: Path, system: System, client: httpx.Client) -> None:
    """That of pictures, and that of faces: each is computed."""
    before = lookups(client)
    line = ("--scenario", "ten-faces", "--duration-scale", "0.1", *ANY_SPEED)
    done = run(locust, system, *line)
    assert done.returncode == 0, done.stderr
    found = lookups(client) - before
    total = answered(done).total()
    assert total >= 8
    assert found["frame", "miss"] >= total
    assert found["face", "miss"] >= 10 * total
    assert (found["frame", "hit"], found["face", "hit"]) == (0, 0)


def test_a_ramp_says_where_the_system_is_full(locust: Path, system: System) -> None:
    """Closed loop: each of the six stages has its line, and a sentence sums up."""
    done = run(locust, system, "--scenario", "ramp", "--duration-scale", "0.1")
    assert done.returncode == 0, done.stderr
    _, _, table = done.stderr.partition("Stages of ramp, right answers:\n")
    lines = table.splitlines()
    assert [line.split()[0] for line in lines[1:7]] == ["1", "2", "4", "8", "16", "32"]
    assert re.match(r"Saturated at [\d.]+ requests a second, with |Not saturated by 32 ", lines[7])


def test_two_workers_share_the_users(
    locust: Path, system: System, client: httpx.Client, tmp_path: Path
) -> None:
    """Each asks as much, no picture comes twice, and the master judges for all."""
    before = lookups(client)
    ports = free_ports(["master"])
    place = ("--master-port", str(ports["master"]))
    workers = []
    for number in (1, 2):
        with (tmp_path / f"worker{number}.log").open("w") as log:
            workers.append(
                subprocess.Popen(
                    command(locust, system, "--worker", *place),
                    stdout=log,
                    stderr=log,
                    env=environment(),
                )
            )
    try:
        done = run(
            *(locust, system, "--master", "--master-bind-host", "127.0.0.1"),
            *("--master-bind-port", str(ports["master"]), "--expect-workers", "2"),
            *("--scenario", "single-face", "--duration-scale", "0.12", "--grpc-target", "wrong:1"),
            *(*ANY_SPEED, "--max-p99-seconds", "0.0001"),
        )
        assert [worker.wait(20) for worker in workers] == [0, 0]
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    assert done.returncode == 1
    faults = re.findall(r"Not good enough: (.*)", done.stderr)
    assert faults
    assert all("p99" in fault for fault in faults), faults
    total = answered(done).total()
    shares = list(map(int, re.findall(r"(\d+) requests were begun by", done.stderr)))
    assert len(shares) == 2
    assert min(shares) >= 0.35 * total > 10
    found = lookups(client) - before
    assert found["frame", "miss"] >= total
    assert (found["frame", "hit"], found["face", "hit"]) == (0, 0)


def test_limits_that_are_not_kept_fail_the_run(locust: Path, system: System) -> None:
    """No network answers within a tenth of a millisecond, and no user asks a thousand times."""
    done = run(
        *(locust, system, "-u", "1", "-t", "4s", "RestRawUser", "--tags", "pytorch"),
        *("--rate", "1000", "--max-p95-seconds", "0.0001", "--min-pace", "0.99"),
    )
    assert done.returncode == 1
    assert re.search(r"Not good enough: rest-raw \S+-pytorch: p95 .*allowed are 0 ms", done.stderr)
    assert re.search(r"Not good enough: [\d.]+% of the due requests were begun", done.stderr)
    assert answered(done).keys() == {("rest-raw", "pytorch")}


def test_wrong_answers_fail_the_run(locust: Path, system: System, tmp_path: Path) -> None:
    """A picture without a face is answered with 200, and counts as a failure all the same."""
    Image.new("RGB", (320, 240)).save(tmp_path / "grey.jpg")
    done = run(
        *(locust, system, "-u", str(ONE_EACH), "-t", "5s"),
        *("--picture", str(tmp_path / "grey.jpg")),
    )
    assert done.returncode == 1
    for protocol in PROTOCOLS:
        assert re.search(
            rf"{protocol} \S+: WrongAnswerError.*number of faces is 0, not 1", done.stderr
        )


def test_a_gateway_that_says_nothing_fails_the_run(locust: Path) -> None:
    """Every protocol tells of it, and none hangs: connections are taken, but nobody answers."""
    with silence() as port:
        done = subprocess.run(
            [
                *(str(locust), "-m", "mien_loadtests", "--headless", "--only-summary"),
                *("-H", f"http://127.0.0.1:{port}", "--grpc-target", f"127.0.0.1:{port}"),
                *("-u", str(ONE_EACH), "-t", "6s", "--timeout-seconds", "1"),
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
            env=environment(),
        )
    assert done.returncode == 1
    for protocol in PROTOCOLS:
        assert re.search(rf"Not good enough: {protocol} .*\(100\.00%\)", done.stderr), protocol
    assert "CallFailedError('DEADLINE_EXCEEDED: " in done.stderr


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (("--scenario", "rush"), "no scenario 'rush'; there are standard, single-face"),
        (("--rate", "-1"), "--rate must be 0 or more"),
    ],
)
def test_a_plan_that_cannot_be_leaves_the_last_figures(
    locust: Path, tmp_path: Path, line: tuple[str, ...], why: str
) -> None:
    """It is told in one sentence as the line is read, and no file is touched."""
    last = tmp_path / "run_stats.csv"
    last.write_text("figures", encoding="utf-8")
    done = subprocess.run(
        [*(str(locust), "-m", "mien_loadtests", "--headless"), "--csv", f"{tmp_path}/run", *line],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=environment(),
    )
    assert done.returncode == 1
    assert why in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [last.name]
    assert last.read_text(encoding="utf-8") == "figures"


def test_classes_and_tags_that_leave_nobody_are_told(locust: Path, system: System) -> None:
    """In one sentence, before anything is asked."""
    done = run(locust, system, "--scenario", "cache-hot", "--tags", "stream")
    assert done.returncode == 1
    assert "leave nobody of the scenario" in done.stderr
    assert "Traceback" not in done.stderr
