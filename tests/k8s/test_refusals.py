"""Values that contradict each other are refused with the remedy."""

import pytest

from tests.k8s.programs import CASES, NEWEST, template

GPUS = "modelPools[0].device=gpu,modelPools[0].gpu.ceiling=1"
POOL = "modelPools[0].name=a,modelPools[0].framework=pytorch,modelPools[0].server=torchserve"


@pytest.mark.parametrize(
    ("setting", "remedy"),
    [
        ("gateway.profile=production", "intendedPurpose"),
        ("gateway.profile=production,apiKeys.existingSecret=", "make_key"),
        ("apiKeys.existingSecret=", "allowAnonymous"),
        ("intendedPurpose=workplace", "medicalOrSafety"),
        ("worker.enabled=true", "spool.shared"),
        ("redis.mode=external", "existingSecret"),
        ("models.source=fetch", "sha256"),
        ("models.source=pvc", "existingClaim"),
        ("tracing.endpoint=http://collector:4318", "tracing.peers"),
        ("gatewayApi.enabled=true", "parentRefs"),
        ("gateway.autoscaling.min=20", "max must not be less"),
        ("modelPools[0].server=embedded", "framework"),
        (f"{POOL},{GPUS},modelPools[0].replicas=2", "gpu.ceiling"),
        (f"{POOL},modelPools[0].autoscaling.kind=keda", "prometheus.url"),
        (
            f"{POOL},modelPools[0].autoscaling.kind=hpa,modelPools[0].autoscaling.min=0",
            "min",
        ),
        (f"{POOL},modelPools[0].models[0]=vgg", "registry has no model vgg"),
        ("images.gateway.tag=latest", "version or a digest"),
    ],
)
def test_the_remedy_is_named(setting: str, remedy: str) -> None:
    """Rather than something that does not start."""
    done = template("helm4", "default", NEWEST, "--set", setting)
    assert done.returncode != 0
    assert remedy in done.stderr


def test_the_default_needs_nothing() -> None:
    """So what is refused above is refused for that setting."""
    assert "default" in CASES
    assert template("helm4", "default", NEWEST).returncode == 0
