"""A real Prometheus looks at the running system, and finds what rules and dashboard ask for."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.fakes import monitoring
from tests.fakes.videos import write_video
from tests.running_system import System, free_ports

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
START_SECONDS = 20
WATCH_SECONDS = 12

# Nothing here makes these: nobody fails, streams, or is refused, and there is no cluster.
SILENT = {
    "Refused at the door": "no keys and no rates",
    "Calls to parts that failed or were refused": "no part fails",
    "Answered by the twin": "no part fails",
    "Live streams": "nobody streams",
    "Frames of live streams": "nobody streams",
    "Cache away": "Redis is there",
    "Uncertain faces": "the photo's face is clear",
    "Pods that are missing": "needs kube-state-metrics",
    "Replicas by autoscaler": "needs kube-state-metrics",
    "GPU use": "needs a GPU and its exporter",
}


@dataclass(frozen=True)
class Prometheus:
    """Answers to expressions."""

    url: str

    def ask(self, expression: str) -> list[dict[str, Any]]:
        """Evaluate it now, with Grafana's variables as it would fill them in."""
        filled = expression.replace("$__rate_interval", "10s").replace("$namespace", ".*")
        answer = httpx.post(f"{self.url}/api/v1/query", data={"query": filled})
        assert answer.status_code == 200, f"{filled}: {answer.text}"
        found: list[dict[str, Any]] = answer.json()["data"]["result"]
        return found

    def firing(self) -> set[str]:
        """Names of the alerts that fire or are about to."""
        groups = httpx.get(f"{self.url}/api/v1/alerts").json()["data"]["alerts"]
        return {alert["labels"]["alertname"] for alert in groups}


@contextmanager
def watching(system: System, folder: Path) -> Iterator[Prometheus]:
    """Run Prometheus with our rules, but in a hurry and with this system's ports."""
    binary = monitoring.tool("prometheus")
    config = yaml.safe_load((monitoring.FOLDER / "prometheus.yml").read_text(encoding="utf-8"))
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = [str(monitoring.RULES)]
    ports = {
        "gateway": system.settings.rest_port,
        "torchserve": system.settings.torchserve_metrics_port,
    }
    jobs = [job for job in config["scrape_configs"] if job["job_name"] in ports]
    for job in jobs:
        del job["dns_sd_configs"]
        job["static_configs"] = [{"targets": [f"127.0.0.1:{ports[job['job_name']]}"]}]
    config["scrape_configs"] = jobs
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    port = free_ports(["prometheus"])["prometheus"]
    command = [
        str(binary),
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _wait_ready(f"http://127.0.0.1:{port}")
            yield Prometheus(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()
            process.wait(timeout=30)


def test_the_dashboard_and_the_rules_find_what_they_ask_for(
    system: System, photo: bytes, tmp_path: Path
) -> None:
    """Every query is understood, all but the listed ones give something, and no alert fires."""
    with watching(system, tmp_path) as prometheus:
        _send_a_video(system, tmp_path)
        until = time.monotonic() + WATCH_SECONDS
        while time.monotonic() < until:
            _send_pictures(system, photo)
        found = {
            panel["title"]: [len(prometheus.ask(one["expr"])) for one in panel["targets"]]
            for panel in monitoring.panels()
        }
        assert {title for title, counts in found.items() if not any(counts)} == set(SILENT)
        for rule in monitoring.rules():
            prometheus.ask(rule["expr"])
            if "record" in rule:
                assert len(prometheus.ask(rule["record"])) == 1, rule["record"]
        assert prometheus.firing() == set()
        parts = {one["metric"]["part"] for one in prometheus.ask("mien_gateway_part_up == 1")}
        assert parts == {"face-detector", "torchserve", "tensorflow-serving", "redis"}


def _send_pictures(system: System, photo: bytes) -> None:
    """Good ones through both frameworks, again from the cache, and one that is none."""
    url = f"{system.settings.rest_url}/v1/analyze"
    for framework in ("pytorch", "tensorflow"):
        model = {"model": f"fer2013-squeezenet-{framework}"}
        for headers in ({"Cache-Control": "no-store"}, {}):
            httpx.post(url, params=model, content=photo, headers=headers).raise_for_status()
    assert httpx.post(url, content=b"no picture").status_code == 415


def _send_a_video(system: System, folder: Path) -> None:
    video = write_video(folder / "clip.mp4", [0.1 * step for step in range(10)])
    url = f"{system.settings.rest_url}/v1/videos"
    httpx.post(url, content=video.read_bytes()).raise_for_status()


def _wait_ready(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            if httpx.get(f"{url}/-/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < deadline, "Prometheus does not start"
        time.sleep(0.1)
