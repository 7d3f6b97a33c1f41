"""Settings come from the environment, and wrong ones are named."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from mien_detector.settings import Settings
from mien_detector.types import DetectorChoice


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mien_detector", *arguments],
        env={"PATH": "", "HOME": "/nonexistent", **environment},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_everything_has_a_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty environment is enough."""
    monkeypatch.delenv("MIEN_MAX_IMAGE_BYTES", raising=False)
    settings = Settings()
    assert settings.address == "127.0.0.1:50051"
    assert settings.detector is DetectorChoice.AUTO
    assert settings.limits.max_bytes == 10_000_000
    assert settings.limits.max_pixels == 40_000_000


def test_every_setting_says_what_it_means() -> None:
    """`--help` shows a line for each."""
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_the_image_limit_drives_the_message_limit() -> None:
    """One setting, and room for what is sent beside the picture."""
    assert Settings(max_image_bytes=5_000).message_bytes == 5_000 + 65_536


def test_the_model_folder_is_looked_into_before_the_cache() -> None:
    """Without one there is only the cache."""
    assert Settings().model_source.folders == ()
    assert Settings(model_dir=Path("models")).model_source.folders == (Path("models"),)


@pytest.mark.parametrize("address", ["50051", "host:", "host:port", ""])
def test_an_address_needs_host_and_port(address: str) -> None:
    """Anything else is refused when settings are read."""
    with pytest.raises(ValidationError):
        Settings(address=address)


def test_the_environment_is_read_under_the_documented_names() -> None:
    """The prefix for its own settings, the shared names for shared ones."""
    done = run("--print-config", MIEN_DETECTOR_WORKERS="3", MIEN_MAX_IMAGE_PIXELS="1000")
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert printed["workers"] == 3
    assert printed["max_image_pixels"] == 1000


def test_wrong_settings_are_named_and_end_the_program() -> None:
    """Each with the variable, the fault and the value; exit status 2."""
    done = run(MIEN_DETECTOR_WORKERS="0", MIEN_MAX_IMAGE_BYTES="many")
    assert done.returncode == 2
    lines = sorted(done.stderr.splitlines())
    assert lines[0].startswith("MIEN_DETECTOR_WORKERS: ")
    assert lines[0].endswith("not '0'")
    assert lines[1].startswith("MIEN_MAX_IMAGE_BYTES: ")


def test_help_lists_every_variable() -> None:
    """With its default and its meaning."""
    done = run("--help")
    assert done.returncode == 0
    for name in ("MIEN_DETECTOR_MODEL_DIR", "MIEN_DETECTOR_QUEUE=32", "MIEN_MAX_IMAGE_BYTES="):
        assert name in done.stdout


def test_the_readme_lists_every_variable() -> None:
    """A reader finds each setting without starting anything."""
    readme = Path(__file__).parents[3] / "services/face-detector/README.md"
    names = [
        str(field.validation_alias or f"MIEN_DETECTOR_{name.upper()}")
        for name, field in Settings.model_fields.items()
    ]
    text = readme.read_text(encoding="utf-8")
    assert [name for name in names if f"| `{name}` |" not in text] == []
