"""What holds for docker-compose.yml and its overlays, as Compose itself reads them."""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from functools import cache
from itertools import combinations
from typing import Any
from urllib.parse import urlsplit

import pytest

from mien_gateway.http.hosts import is_allowed
from mien_gateway.settings import Settings
from mien_tf_serving.flags import parse_flags
from tests.compose.docker import COMPOSE
from tests.running_system import ROOT
from tests.unit.containers.dockerfiles import last
from tests.unit.tf_serving.test_dockerfile import DOCUMENTED

BASE = "docker-compose.yml"
OVERLAYS = tuple(sorted(path.name for path in ROOT.glob("compose.*.yml")))
# One replaces the official TensorFlow server, the other puts it on a GPU.
APART = {"compose.embedded.yml", "compose.gpu.yml"}
COMBINATIONS = [
    chosen
    for count in range(len(OVERLAYS) + 1)
    for chosen in combinations(OVERLAYS, count)
    if not set(chosen) >= APART
]
NEEDED = {"MIEN_MODELS_DIR": "/srv/models"}
PARTS = {"redis", "face-detector", "torchserve", "tensorflow", "worker", "gateway"}
every = pytest.mark.parametrize("overlays", COMBINATIONS, ids="+".join)


@cache
def config(overlays: tuple[str, ...] = ()) -> dict[str, Any]:
    """The whole configuration, as it would be started."""
    return read(overlays, NEEDED)


