"""The system in containers answers, and each container can do no more than it must."""

import io
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import av
import grpc
import httpx
import pytest
from mien.v1 import emotion_pb2, emotion_pb2_grpc
from PIL import Image

from tests.chaos.conftest import TWINS
from tests.compose.conftest import note
from tests.compose.docker import COMPOSE, Project, docker, inspect
from tests.running_system import ROOT

pytestmark = pytest.mark.timeout(2400)

# What each image may add to its base, in bytes; README says what the most of it is.
ADDS_AT_MOST = {
    "gateway": 200_000_000,
    "face-detector": 300_000_000,
    "torchserve": 1_600_000_000,
    "tensorflow": 1_600_000_000,
}
README = (ROOT / "README.md").read_text(encoding="utf-8")
CLIP_FRAMES = 5
BASE = "python:3.11-slim-bookworm"
OURS = ("gateway", "worker", "face-detector", "torchserve", "tensorflow")
# What a container's own Python tells about the rights of its processes.
RIGHTS = """
import json, os
lines = open('/proc/self/status').read().splitlines()
status = dict(line.split(':\\t') for line in lines if ':\\t' in line)
places = ('/', '/etc', '/opt/mien', '/models', '/usr', '/tmp')
def writable(path):
    try:
        open(path + '/mien-test', 'w').close()
    except OSError:
        return False
    os.unlink(path + '/mien-test')
    return True
print(json.dumps({
    'user': [os.getuid(), os.getgid()],
    'capabilities': int(status['CapEff'], 16) | int(status['CapBnd'], 16),
    'no_new_privileges': status['NoNewPrivs'],
    'writable': [path for path in places if writable(path)],
}))
"""


@pytest.fixture
def running(project: Project) -> Project:
    """All of it up, one of each."""
    project.files = ("docker-compose.yml", "compose.embedded.yml")
    project.up()
    return project


def address(project: Project) -> str:
    """Where the first gateway answers."""
    return project.address(project.containers("gateway")[0])


@pytest.mark.parametrize("model", TWINS)
def test_both_twins_answer_over_rest(running: Project, photo: bytes, model: str) -> None:
    """One face, and the server that its framework has."""
    answer = httpx.post(
        f"{address(running)}/v1/analyze", params={"model": model}, content=photo, timeout=20
    )
    document = answer.raise_for_status().json()
    assert [face["top"]["label"] for face in document["faces"]] == ["happy"]
    assert document["model"]["name"] == model


@pytest.mark.parametrize("model", TWINS)
def test_both_twins_answer_over_grpc(running: Project, photo: bytes, model: str) -> None:
    """The other port."""
    container = inspect(running.containers("gateway")[0])
    port = container["NetworkSettings"]["Ports"]["9000/tcp"][0]["HostPort"]
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        request = emotion_pb2.AnalyzeRequest(image=photo, model=model)
        answer = emotion_pb2_grpc.EmotionServiceStub(channel).Analyze(request, timeout=20)
    assert [face.top.label for face in answer.faces] == ["happy"]


def test_heat_maps_and_drawings_too(running: Project, photo: bytes) -> None:
    """TorchServe's REST port, and the gateway's pool of threads."""
    with httpx.Client(base_url=address(running), timeout=30) as client:
        for path in ("/v1/explain?overlay=true", "/v1/compare", "/v1/analyze/annotated"):
            assert client.post(path, content=photo).status_code == httpx.codes.OK, path


def test_a_video_is_worked_off(running: Project, photo: bytes) -> None:
    """By the worker, which finds it in the folder that it shares with the gateway."""
    with httpx.Client(base_url=address(running), timeout=60) as client:
        sent = client.post("/v1/videos", content=clip(photo)).raise_for_status()
        url = sent.headers["Location"]
        client.get(f"{url}/events")  # ends with the job
        assert client.get(url).json()["state"] == "SUCCEEDED"
        assert len(client.get(f"{url}/timeline.csv").text.splitlines()) == 1 + CLIP_FRAMES
        assert client.get(f"{url}/annotated.mp4").content[4:8] == b"ftyp"


def clip(photo: bytes) -> bytes:
    """The photo as a video that stands still."""
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=CLIP_FRAMES)
        stream.pix_fmt = "yuv420p"
        picture = Image.open(io.BytesIO(photo)).convert("RGB")
        stream.width, stream.height = picture.size
        for _ in range(CLIP_FRAMES):
            frame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]  # PyAV leaves it untyped
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return target.getvalue()


