"""What pods are told is what the services listen to."""

import io
import os
import re
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr
from functools import cache
from typing import Any
from unittest.mock import patch

from pydantic import AliasChoices, ValidationError
from pydantic_settings import BaseSettings

from mien_detector.settings import Settings as DetectorSettings
from mien_gateway.auth.startup_checks import PreconditionError, check_preconditions
from mien_gateway.http.hosts import is_allowed
from mien_gateway.settings import Settings as GatewaySettings
from mien_tf_serving.flags import parse_flags
from mien_torch_serving.settings import TorchServeSettings
from tests.k8s.rendering import Manifest, Rendering, name_of
from tests.unit.tf_serving.test_dockerfile import DOCUMENTED

SETTINGS: dict[str, type[BaseSettings]] = {
    "gateway": GatewaySettings,
    "face-detector": DetectorSettings,
    "torch-serving": TorchServeSettings,
}
_OFFICIAL, _EMBEDDED = {"serving", "tf-serving"}, "tf-serving-embedded"
_FLAGS = DOCUMENTED | {"enable_grpc_healthcheck_service"}
_SECRET = "x" * 32
NAMESPACE = "mien"
_REFERENCE = re.compile(r"\$\(([A-Z_]+)\)")
# TorchServe took 4 s, as its README says; a busy machine takes longer. TensorFlow Serving and
# Redis stop at once.
_TORCHSERVE_STOP_SECONDS = 10


def known_settings(rendering: Rendering) -> Iterator[str]:
    """Every MIEN_ variable is a setting of the service that gets it, and lets it start."""
    for workload in rendering.workloads:
        for container in workload.all_containers:
            service = SETTINGS.get(image_name(container))
            given = environment(rendering, container)
            ours = {name: value for name, value in given.items() if name.startswith("MIEN_")}
            if service is None:
                if ours and workload.stays:
                    yield f"{workload} {container['name']}: nobody knows what reads {min(ours)}"
                continue
            for name in sorted(ours.keys() - variables(service)):
                yield f"{workload} {container['name']}: {name} is no setting of it"
            for text in _refused(service, ours):
                yield f"{workload} {container['name']}: {text}"


def allowed_hosts(rendering: Rendering) -> Iterator[str]:
    """The gateway answers to every name that leads to it."""
    (config,) = (one for one in rendering.of("ConfigMap") if name_of(one).endswith("-gateway"))
    allowed = config["data"]["MIEN_GATEWAY_ALLOWED_HOSTS"].split(",")
    for name in _names_of_gateway(rendering):
        if not is_allowed(name, allowed):
            yield f"{name} leads to the gateway, which does not answer to it"


def _names_of_gateway(rendering: Rendering) -> Iterator[str]:
    for route in rendering.of("HTTPRoute"):
        yield from route["spec"].get("hostnames", ["any.example.org"])
    for ingress in rendering.of("Ingress"):
        yield from (rule["host"] for rule in ingress["spec"]["rules"] if _is_rest(rule))
    for service in rendering.of("Service"):
        name, namespace = service["metadata"]["name"], NAMESPACE
        if name.endswith("-gateway"):
            yield from (name, f"{name}.{namespace}", f"{name}.{namespace}.svc")
            yield f"{name}.{namespace}.svc.cluster.local"


def _is_rest(rule: Manifest) -> bool:
    return bool(rule["http"]["paths"][0]["backend"]["service"]["port"].get("name") == "http")


def tensorflow_flags(rendering: Rendering) -> Iterator[str]:
    """The model server is started with flags that it documents, the embedded one that it reads."""
    for workload in rendering.workloads:
        for container in workload.containers:
            arguments = container.get("args", [])
            if image_name(container) == _EMBEDDED:
                yield from (f"{workload}: {text}" for text in _not_read(arguments))
            if image_name(container) not in _OFFICIAL:
                continue
            for argument in arguments:
                flag = re.match(r"--([a-z_0-9]+)(=|$)", argument)
                if flag is None or flag[1] not in _FLAGS:
                    yield f"{workload} {container['name']}: {argument} is no flag of it"


def _not_read(arguments: list[str]) -> list[str]:
    said = io.StringIO()
    try:
        with redirect_stderr(said):
            parse_flags(arguments)
    except SystemExit:
        return [said.getvalue().splitlines()[-1]]
    return []