def read(overlays: tuple[str, ...], given: Mapping[str, str]) -> dict[str, Any]:
    done = run(overlays, given, "--format", "json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def run(
    overlays: tuple[str, ...], given: Mapping[str, str], *arguments: str
) -> subprocess.CompletedProcess[str]:
    files = [word for name in (BASE, *overlays) for word in ("-f", name)]
    return subprocess.run(
        [str(COMPOSE), *files, "--profile", "*", "config", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **given},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def ours(overlays: tuple[str, ...]) -> dict[str, Any]:
    """The parts of Mien itself, without what an overlay puts beside them."""
    services: dict[str, Any] = config(overlays)["services"]
    return {name: services[name] for name in PARTS}


@every
def test_compose_takes_it(overlays: tuple[str, ...]) -> None:
    """Every combination, without a word of warning."""
    done = run(overlays, NEEDED, "-q")
    assert (done.returncode, done.stderr) == (0, "")


@every
def test_the_gateway_alone_publishes_ports_and_on_loopback(overlays: tuple[str, ...]) -> None:
    """Of Mien's parts; what watches them may show itself on loopback."""
    for name, service in config(overlays)["services"].items():
        addresses = {port["host_ip"] for port in service.get("ports", [])}
        assert addresses <= {"127.0.0.1"}, name
        assert not addresses or name == "gateway" or name not in PARTS


@every
def test_no_part_may_do_more_than_it_must(overlays: tuple[str, ...]) -> None:
    """Neither by itself nor by an overlay."""
    for name, service in ours(overlays).items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["pids_limit"] > 0, name
        assert int(service["mem_limit"]) > 0, name
        assert service["logging"]["options"]["max-size"], name
        assert service["restart"] == "unless-stopped", name
        assert "container_name" not in service, f"{name} could not be scaled"
        assert not {"privileged", "cap_add", "devices", "pid", "ipc"} & service.keys(), name
        assert not re.search(r"docker\.sock", json.dumps(service)), name


@every
def test_images_have_versions(overlays: tuple[str, ...]) -> None:
    """None that means another one tomorrow."""
    for name, service in config(overlays)["services"].items():
        tag = service["image"].rpartition(":")[2]
        assert re.search(r"\d", tag), name
        assert "latest" not in service["image"], name


def test_parts_are_on_a_network_that_leads_nowhere() -> None:
    """The gateway is on another one besides, which its ports need."""
    assert config()["networks"]["parts"]["internal"] is True
    for name, service in ours(()).items():
        expected = {"parts", "outside"} if name == "gateway" else {"parts"}
        assert set(service["networks"]) == expected


def test_the_gateway_starts_when_its_parts_are_healthy() -> None:
    """So does the worker."""
    for name in ("gateway", "worker"):
        waits = config()["services"][name]["depends_on"]
        assert set(waits) == {"redis", "face-detector", "torchserve", "tensorflow"}
        assert {one["condition"] for one in waits.values()} == {"service_healthy"}


def test_stopping_takes_less_time_than_it_may() -> None:
    """What is under way ends before Docker kills."""
    gateway = config()["services"]["gateway"]
    settings = gateway["environment"]
    own = sum(float(settings[f"MIEN_GATEWAY_{name}_SECONDS"]) for name in ("DRAIN", "SHUTDOWN"))
    assert float(gateway["stop_grace_period"].removesuffix("s")) > own
    assert all(service["stop_grace_period"] for service in ours(()).values())


def test_the_gateway_answers_to_its_own_name() -> None:
    """Prometheus and Locust ask for it by that, and others by the names that are listed."""
    given = NEEDED | {"MIEN_ALLOWED_HOSTS": "mien.example.org"}
    services = read(("compose.loadtest.yml",), given)["services"]
    allowed = Settings.model_validate(
        {"allowed_hosts": services["gateway"]["environment"]["MIEN_GATEWAY_ALLOWED_HOSTS"]}
    ).allowed_hosts.split(",")
    (locust,) = {
        url
        for service in services.values()
        if (url := service.get("environment", {}).get("LOCUST_HOST"))
    }
    for host in (urlsplit(locust).netloc, "mien.example.org"):
        assert is_allowed(host, allowed)


def test_redis_keeps_nothing_and_evicts_no_job() -> None:
    """What has an expiry may go, the queue of videos may not."""
    command = " ".join(config()["services"]["redis"]["command"])
    assert "--save  --appendonly no" in command
    assert "--maxmemory-policy volatile-lru" in command


def test_redis_asks_for_the_password_that_callers_give() -> None:
    """Where there is one."""
    services = read((), {"MIEN_REDIS_PASSWORD": "some-password"})["services"]
    assert services["redis"]["command"][-2:] == ["--requirepass", "some-password"]
    url = services["gateway"]["environment"]["MIEN_GATEWAY_REDIS_URL"]
    assert url == "redis://:some-password@redis:6379/0"


def test_no_secret_is_in_the_repository() -> None:
    """It is drawn, or given from outside."""
    lines = (ROOT / ".env").read_text(encoding="utf-8").splitlines()
    settings = dict(line.split("=", 1) for line in lines if "=" in line and line[0] != "#")
    assert settings["MIEN_REDIS_PASSWORD"] == ""
    assert "MIEN_GATEWAY_CACHE_KEY" not in config()["services"]["gateway"]["environment"]


def test_every_setting_of_the_file_is_used() -> None:
    """And every one that is used has a default there."""
    text = "".join((ROOT / name).read_text(encoding="utf-8") for name in (BASE, *OVERLAYS))
    used = set(re.findall(r"(?<!\$)\$\{(\w+)", text))
    listed = set(re.findall(r"^(\w+)=", (ROOT / ".env").read_text(encoding="utf-8"), re.MULTILINE))
    assert listed == used


def test_several_gateways_share_a_range_of_ports() -> None:
    """Each takes one of it."""
    ports = read((), {"MIEN_REST_PORT": "8000-8002"})["services"]["gateway"]["ports"]
    assert "8000-8002" in {port["published"] for port in ports}


@pytest.mark.parametrize("overlay", ["", "compose.gpu.yml"])
def test_the_official_server_starts_with_flags_that_it_documents(overlay: str) -> None:
    """Those of the image, and those that an overlay puts in place of its last ones."""
    service = config((overlay,) if overlay else ())["services"]["tensorflow"]
    dockerfile = ROOT / service["build"]["dockerfile"]
    fixed = last(dockerfile, "ENTRYPOINT").words[1:]
    flags = [*fixed, *(service.get("command") or last(dockerfile, "CMD").words)]
    assert {flag.removeprefix("--").partition("=")[0] for flag in flags} <= DOCUMENTED
    assert parse_flags([flag for flag in flags if "gpu" not in flag]).enable_batching


def test_servers_on_a_gpu_leave_each_other_room() -> None:
    """TensorFlow alone would take all of its memory."""
    services = config(("compose.gpu.yml",))["services"]
    tensorflow = services["tensorflow"]
    assert tensorflow["environment"]["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"
    (share,) = [word for word in tensorflow["command"] if "gpu_memory_fraction" in word]
    assert 0 < float(share.partition("=")[2]) < 1
    for name in ("tensorflow", "torchserve"):
        assert services[name]["image"].endswith("-gpu")
        (device,) = services[name]["deploy"]["resources"]["reservations"]["devices"]
        assert device["driver"] == "nvidia"


def test_models_are_mounted_for_reading() -> None:
    """In everything that reads them."""
    services = config(("compose.models.yml",))["services"]
    for name in ("gateway", "worker", "torchserve", "tensorflow"):
        (mount,) = [one for one in services[name]["volumes"] if one["target"] == "/models"]
        assert (mount["source"], mount["read_only"]) == ("/srv/models", True)


def test_whoever_mounts_no_models_is_told() -> None:
    """By the name of the setting."""
    done = run(("compose.models.yml",), {}, "-q")
    assert done.returncode != 0
    assert "MIEN_MODELS_DIR" in done.stderr
