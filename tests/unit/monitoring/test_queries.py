"""Rules and dashboard speak only of what there is."""

import re
from itertools import chain

import pytest

from mien_gateway import errors
from mien_gateway.clients.face_detector import PART
from mien_gateway.errors import CallerError, RateLimitedError, ShuttingDownError, concrete_errors
from mien_gateway.readiness import REDIS
from mien_gateway.settings import Settings
from tests.fakes import monitoring, promql
from tests.running_system import ROOT

EXPRESSIONS = list(monitoring.expressions())


def known() -> dict[str, set[str]]:
    return monitoring.exported() | monitoring.recorded() | monitoring.FOREIGN


def test_the_expressions_are_found() -> None:
    """An empty list would make all that follows true."""
    assert len(EXPRESSIONS) > 60
    assert "mien_gateway_video_jobs_total" in monitoring.exported()
    assert monitoring.exported()["mien_gateway_requests_total"] == {"transport", "model", "outcome"}


def test_an_expression_is_taken_apart() -> None:
    """The reader of expressions sees names, matchers and groupings, and nothing else."""
    query = promql.parse(
        'sum by (le, part) (rate(a_bucket{x=~"b|c{}",y!="d"}[5m])) / on (z) a:b:rate5m > bool 14.4 '
        'or label_replace(up{job="a"}, "made", "$1", "job", "(.*)") and absent(:c:d) * 1e3'
    )
    assert query.metrics == {
        "a_bucket": {"x", "y"},
        "a:b:rate5m": set(),
        "up": {"job"},
        ":c:d": set(),
    }
    assert query.groupings == {"le", "part", "z"}
    assert promql.parse('sum by (made) (label_replace(a, "made", "", "", ""))').groupings == set()


@pytest.mark.parametrize(("where", "expression"), EXPRESSIONS)
def test_every_metric_and_label_is_one_that_is_exported(where: str, expression: str) -> None:
    """A name with a slip of the pen never fires, and nobody notices."""
    query, there = promql.parse(expression), known()
    assert query.metrics, f"{where}: nothing is asked for"
    for name, labels in query.metrics.items():
        assert name in there, f"{where}: nobody exports {name}"
        assert labels <= there[name] | monitoring.TARGET_LABELS, f"{where}: {name} has no {labels}"
    possible = set(chain.from_iterable(there[name] for name in query.metrics))
    assert query.groupings <= possible | monitoring.TARGET_LABELS, where


@pytest.mark.parametrize(("where", "expression"), EXPRESSIONS)
def test_no_expression_names_a_job_or_a_namespace(where: str, expression: str) -> None:
    """The same files hold for Compose, which has no namespaces, and for any release's names."""
    named = re.findall(r'\b(?:job|instance|namespace|pod)\s*(?:=~|!~|!=|=)\s*"([^"]*)"', expression)
    assert set(named) <= {"$namespace"}, where


def test_only_mien_and_the_listed_others_are_asked_for() -> None:
    """The list of foreign metrics holds none that nothing asks for."""
    asked = {name for _, text in EXPRESSIONS for name in promql.parse(text).metrics}
    assert set(monitoring.FOREIGN) <= asked


def test_everything_that_a_gateway_tells_is_on_the_dashboard_or_in_a_rule() -> None:
    """A metric that nobody looks at was forgotten in one of the two places."""
    asked = {name for _, text in EXPRESSIONS for name in promql.parse(text).metrics}
    base = {re.sub(r"_(bucket|sum|count)$", "", name) for name in asked}
    told = {re.sub(r"_(bucket|sum|count)$", "", name) for name in monitoring.exported()}
    assert told - base == set()


def test_the_chart_names_no_metric_that_is_not_exported() -> None:
    """What pods are scaled on is exported, too."""
    pattern = re.compile(
        r"\b(?:namespace:)?mien_(?:gateway|requests)_\w*[a-z](?::\w+)?\b(?!\*)|\bDCGM_FI_\w+"
    )
    # What an adapter of custom metrics is told to call the answer to a query of its own.
    answers = re.compile(r"\bas: (\w+)")
    python = {path.stem for path in (ROOT / "services" / "gateway").rglob("mien_gateway*")}
    suffixes = {".yaml", ".yml", ".tpl", ".json", ".md"}
    paths = [path for path in (ROOT / "k8s").rglob("*") if path.suffix in suffixes]
    texts = {path: path.read_text(encoding="utf-8") for path in paths}
    allowed = {
        *known(),
        *python,
        *(name for text in texts.values() for name in answers.findall(text)),
    }
    assert {
        path: unknown
        for path, text in texts.items()
        if (unknown := set(pattern.findall(text)) - allowed)
    } == {}


def test_faults_of_ours_are_those_that_callers_cannot_mend() -> None:
    """A new error must be counted, or left out with a reason."""
    left_out = CallerError, RateLimitedError, ShuttingDownError
    ours = {error.code for error in concrete_errors() if not issubclass(error, left_out)}
    ours.add(errors.outcome_of(ValueError()))
    failed = next(
        rule["expr"]
        for rule in monitoring.rules()
        if rule.get("record") == "namespace:mien_requests_failed:rate5m"
    )
    found = re.search(r'outcome=~"([^"]*)"', failed)
    assert found
    assert found[1].split("|") == sorted(ours)
    readme = (monitoring.FOLDER / "README.md").read_text(encoding="utf-8")
    objectives = readme.split("## Objectives")[1].split("## Alerts")[0]
    assert set(re.findall(r"`(\w+)`", objectives)) == ours


def test_names_and_limits_that_rules_repeat_are_the_gateways_own() -> None:
    """Nothing but this test would notice if one of the two changed."""
    text = monitoring.RULES.read_text(encoding="utf-8")
    assert PART == "face-detector"
    assert REDIS == "redis"
    assert f"200 of the {Settings().max_in_flight} that" in text
    assert f"80 of the {Settings().max_videos_queued} that" in text
    assert set(re.findall(r'le="([^"]*)"', text)) == {"0.5"}
    assert f'outcome!="{errors.CANCELLED}"' in text
