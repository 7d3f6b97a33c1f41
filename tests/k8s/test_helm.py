"""The chart is one that Helm 3 and Helm 4 both take, and render alike."""

from functools import cache
from pathlib import Path

import pytest

from tests.k8s.programs import (
    CASES,
    CHART,
    HELMS,
    NAMESPACE,
    NEWEST,
    RELEASE,
    VERSIONS,
    rendered,
    rendering,
    run,
    template,
    values,
)
from tests.k8s.report import Report

NOTHING_DRAWN = "cacheKey.existingSecret=a,redis.auth.existingSecret=a"


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("helm", HELMS)
def test_lint_is_content(helm: str, case: str) -> None:
    """Warnings count as failures."""
    done = run(helm, "lint", "--strict", "--kube-version", NEWEST, *values(case), CHART)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "[WARNING]" not in done.stdout


@pytest.mark.parametrize("kubernetes", VERSIONS)
@pytest.mark.parametrize("case", CASES)
def test_both_helms_render_the_same(case: str, kubernetes: str, report: Report) -> None:
    """Byte for byte, but for secrets that are drawn anew each time."""
    assert rendered("helm3", case, kubernetes) == rendered("helm4", case, kubernetes)
    report.count(rendering(case, kubernetes))


@pytest.mark.parametrize("case", CASES)
def test_nothing_is_rendered_that_is_not_there(case: str) -> None:
    """Go writes such things where a value or an argument is missing."""
    for text in (rendered("helm4", case, NEWEST), notes(case)):
        assert "<no value>" not in text
        assert "%!" not in text


@pytest.mark.parametrize("case", CASES)
def test_the_notes_say_how_to_go_on(case: str) -> None:
    """How to watch it start, to test and to reach it, and what is not secure."""
    text = notes(case)
    for words in ("get pods", f"test {RELEASE}", "How to reach it", "not secure"):
        assert words in text


@cache
def notes(case: str) -> str:
    """Return what helm tells who installs the chart; Helm 3 needs a cluster for that."""
    where = ["--namespace", NAMESPACE, "--dry-run=client"]
    done = run("helm4", "install", RELEASE, CHART, *where, *values(case))
    assert done.returncode == 0, done.stderr
    return done.stdout.partition("NOTES:")[2]


@pytest.mark.parametrize("helm", HELMS)
def test_the_chart_can_be_packed(helm: str, tmp_path: Path) -> None:
    """And renders the same from its package."""
    done = run(helm, "package", CHART, "--destination", tmp_path)
    assert done.returncode == 0, done.stderr
    (package,) = tmp_path.glob("mien-*.tgz")
    options = ["--namespace", NAMESPACE, "--kube-version", NEWEST, "--set", NOTHING_DRAWN]
    texts = [run(helm, "template", RELEASE, one, *options).stdout for one in (package, CHART)]
    assert texts[0] == texts[1] != ""


@pytest.mark.parametrize("helm", HELMS)
@pytest.mark.parametrize(
    ("setting", "named"),
    [
        ("gatewey.replicas=2", "gatewey"),
        ("gateway.replica=2", "replica"),
        ("gateway.replicas=two", "replicas"),
        ("gateway.profile=debug", "profile"),
        ("modelPools[0].name=a", "framework"),
        ("models.source=git", "source"),
        ("redis.mode=cluster", "mode"),
    ],
)
def test_values_that_mean_nothing_are_refused(helm: str, setting: str, named: str) -> None:
    """A typo never passes for a setting."""
    done = template(helm, "default", NEWEST, "--set", setting)
    assert done.returncode != 0
    assert named in done.stderr
