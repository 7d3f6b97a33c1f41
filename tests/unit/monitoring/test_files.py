"""The files in monitoring/ are whole, and fit together."""

import json
import re
import subprocess
import sys
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.fakes import monitoring
from tests.running_system import ROOT

COMPOSE_BINARY = Path(sys.executable).with_name("docker-compose")
COMPOSE = ROOT / "compose.monitoring.yml"
README = (monitoring.FOLDER / "README.md").read_text(encoding="utf-8")


def promtool(*arguments: str) -> None:
    command = [str(monitoring.tool("promtool")), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", sorted(monitoring.alerts()))
def test_every_alert_says_what_is_and_what_to_do(name: str) -> None:
    """Severity, summary, description, and a place in the README that is there."""
    alert = monitoring.alerts()[name]
    assert alert["labels"]["severity"] in {"critical", "warning", "info"}
    assert set(alert["annotations"]) == {"summary", "description", "runbook_url"}
    assert all(text.strip() for text in alert["annotations"].values())
    assert alert["annotations"]["runbook_url"] == f"monitoring/README.md#{name.lower()}"
    assert f"\n### {name}\n" in README


def test_the_readme_knows_no_alert_that_is_gone() -> None:
    """Each heading below Alerts is one."""
    assert set(re.findall(r"^### (.+)$", README, re.MULTILINE)) == set(monitoring.alerts())


def test_every_alert_fires_in_a_test() -> None:
    """rules.test.yml has each alert fire at least once."""
    tests = yaml.safe_load((monitoring.FOLDER / "rules.test.yml").read_text(encoding="utf-8"))
    fired = {
        case["alertname"]
        for test in tests["tests"]
        for case in test.get("alert_rule_test", [])
        if case["exp_alerts"]
    }
    assert fired == set(monitoring.alerts())


@pytest.mark.parametrize("arguments", [("check", "rules"), ("test", "rules")])
def test_prometheus_takes_the_rules(arguments: tuple[str, str]) -> None:
    """Its own tool reads them, and finds each alert firing when it must."""
    file = "rules.yml" if arguments[0] == "check" else "rules.test.yml"
    promtool(*arguments, str(monitoring.FOLDER / file))


def test_prometheus_takes_its_configuration() -> None:
    """Its own tool reads prometheus.yml."""
    promtool("check", "config", "--syntax-only", str(monitoring.FOLDER / "prometheus.yml"))


@pytest.mark.parametrize("panel", monitoring.panels(), ids=lambda panel: panel["title"])
def test_every_panel_explains_itself(panel: dict[str, Any]) -> None:
    """It has a description, a unit, something to show, and the data source that was chosen."""
    assert len(panel["description"]) > 20
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["targets"]
    sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
    assert all(source == {"type": "prometheus", "uid": "${datasource}"} for source in sources)
    assert [target["refId"] for target in panel["targets"]] == list("ABCDEF")[: len(sources) - 1]


def test_panels_have_ids_and_places_of_their_own() -> None:
    """Grafana merges panels of one id, and moves those that overlap."""
    dashboard = json.loads(monitoring.DASHBOARD.read_text(encoding="utf-8"))
    ids = Counter(panel["id"] for panel in dashboard["panels"])
    assert [one for one, number in ids.items() if number > 1] == []
    places = [panel["gridPos"] for panel in dashboard["panels"]]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    assert [pair for pair in combinations(places, 2) if _overlap(*pair)] == []


def test_every_variable_of_the_dashboard_is_declared() -> None:
    """And every one that is declared is used."""
    dashboard = json.loads(monitoring.DASHBOARD.read_text(encoding="utf-8"))
    declared = {variable["name"] for variable in dashboard["templating"]["list"]}
    used = set(re.findall(r"\$\{?([a-z]\w*)", monitoring.DASHBOARD.read_text(encoding="utf-8")))
    assert used == declared == {"datasource", "namespace"}


def test_compose_mounts_what_there_is() -> None:
    """Each file that a service is given lies in the repository."""
    services = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    mounts = [mount for service in services.values() for mount in service.get("volumes", [])]
    files = [mount.split(":")[0] for mount in mounts if mount.startswith("./")]
    assert len(files) == 5
    assert all((ROOT / file).exists() for file in files)


def test_prometheus_shares_one_network_with_the_gateways() -> None:
    """A name has an address per shared network: a gateway would be scraped, and counted, twice."""
    base = ROOT / "docker-compose.yml"
    command = [str(COMPOSE_BINARY), "-f", str(base), "-f", str(COMPOSE), "config", "--format=json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 0, done.stderr
    services = json.loads(done.stdout)["services"]
    prometheus = set(services["prometheus"]["networks"])
    assert len(prometheus & set(services["gateway"]["networks"])) == 1
    assert prometheus & set(services["torchserve"]["networks"])
    assert set(services["grafana"]["networks"]) <= prometheus


def test_what_compose_publishes_is_for_this_machine_alone() -> None:
    """Figures are nobody else's business, and nothing runs with more rights than it needs."""
    services = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    for name in ("prometheus", "grafana"):
        service = services[name]
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert re.search(r":-\S+:v?\d+\.\d+\.\d+\}$", service["image"])


def _overlap(one: dict[str, int], other: dict[str, int]) -> bool:
    return (
        one["x"] < other["x"] + other["w"]
        and other["x"] < one["x"] + one["w"]
        and one["y"] < other["y"] + other["h"]
        and other["y"] < one["y"] + one["h"]
    )
