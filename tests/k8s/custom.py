"""Schemas of the kinds that Kubernetes itself does not know, and of those that it does."""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml
from jsonschema import Draft202012Validator
from kubernetes_validate import utils
from referencing import Registry, Resource

from tests.k8s.rendering import Manifest, name_of

# It reads the 1.5 MB of a version's definitions for each object; once is enough.
utils.schema_contents = cache(utils.schema_contents)
FOLDER = Path(__file__).parent / "schemas"


@cache
def schemas() -> dict[str, Draft202012Validator]:
    """Return a validator per custom kind, by its name in lower case."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.yaml")}
    loaded = {name: yaml.safe_load(text) for name, text in texts.items()}
    resources = [
        Resource.from_contents({"$schema": Draft202012Validator.META_SCHEMA["$id"], **schema})
        for schema in loaded.values()
    ]
    registry: Registry[Any] = resources @ Registry()
    return {
        name: Draft202012Validator(schema, registry=registry)
        for name, schema in loaded.items()
        if name != "metadata"
    }


def faults(objects: Iterable[Manifest], kubernetes: str) -> list[str]:
    """Return what a cluster of this version would refuse; a kind without schema is a fault."""
    return [fault for one in objects for fault in _faults(json.dumps(one), kubernetes)]


@cache
def _faults(text: str, kubernetes: str) -> list[str]:
    """Return the faults of one object; many are the same in many renderings."""
    manifest = json.loads(text)
    own = schemas().get(manifest["kind"].lower())
    if own is not None:
        found = own.iter_errors(manifest)
        return [f"{name_of(manifest)}: {one.json_path}: {one.message}" for one in found]
    try:
        kubernetes_validate.validate(manifest, kubernetes, strict=True)
    except kubernetes_validate.ValidationError as error:
        return [f"{name_of(manifest)}: {error.json_path}: {error.message}"]
    except kubernetes_validate.SchemaNotFoundError as error:
        return [f"{name_of(manifest)}: {error.message}"]
    return []
