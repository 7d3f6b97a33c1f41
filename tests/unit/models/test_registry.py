from pathlib import Path
from typing import Any

import pytest
import yaml

from mien_models import Framework, RegistryError, load_registry

ROOT = Path(__file__).resolve().parents[3]


def entry(**changes: Any) -> dict[str, Any]:
    return {
        "name": "fer2013-squeezenet",
        "version": 1,
        "dataset": "fer2013",
        "architecture": "squeezenet",
        "input": {"height": 48, "width": 48, "channels": 1},
        "labels": ["happy", "sad"],
        "frameworks": ["pytorch", "tensorflow"],
        "weights": {"path": "weights.safetensors", "sha256": "0" * 64},
        "metrics": {"accuracy": 0.5},
        "licence": "Apache-2.0",
    } | changes


def write(folder: Path, *entries: dict[str, Any]) -> Path:
    path = folder / "registry.yaml"
    path.write_text(yaml.safe_dump({"models": list(entries)}), encoding="utf-8")
    return path


def test_the_repository_s_registry_is_sound() -> None:
    """Every listed model has its weights, with the registered hash."""
    registry = load_registry(ROOT / "models" / "registry.yaml")
    for model in registry.models:
        model.verify_weights()


def test_a_model_is_served_under_one_name_per_framework(tmp_path: Path) -> None:
    """The twins' names differ in the framework only."""
    registry = load_registry(write(tmp_path, entry()))
    assert [served.name for served in registry.served()] == [
        "fer2013-squeezenet-pytorch",
        "fer2013-squeezenet-tensorflow",
    ]
    found = registry.find("fer2013-squeezenet-tensorflow")
    assert found is not None
    assert found.framework is Framework.TENSORFLOW


def test_an_unknown_name_is_none(tmp_path: Path) -> None:
    """Asking for a model that is not listed is no error of the registry."""
    assert load_registry(write(tmp_path, entry())).find("fer2013-vgg16-pytorch") is None


@pytest.mark.parametrize("field", sorted(set(entry()) - {"metrics"}))
def test_a_missing_field_is_named(tmp_path: Path, field: str) -> None:
    """Whoever forgets a field learns which, and in which model."""
    broken = entry()
    del broken[field]
    with pytest.raises(RegistryError, match=field):
        load_registry(write(tmp_path, broken))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"frameworks": ["caffe"]}, r"frameworks\.0: .*'pytorch'"),
        ({"frameworks": []}, r"frameworks: "),
        ({"name": "my-model"}, "must be called fer2013-squeezenet"),
        ({"name": None}, r"models\.0\.name: "),
        ({"input": {"height": 48}}, r"input\.width: "),
        ({"input": {"height": 48, "width": 0, "channels": 1}}, r"input\.width: "),
        ({"input": None}, r"models\.fer2013-squeezenet\.input: "),
        ({"version": "one"}, r"models\.fer2013-squeezenet\.version: "),
        ({"version": -1}, r"version: "),
        ({"labels": "happy"}, r"labels: "),
        ({"labels": ["happy", False]}, r"labels\.1: "),
        ({"labels": ["happy", "happy"]}, r"labels: .*more than once"),
        ({"weights": {"path": "weights", "sha256": None}}, r"weights\.sha256: "),
        ({"weights": {"path": "a\0b", "sha256": "0" * 64}}, "null"),
        ({"metrics": None}, r"models\.fer2013-squeezenet\.metrics: "),
        ({"metrics": {"accuracy": None}}, r"metrics\.accuracy: "),
        ({"metrics": {"accuracy": float("nan")}}, r"metrics\.accuracy: "),
        ({"metric": {}}, r"models\.fer2013-squeezenet\.metric: "),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    """In one sentence, by its path in the file."""
    with pytest.raises(RegistryError, match=said) as caught:
        load_registry(write(tmp_path, entry(**changes)))
    assert "\n" not in str(caught.value)


def test_a_name_may_stand_once_only(tmp_path: Path) -> None:
    """Two models of one name would shadow each other."""
    with pytest.raises(RegistryError, match="more than once"):
        load_registry(write(tmp_path, entry(), entry()))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"models: []",
        b"models: 3",
        b"- 1",
        b"a: [",
        b"models:\n  - 1",
        b"models:\n- \xff",
        b"models: \x00",
        b"models: 2026-99-99",
        b"[" * 5000,
    ],
    ids=lambda content: repr(content[:12]),
)
def test_what_is_no_registry_is_refused(tmp_path: Path, content: bytes) -> None:
    """Nonsense is a RegistryError of one line, never another exception."""
    path = tmp_path / "registry.yaml"
    path.write_bytes(content)
    with pytest.raises(RegistryError, match=r"registry\.yaml") as caught:
        load_registry(path)
    assert "\n" not in str(caught.value)


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """A folder in the file's place, or one that may not be entered."""
    with pytest.raises(RegistryError, match="Is a directory"):
        load_registry(tmp_path)


def test_a_missing_registry_is_refused(tmp_path: Path) -> None:
    """The path that was looked for is named."""
    with pytest.raises(RegistryError, match=r"registry\.yaml is missing"):
        load_registry(tmp_path / "registry.yaml")


def test_changed_weights_are_refused(tmp_path: Path) -> None:
    """Weights that are not the registered ones never get served."""
    (tmp_path / "weights.safetensors").write_bytes(b"other")
    (model,) = load_registry(write(tmp_path, entry())).models
    with pytest.raises(RegistryError, match="SHA-256"):
        model.verify_weights()


def test_missing_weights_are_refused(tmp_path: Path) -> None:
    """The missing file is named."""
    (model,) = load_registry(write(tmp_path, entry())).models
    with pytest.raises(RegistryError, match=r"weights\.safetensors is missing"):
        model.verify_weights()
