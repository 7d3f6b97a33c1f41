"""The Jobs in k8s/jobs: their numbers fit together, and the programs understand them."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from mien_gateway.bulk.__main__ import MISUSED, SOME_FAILED
from mien_gateway.bulk.__main__ import make_parser as bulk_parser
from mien_training.runs.peers import Peers
from mien_training.runs.recipe import load_recipe
from mien_training.train import _parser as train_parser
from tests.running_system import ROOT

JOBS = ROOT / "k8s" / "jobs"
FILES = sorted(path for path in JOBS.rglob("*.yaml") if path.name != "kustomization.yaml")
VALIDATE = Path(sys.executable).with_name("kubernetes-validate")
VERSIONS = ("1.29", "1.30", "1.31", "1.32", "1.33")


def job(file: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((JOBS / file).read_text(encoding="utf-8"))["spec"]
    return found


def arguments(file: str) -> list[str]:
    (container,) = job(file)["template"]["spec"]["containers"]
    return [str(one) for one in container["args"]]


@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_takes_them(version: str) -> None:
    """By its own schemas, strictly; a kind that is not known would only warn."""
    assert len(FILES) == 11
    done = subprocess.run(
        [str(VALIDATE), "-k", version, "--strict", *map(str, FILES)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARN" not in done.stdout + done.stderr


@pytest.mark.parametrize("folder", ["training", "videos", "loadtest"])
def test_kustomize_is_told_of_every_file(folder: str) -> None:
    """One that is forgotten would not be applied."""
    told = yaml.safe_load((JOBS / folder / "kustomization.yaml").read_text(encoding="utf-8"))
    there = {path.name for path in (JOBS / folder).glob("*.yaml")} - {"kustomization.yaml"}
    assert told["resources"] == sorted(there)
    assert told["namespace"] == "mien"


def test_the_training_is_split_among_all_of_its_pods() -> None:
    """Pods, nodes and the recipe's batch fit; the program understands its line."""
    spec, line = job("training/job.yaml"), arguments("training/job.yaml")
    assert spec["completions"] == spec["parallelism"] > 1
    assert f"--nnodes={spec['completions']}" in line
    begin = line.index("mien_training.train") + 1
    asked = train_parser().parse_args(line[begin:])
    assert asked.framework == "pytorch"
    Peers(0, spec["completions"]).stretch(load_recipe(ROOT / asked.config, []).batch_size)


def test_the_videos_are_shared_among_all_indexes() -> None:
    """No share is left out, and each exit status has the consequence that it should."""
    spec, line = job("videos/job.yaml"), arguments("videos/job.yaml")
    asked = bulk_parser().parse_args([one.replace("$(INDEX)", "0") for one in line])
    assert asked.of == spec["completions"]
    rules = spec["podFailurePolicy"]["rules"]
    actions = {
        status: rule["action"]
        for rule in rules
        for status in rule.get("onExitCodes", {}).get("values", [])
    }
    assert actions == {SOME_FAILED: "FailIndex", MISUSED: "FailJob"}


def test_the_master_waits_for_all_of_its_workers() -> None:
    """And both ask the Service that the other one is behind."""
    workers = job("loadtest/workers.yaml")
    assert f"--expect-workers={workers['completions']}" in arguments("loadtest/master.yaml")
    assert workers["parallelism"] == workers["completions"]
    service = yaml.safe_load((JOBS / "loadtest" / "service.yaml").read_text(encoding="utf-8"))
    labels = job("loadtest/master.yaml")["template"]["metadata"]["labels"]
    assert service["spec"]["selector"].items() <= labels.items()
    assert f"--master-host={service['metadata']['name']}" in arguments("loadtest/workers.yaml")
