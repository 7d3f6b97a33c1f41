"""The ways that are open are those of the design's picture, each of them and no other."""

import copy

import pytest

from tests.k8s.programs import rendering
from tests.k8s.rendering import Rendering, name_of
from tests.k8s.rules.network import edges

# The picture: callers outside, the gateway, and what lies behind it.
PICTURE = {
    "<ingress-nginx> -> gateway:8000",
    "<ingress-nginx> -> gateway:9000",
    "gateway -> detector:50051",
}
PYTORCH = {"gateway -> {pool}:7070", "gateway -> {pool}:8080"}
TENSORFLOW = {"gateway -> {pool}:8500"}
REDIS = {"gateway -> redis:6379"}
# What the picture leaves out: names, and what operators ask for.
NAMES = "{part} -> <kube-system/kube-dns>:53"


def of_pools(ways: set[str], *pools: str) -> set[str]:
    """Return the ways to each of some pools."""
    return {way.format(pool=pool) for way in ways for pool in pools}


def asks_names(*parts: str) -> set[str]:
    """Return each part's way to the cluster's names."""
    return {NAMES.format(part=part) for part in parts}


def test_the_default_is_the_picture() -> None:
    """Gateway, detector, a pool per framework, Redis."""
    parts = {"gateway", "detector", "redis", "torchserve-cpu", "tensorflow-cpu"}
    expected = PICTURE | REDIS | asks_names(*parts)
    expected |= of_pools(PYTORCH, "torchserve-cpu") | of_pools(TENSORFLOW, "tensorflow-cpu")
    expected |= {
        "<monitoring> -> gateway:8000",
        "<monitoring> -> torchserve-cpu:8082",
        "<monitoring> -> tensorflow-cpu:8501",
    }
    assert of_parts(edges(rendering("default"))) == expected


def test_with_everything_each_way_has_a_reason() -> None:
    """Workers, an object store and a collector of traces come in, and nothing besides."""
    pytorch = {"torchserve-keda", "torchserve-gpu"}
    tensorflow = {"tensorflow-gpu", "tensorflow-hpa", "tensorflow-canary"}
    expected = PICTURE | REDIS | of_pools(PYTORCH, *pytorch) | of_pools(TENSORFLOW, *tensorflow)
    # A worker is a gateway that nobody calls.
    expected |= {
        way.replace("gateway ->", "worker ->") for way in expected if "> gateway" not in way
    }
    expected |= asks_names("gateway", "worker", "detector", "redis", *pytorch, *tensorflow)
    expected |= {f"{pool} -> 192.0.2.0/24:443" for pool in pytorch | tensorflow}
    expected |= {f"{part} -> <observability>:4318" for part in ("gateway", "worker", "detector")}
    expected |= {f"<monitoring> -> {pool}:8082" for pool in pytorch}
    expected |= {f"<monitoring> -> {pool}:8501" for pool in tensorflow - {"tensorflow-canary"}}
    expected |= {"<monitoring> -> gateway:8000"}
    assert of_parts(edges(rendering("test-everything"))) == expected


def test_a_foreign_redis_is_reached_where_it_is() -> None:
    """And no other address is."""
    found = edges(rendering("test-foreign"))
    assert {way for way in found if "." in way} == {"gateway -> 198.51.100.7/32:6380"}


def of_parts(ways: set[str]) -> set[str]:
    """Leave out what only `helm test` runs."""
    return {way for way in ways if not way.startswith("test")}


def test_helm_tests_reach_only_what_they_ask() -> None:
    """Their pods call as a client would, and ask each server how it is."""
    ways = {way for way in edges(rendering("default")) if way.startswith("test")}
    assert ways == asks_names("test") | {
        "test -> gateway:8000",
        "test -> gateway:9000",
        "test -> detector:50051",
    }


@pytest.mark.parametrize(
    ("policy", "path", "value", "way"),
    [
        ("detector", "ingress", [{}], "anyone -> detector:any"),
        ("gateway", "egress", [{}], "gateway -> anyone:any"),
        (
            "torchserve-cpu",
            "ingress",
            [{"ports": [{"port": 8082}]}],
            "anyone -> torchserve-cpu:8082",
        ),
    ],
)
def test_a_way_that_is_opened_is_seen(policy: str, path: str, value: object, way: str) -> None:
    """So that the lists above mean something."""
    whole = rendering("default")
    objects = copy.deepcopy(whole.objects)
    changed = next(one for one in objects if name_of(one) == f"NetworkPolicy/mien-{policy}")
    changed["spec"][path] = value
    assert way in edges(Rendering(whole.case, whole.kubernetes, objects))
