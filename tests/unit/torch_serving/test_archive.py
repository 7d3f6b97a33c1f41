import json
import zipfile
from pathlib import Path

import pytest
import yaml

from mien_models import Model, load_registry
from mien_torch_serving.archive import contents
from mien_torch_serving.archive.__main__ import main
from mien_torch_serving.archive.build import build
from mien_torch_serving.archive.contents import served_here
from mien_torch_serving.errors import ArchiveError, UnknownModelsError
from mien_torch_serving.settings import TorchServeSettings
from tests.fakes.torch_model import LABELS, SERVED_NAME, build_tiny, write_registry


def test_an_archive_holds_model_handler_metadata_and_configuration(
    settings: TorchServeSettings,
) -> None:
    """Everything that a worker needs travels together, under the registry's name and version."""
    build_tiny(settings)
    with zipfile.ZipFile(settings.store / f"{SERVED_NAME}.mar") as archive:
        manifest = json.loads(archive.read("MAR-INF/MANIFEST.json"))["model"]
        metadata = json.loads(archive.read("metadata.json"))
        config = yaml.safe_load(archive.read(manifest["configFile"]))
        files = {manifest["serializedFile"], manifest["handler"], "face_requests.py"}
        assert files <= set(archive.namelist())
    assert (manifest["modelName"], manifest["modelVersion"]) == (SERVED_NAME, "3")
    assert metadata["input"] == {"height": 48, "width": 48, "channels": 1}
    assert metadata["labels"] == list(LABELS)
    assert config["batchSize"] == settings.batch_size
    assert config["handler"]["threads"] == settings.threads


def test_only_pytorch_models_get_an_archive(settings: TorchServeSettings) -> None:
    """The TensorFlow twin is none of TorchServe's business."""
    build_tiny(settings)
    assert [path.name for path in settings.store.glob("*.mar")] == [f"{SERVED_NAME}.mar"]


def test_what_is_up_to_date_is_not_built_again(settings: TorchServeSettings) -> None:
    """A second run exports nothing."""
    build_tiny(settings)

    def refuse(model: Model, out: Path) -> None:
        raise AssertionError((model, out))

    said: list[str] = []
    build(load_registry(settings.registry), settings, said.append, refuse)
    assert said == [f"{SERVED_NAME}.mar is up to date"]


def test_changed_settings_or_a_new_version_build_again(settings: TorchServeSettings) -> None:
    """Whatever is packed into the archive decides whether it is up to date."""
    build_tiny(settings)
    more_threads = settings.model_copy(update={"threads": 2})
    assert "exporting" in build_tiny(more_threads)[0]
    write_registry(settings.registry.parent, version=4)
    assert "version 4" in build_tiny(more_threads)[0]


@pytest.mark.parametrize("part", ["HANDLER", "READER"])
def test_changed_code_builds_again(
    settings: TorchServeSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    """Both files that a worker runs belong to the archive."""
    build_tiny(settings)
    changed = tmp_path / "changed.py"
    changed.write_bytes(getattr(contents, part).read_bytes() + b"# other")
    monkeypatch.setattr(contents, part, changed)
    assert "exporting" in build_tiny(settings)[0]


def test_changed_weights_are_refused(settings: TorchServeSettings) -> None:
    """A weights file that the registry does not vouch for never becomes an archive."""
    model = load_registry(settings.registry).models[0]
    model.weights.write_bytes(b"other weights")
    with pytest.raises(ArchiveError, match="SHA-256"):
        build_tiny(settings)
    assert not list(settings.store.glob("*.mar"))


def test_a_failed_export_leaves_the_old_archive_and_no_rubbish(
    settings: TorchServeSettings,
) -> None:
    """The server can still start with what was good before."""
    build_tiny(settings)
    before = (settings.store / f"{SERVED_NAME}.mar").read_bytes()
    names = sorted(path.name for path in settings.store.iterdir())

    def fail(model: Model, out: Path) -> None:
        out.write_bytes(b"half")
        message = model.name
        raise ArchiveError(message)

    changed = settings.model_copy(update={"threads": 2})
    with pytest.raises(ArchiveError):
        build(load_registry(settings.registry), changed, print, fail)
    assert (settings.store / f"{SERVED_NAME}.mar").read_bytes() == before
    assert sorted(path.name for path in settings.store.iterdir()) == names


def test_an_archive_that_was_touched_is_noticed(settings: TorchServeSettings) -> None:
    """An archive is code that TorchServe runs: a changed byte must not start."""
    build_tiny(settings)
    served = served_here(load_registry(settings.registry))[0]
    contents.verify(served, settings.store)
    archive = settings.store / f"{SERVED_NAME}.mar"
    archive.write_bytes(archive.read_bytes() + b"!")
    with pytest.raises(ArchiveError, match="not the file that was built"):
        contents.verify(served, settings.store)
    assert "exporting" in build_tiny(settings)[0]


def test_the_command_says_what_is_wrong_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A missing registry is one sentence and a status, not a stack trace."""
    arguments = ["--registry", str(tmp_path / "none.yaml"), "--store", str(tmp_path / "store")]
    assert main(arguments) == 1
    assert "none.yaml is missing" in capsys.readouterr().err


def test_a_pool_may_serve_some_of_the_models(settings: TorchServeSettings) -> None:
    """And a name that nobody knows is told with those there are."""
    registry = load_registry(settings.registry)
    (model,) = registry.models
    assert served_here(registry, frozenset({model.name})) == served_here(registry)
    with pytest.raises(UnknownModelsError, match=f"names none-such, and .* {model.name}"):
        served_here(registry, frozenset({"none-such"}))
    assert TorchServeSettings(models="a-b,c-d").model_names == {"a-b", "c-d"}