def test_the_readmes_lines_work(running: Project) -> None:
    """As they stand, but for the name, the ports and the TensorFlow server."""
    section = README.partition("## With Docker")[2].partition("\n## ")[0]
    (text,) = re.findall(r"^```sh\n(.*?)^```", section, flags=re.MULTILINE | re.DOTALL)
    assert running.address(running.containers("gateway")[0]).endswith(f":{running.rest_ports[0]}")
    text = text.replace("localhost:8000", f"localhost:{running.rest_ports[0]}")
    text = text.replace("docker compose", str(COMPOSE))
    done = subprocess.run(
        ["sh", "-ec", text],
        cwd=ROOT,
        env={
            **os.environ,
            "COMPOSE_PROJECT_NAME": running.name,
            "COMPOSE_FILE": ":".join(running.files),
            "MIEN_REST_PORT": str(running.rest_ports[0]),
            "MIEN_GRPC_PORT": str(running.grpc_ports[0]),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert '"label":"happy"' in done.stdout
    assert running.containers() == []


@pytest.mark.parametrize("service", OURS)
def test_a_container_has_no_rights(running: Project, service: str) -> None:
    """Seen from inside, where it counts."""
    (container,) = running.containers(service)
    seen: dict[str, Any] = json.loads(docker("exec", container, "python", "-c", RIGHTS))
    assert seen == {
        "user": [10001, 10001],
        "capabilities": 0,
        "no_new_privileges": "1",
        "writable": ["/tmp"],  # noqa: S108 - the one folder that may be written to
    }


def test_redis_has_no_rights_either(running: Project) -> None:
    """It has no Python to ask."""
    (container,) = running.containers("redis")
    found = inspect(container)
    assert found["HostConfig"]["ReadonlyRootfs"]
    assert found["HostConfig"]["CapDrop"] == ["ALL"]
    status = Path(f"/proc/{found['State']['Pid']}/status").read_text(encoding="utf-8")
    fields = dict(line.split(":\t") for line in status.splitlines() if ":\t" in line)
    assert int(fields["CapEff"], 16) == 0
    assert fields["Uid"].split()[0] == "999"
    assert fields["NoNewPrivs"] == "1"


def test_the_gateways_ports_alone_are_published_and_on_loopback(running: Project) -> None:
    """Docker's own word for it."""
    published: dict[str, set[tuple[str, str]]] = {}
    for container in running.containers():
        found = inspect(container)
        service = found["Config"]["Labels"]["com.docker.compose.service"]
        for port, places in found["NetworkSettings"]["Ports"].items():
            for place in places or ():
                published.setdefault(service, set()).add((port, place["HostIp"]))
    assert published == {"gateway": {("8000/tcp", "127.0.0.1"), ("9000/tcp", "127.0.0.1")}}


def test_the_parts_reach_nobody_outside(running: Project) -> None:
    """Their network leads nowhere."""
    (container,) = running.containers("face-detector")
    networks = inspect(container)["NetworkSettings"]["Networks"]
    assert [name.partition("_")[2] for name in networks] == ["parts"]
    (network,) = json.loads(docker("network", "inspect", *networks))
    assert network["Internal"] is True
    assert "default via" not in docker(
        "exec", container, "python", "-c", "print(open('/proc/net/route').read())"
    )


def test_gateways_and_workers_share_one_drawn_secret(running: Project) -> None:
    """Nobody had to choose one, and it is in no setting."""
    read = "print(open('/keys/cache-key').read())"
    found = {
        docker("exec", container, "python", "-c", read)
        for service in ("gateway", "worker")
        for container in running.containers(service)
    }
    assert len(found) == 1
    assert len(found.pop()) >= 32


def test_images_keep_within_their_budgets(running: Project) -> None:
    """And the report says how large they are."""
    base = int(docker("image", "inspect", "-f", "{{.Size}}", BASE))
    rows = [("image", "as `docker images` shows it, MB", "added to its base, MB")]
    added = {}
    for service in ADDS_AT_MOST:
        image = inspect(running.containers(service)[0])["Config"]["Image"]
        size = int(docker("image", "inspect", "-f", "{{.Size}}", image))
        added[service] = size - base
        rows.append((image, f"{size / 1e6:.0f}", f"{added[service] / 1e6:.0f}"))
    note(f"Images (the base {BASE} has {base / 1e6:.0f} MB here)", rows)
    assert {name: size for name, size in added.items() if size > ADDS_AT_MOST[name]} == {}


def test_containers_need_no_more_memory_than_they_may(running: Project) -> None:
    """Less than half of their limit, after a few answers."""
    lines = docker("stats", "--no-stream", "--format", "{{json .}}", *running.containers())
    found = [json.loads(line) for line in lines.splitlines()]
    rows = [(one["Name"].split("-", 3)[-1], one["MemUsage"], one["PIDs"]) for one in found]
    note("Memory after the tests' few requests", [("container", "used / limit", "PIDs"), *rows])
    assert all(float(one["MemPerc"].rstrip("%")) < 50 for one in found)
