"""models.config: what it may say, and what is said when it is wrong."""

from pathlib import Path

import pytest

from mien_tf_serving.config_files import VersionPolicy, read_models
from mien_tf_serving.errors import ConfigError

ONE = 'config { name: "m" base_path: "/models/m" model_platform: "tensorflow" %s }'


def write(folder: Path, *entries: str) -> Path:
    path = folder / "models.config"
    path.write_text("model_config_list {" + "\n".join(entries) + "}", encoding="utf-8")
    return path


def test_a_model_is_read_with_its_labels(tmp_path: Path) -> None:
    """Name, folder and labels come as written."""
    (model,) = read_models(write(tmp_path, ONE % 'version_labels { key: "stable" value: 3 }'))
    assert (model.name, model.base_path) == ("m", Path("/models/m"))
    assert model.labels == {"stable": 3}


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("", {9}),
        ("model_version_policy { latest { num_versions: 2 } }", {4, 9}),
        ("model_version_policy { all {} }", {1, 4, 9}),
        ("model_version_policy { specific { versions: 1 versions: 7 } }", {1}),
    ],
)
def test_the_policy_chooses_versions(tmp_path: Path, text: str, chosen: set[int]) -> None:
    """The newest one by default; else the newest few, all, or those named and there."""
    (model,) = read_models(write(tmp_path, ONE % text))
    assert model.policy.choose({1, 4, 9}) == chosen


def test_the_newest_is_the_highest_number_not_the_longest_text() -> None:
    """Version 10 comes after version 9."""
    assert VersionPolicy().choose({9, 10}) == {10}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("model_config_list { config { nam: 'm' } }", "not a text ModelServerConfig"),
        ("custom_model_config {}", "custom model config"),
        (
            "model_config_list {config {name: 'm' base_path: 'm' model_platform: 'tensorflow'}}",
            "absolute path",
        ),
        ("model_config_list { config { name: 'm' base_path: '/m' } }", "model_platform"),
        (
            "model_config_list { config { base_path: '/m' model_platform: 'tensorflow' } }",
            "needs a name",
        ),
        (f"model_config_list {{ {ONE % ''} {ONE % ''} }}", "m multiple times"),
        (
            "model_config_list {" + ONE % "model_version_policy { specific {} }" + "}",
            "specific versions but names none",
        ),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(
    tmp_path: Path, text: str, complaint: str
) -> None:
    """Whoever wrote it learns which file and why."""
    path = tmp_path / "models.config"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=complaint) as caught:
        read_models(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A wrong --model_config_file is the commonest mistake."""
    with pytest.raises(ConfigError, match=r"absent\.config"):
        read_models(tmp_path / "absent.config")