def tensorflow_leaves_room(rendering: Rendering) -> Iterator[str]:
    """TensorFlow takes all of a GPU's memory at once unless it is told not to."""
    for workload in rendering.workloads:
        for container in workload.containers:
            if image_name(container) not in _OFFICIAL or not workload.gpus:
                continue
            flags = " ".join(container.get("args", []))
            grows = environment(rendering, container).get("TF_FORCE_GPU_ALLOW_GROWTH") == "true"
            if not grows and "--per_process_gpu_memory_fraction=" not in flags:
                yield f"{workload} {container['name']}: takes the whole GPU's memory"


def substitutions(rendering: Rendering) -> Iterator[str]:
    """What `$(NAME)` stands for is a variable that is set, and set before."""
    for workload in rendering.workloads:
        for container in workload.all_containers:
            known: set[str] = set()
            used: list[str] = []
            for variable in container.get("env", []):
                used += set(_REFERENCE.findall(variable.get("value", ""))) - known
                known.add(variable["name"])
            for argument in [*container.get("command", []), *container.get("args", [])]:
                used += set(_REFERENCE.findall(argument)) - known
            for name in used:
                yield f"{workload} {container['name']}: $({name}) stands for nothing"


def image_name(container: Manifest) -> str:
    """Return the last part of an image's name."""
    return str(container.get("image", "")).rpartition("/")[2].partition("@")[0].partition(":")[0]


def environment(rendering: Rendering, container: Manifest) -> dict[str, str]:
    """Return a container's variables; those from Secrets count as some long text."""
    data = {config["metadata"]["name"]: config["data"] for config in rendering.of("ConfigMap")}
    found: dict[str, str] = {}
    for source in container.get("envFrom", []):
        found |= data.get(source.get("configMapRef", {}).get("name"), {})
    for variable in container.get("env", []):
        source = variable.get("valueFrom", {})
        value = variable.get("value", "1" if "resourceFieldRef" in source else _SECRET)
        if reference := source.get("configMapKeyRef"):
            value = data.get(reference["name"], {}).get(reference["key"], _SECRET)
        found[variable["name"]] = _REFERENCE.sub(_SECRET, value)
    return found


@cache
def variables(service: type[BaseSettings]) -> frozenset[str]:
    """Return the names that a service reads from its environment."""
    prefix = service.model_config["env_prefix"]
    return frozenset(
        _alias(field.validation_alias) or f"{prefix}{name}".upper()
        for name, field in service.model_fields.items()
    )


def _alias(alias: Any) -> str | None:
    if isinstance(alias, AliasChoices):
        return next(str(choice) for choice in alias.choices if str(choice).isupper())
    return alias if isinstance(alias, str) else None


def _refused(service: type[BaseSettings], given: dict[str, str]) -> list[str]:
    """Return why a service would not start with these variables."""
    references = {name for name, value in given.items() if value == _SECRET}
    try:
        settings = _read(service, tuple(sorted(given.items())))
        if isinstance(settings, GatewaySettings):
            check_preconditions(settings)
    except PreconditionError as error:
        return [str(error)]
    except ValidationError as error:
        return [
            f"{'.'.join(map(str, one['loc']))}: {one['msg']}"
            for one in error.errors()
            if not any(name.lower().endswith(str(one["loc"][0]).lower()) for name in references)
        ]
    return []


@cache
def _read(service: type[BaseSettings], given: tuple[tuple[str, str], ...]) -> BaseSettings:
    with patch.dict(os.environ, dict(given), clear=True):
        return service()


def drain_seconds(rendering: Rendering, container: Manifest) -> float:
    """Return how long a container takes to end after SIGTERM, at the longest."""
    count = _STOPS.get(image_name(container))
    return count(environment(rendering, container)) if count else 0


def _gateway_stop(given: dict[str, str]) -> float:
    drain = float(given.get("MIEN_GATEWAY_DRAIN_SECONDS", 0))
    shutdown = GatewaySettings.model_fields["shutdown_seconds"].default
    return drain + float(given.get("MIEN_GATEWAY_SHUTDOWN_SECONDS", shutdown))


def _detector_stop(given: dict[str, str]) -> float:
    grace = DetectorSettings.model_fields["grace_seconds"].default
    return float(given.get("MIEN_DETECTOR_GRACE_SECONDS", grace))


_STOPS: dict[str, Callable[[dict[str, str]], float]] = {
    "gateway": _gateway_stop,
    "face-detector": _detector_stop,
    "torch-serving": lambda _: _TORCHSERVE_STOP_SECONDS,
}
